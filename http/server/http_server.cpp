#include "http/server/http_server.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <latch>
#include <stdexcept>

namespace weappd::http {
namespace {

using boost::asio::ip::tcp;

/// SO_REUSEPORT would let a second weappd share the port without a word. So first ask for it without.
void refuse_if_taken(const tcp::endpoint& where) {
  boost::asio::io_context context;
  tcp::acceptor probe(context);
  probe.open(where.protocol());
  probe.set_option(boost::asio::socket_base::reuse_address(true)); // connections in TIME_WAIT do not matter
  probe.bind(where);
}

} // namespace

http_server::http_server(server_context& server, std::vector<route> routes)
    : server_(server), routes_(std::move(routes)) {
  server_.metrics.know(routes_);
}

void http_server::listen(caf::actor_system& system, const std::string& address, std::uint16_t port) {
  std::vector<std::shared_ptr<listener>> made; // alive until each has begun to accept
  try {
    tcp::endpoint where(boost::asio::ip::make_address(address), port);
    if (port != 0)
      refuse_if_taken(where);
    for (auto& unit : io_coordinator::of(system).units()) {
      units_.push_back(unit.get());
      desks_.push_back(std::make_unique<dispatcher>(server_, routes_, system, *unit));
      made.push_back(std::make_shared<listener>(*desks_.back(), *unit));
      where = made.back()->bind(where); // the first may choose the port, the others take the same
    }
    port_ = where.port();
  } catch (const boost::system::system_error& error) {
    units_.clear();
    desks_.clear();
    throw std::runtime_error("cannot listen on " + address + ":" + std::to_string(port) + ": " +
                             error.code().message());
  }
  listeners_.assign(made.begin(), made.end());
  on_every_thread([](listener& one) { one.start(); });
}

void http_server::stop_accepting() {
  on_every_thread([](listener& one) { one.stop_accepting(); });
}

void http_server::close_connections() {
  on_every_thread([](listener& one) { one.close_all(); });
}

template <class F>
void http_server::on_every_thread(F&& act) {
  std::latch finished(static_cast<std::ptrdiff_t>(listeners_.size()));
  for (std::size_t i = 0; i < listeners_.size(); ++i)
    boost::asio::post(units_[i]->context(), [&, i] {
      if (const auto one = listeners_[i].lock()) // gone once it has closed its connections
        act(*one);
      finished.count_down();
    });
  finished.wait();
}

} // namespace weappd::http
