#include "http/server/listener.hpp"

#include "http/server/dispatcher.hpp"
#include "http/server/listening_sockets.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace weappd::http {
namespace {

constexpr auto sweep_interval = std::chrono::milliseconds(100);
// Out of descriptors or memory: accepting again at once would only burn the processor.
constexpr auto accept_retry = std::chrono::milliseconds(100);
// Connections of one io thread whose PROXY header is not there yet; one more is closed.
constexpr std::size_t max_greetings = 1024;

boost::asio::ip::tcp protocol_of(const socket_handle& socket) {
  int family = AF_INET;
  socklen_t size = sizeof family;
  ::getsockopt(socket.get(), SOL_SOCKET, SO_DOMAIN, &family, &size);
  return family == AF_INET6 ? boost::asio::ip::tcp::v6() : boost::asio::ip::tcp::v4();
}

} // namespace

listener::listener(dispatcher& desk, io_unit& unit, const listener_kind& kind, socket_handle socket,
                   bool held_elsewhere)
    : desk_(desk), unit_(unit), kind_(kind), held_elsewhere_(held_elsewhere), acceptor_(unit.context()),
      sweep_timer_(unit.context()), retry_timer_(unit.context()) {
  acceptor_.assign(protocol_of(socket), socket.release());
}

void listener::listen() {
  acceptor_.listen(listen_backlog);
}

void listener::start() {
  do_accept();
  do_sweep();
}

// Others may hold the same socket, and then epoll would tell us of its clients for ever: unlike close(),
// release() takes it out of there.
void listener::stop_accepting(waiting_clients these) {
  if (!acceptor_.is_open())
    return;
  boost::system::error_code none_left;
  if (these == waiting_clients::are_served && !held_elsewhere_) {
    acceptor_.non_blocking(true, none_left);
    for (int i = 0; i < listen_backlog && !none_left; ++i) {
      tcp_socket socket(unit_.context());
      acceptor_.accept(socket, none_left);
      if (!none_left)
        welcome(std::move(socket));
    }
  }
  const socket_handle last(acceptor_.release(none_left));
  retry_timer_.cancel();
}

void listener::take_over(socket_handle client) {
  if (closed_)
    return;
  const auto protocol = protocol_of(client);
  welcome(tcp_socket(unit_.context(), protocol, client.release()));
}

std::size_t listener::leave(const departure& how) {
  std::vector<connection_ptr> all; // a copy, as in a sweep
  for (auto& one : connections_)
    all.emplace_back(&one);
  const auto needed = std::ranges::count_if(all, [&](auto& one) { return one->leave(how); });
  return static_cast<std::size_t>(needed) + (how.is_late ? 0 : greetings_.size());
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
  for (auto& one : greetings_)
    one.close();
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
  if (kind_.proxy_protocol)
    return greet(std::move(socket), peer);
  admit(std::move(socket), peer);
}

/// Whoever is no trusted proxy could say that he is anybody.
void listener::greet(tcp_socket socket, const ip_address& proxy) {
  if (!desk_.is_trusted_proxy(proxy) || greetings_.size() >= max_greetings)
    return;
  proxy_greeting_ptr one(new proxy_greeting(
      std::move(socket), proxy, [self = shared_from_this()](tcp_socket ready, const ip_address& client) {
        if (!self->closed_)
          self->admit(std::move(ready), client);
      }));
  greetings_.push_back(*one);
  one->start();
}

void listener::admit(tcp_socket socket, const ip_address& peer) {
  const auto admitted = desk_.connections().open(peer);
  if (admitted == admission::dropped)
    return;
  std::unique_ptr<tls_session> session;
  if (kind_.tls != nullptr) {
    // A handshake costs more than all else: who is one too many does not get one to be told so.
    if (admitted == admission::welcome)
      session = kind_.tls->open();
    if (!session)
      return desk_.connections().close(peer, admitted);
  }
  connection_ptr one(new connection(std::move(socket), peer, admitted, unit_, desk_, std::move(session),
                                    kind_.may_hand_on()));
  connections_.push_back(*one);
  one->start();
}

void listener::sweep_greetings(std::chrono::steady_clock::time_point now) {
  const std::chrono::milliseconds patience(desk_.settings().header_timeout_ms);
  for (auto& one : greetings_)
    one.sweep(now, patience);
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
    self->sweep_greetings(now);
    self->do_sweep();
  });
}

} // namespace weappd::http
