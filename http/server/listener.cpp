#include "http/server/listener.hpp"

#include "http/server/dispatcher.hpp"

#include <sys/socket.h>

#include <chrono>
#include <vector>

namespace weappd::http {
namespace {

constexpr auto sweep_interval = std::chrono::milliseconds(100);
// Out of descriptors or memory: accepting again at once would only burn the processor.
constexpr auto accept_retry = std::chrono::milliseconds(100);
constexpr int backlog = 1024;

} // namespace

listener::listener(dispatcher& desk, io_unit& unit, tls_service* tls)
    : desk_(desk), unit_(unit), tls_(tls), acceptor_(unit.context()), sweep_timer_(unit.context()),
      retry_timer_(unit.context()) {}

listener::endpoint listener::bind(const endpoint& where) {
  acceptor_.open(where.protocol());
  acceptor_.set_option(boost::asio::socket_base::reuse_address(true));
  const int on = 1;
  if (::setsockopt(acceptor_.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
    throw boost::system::system_error(errno, boost::system::system_category(), "SO_REUSEPORT");
  acceptor_.bind(where);
  acceptor_.listen(backlog);
  return acceptor_.local_endpoint();
}

void listener::start() {
  do_accept();
  do_sweep();
}

void listener::stop_accepting() {
  boost::system::error_code none_left;
  acceptor_.non_blocking(true, none_left);
  for (int i = 0; i < backlog && !none_left; ++i) {
    tcp_socket socket(unit_.context());
    acceptor_.accept(socket, none_left);
    if (!none_left)
      welcome(std::move(socket));
  }
  acceptor_.close(none_left);
  retry_timer_.cancel();
}

void listener::close_all() {
  stop_accepting();
  closed_ = true;
  sweep_timer_.cancel();
  std::vector<connection_ptr> all;
  for (auto& one : connections_)
    all.emplace_back(&one);
  for (auto& one : all)
    one->end();
}

void listener::do_accept() {
  acceptor_.async_accept([self = shared_from_this()](boost::system::error_code failed, tcp_socket socket) {
    self->on_accept(failed, std::move(socket));
  });
}

void listener::on_accept(boost::system::error_code failed, tcp_socket socket) {
  if (!failed && !closed_)
    welcome(std::move(socket));
  if (!acceptor_.is_open())
    return;
  if (failed) {
    retry_timer_.expires_after(accept_retry);
    retry_timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
      if (!cancelled)
        self->do_accept();
    });
    return;
  }
  do_accept();
}

void listener::welcome(tcp_socket socket) {
  boost::system::error_code gone;
  const auto peer = socket.remote_endpoint(gone).address();
  if (gone)
    return;
  const auto admitted = desk_.connections().open(peer);
  if (admitted == admission::dropped)
    return;
  std::unique_ptr<tls_session> session;
  if (tls_ != nullptr) {
    // A handshake costs more than all else: who is one too many does not get one to be told so.
    if (admitted == admission::welcome)
      session = tls_->open();
    if (!session)
      return desk_.connections().close(peer, admitted);
  }
  connection_ptr one(new connection(std::move(socket), peer, admitted, unit_, desk_, std::move(session)));
  connections_.push_back(*one);
  one->start();
}

void listener::do_sweep() {
  sweep_timer_.expires_after(sweep_interval);
  sweep_timer_.async_wait([self = shared_from_this()](boost::system::error_code cancelled) {
    if (cancelled || self->closed_)
      return;
    const auto now = std::chrono::steady_clock::now();
    // A copy: a sweep may run actors whose end destroys other connections.
    std::vector<connection_ptr> all;
    for (auto& one : self->connections_)
      all.emplace_back(&one);
    for (auto& one : all)
      one->sweep(now);
    all.clear();
    self->do_sweep();
  });
}

} // namespace weappd::http
