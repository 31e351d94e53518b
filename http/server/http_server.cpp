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

std::uint16_t http_server::listen(caf::actor_system& system, const std::string& address, std::uint16_t port,
                                  tls_service* tls) {
  std::vector<std::shared_ptr<listener>> made; // alive until each has begun to accept
  std::vector<placed> added;
  tcp::endpoint where;
  make_desks(system);
  try {
    where = {boost::asio::ip::make_address(address), port};
    if (port != 0)
      refuse_if_taken(where);
    const auto& units = io_coordinator::of(system).units();
    for (std::size_t i = 0; i < units.size(); ++i) {
      made.push_back(std::make_shared<listener>(*desks_[i], *units[i], tls));
      where = made.back()->bind(where); // the first may choose the port, the others take the same
      added.push_back({units[i].get(), made.back()});
    }
  } catch (const boost::system::system_error& error) {
    throw std::runtime_error("cannot listen on " + address + ":" + std::to_string(port) + ": " +
                             error.code().message());
  }
  listeners_.insert(listeners_.end(), added.begin(), added.end());
  on_every_thread(added, [](listener& one) { one.start(); });
  return where.port();
}

void http_server::stop_accepting() {
  on_every_thread(listeners_, [](listener& one) { one.stop_accepting(); });
}

void http_server::close_connections() {
  on_every_thread(listeners_, [](listener& one) { one.close_all(); });
}

void http_server::make_desks(caf::actor_system& system) {
  if (desks_.empty())
    for (auto& unit : io_coordinator::of(system).units())
      desks_.push_back(std::make_unique<dispatcher>(server_, routes_, system, *unit));
}

template <class F>
void http_server::on_every_thread(const std::vector<placed>& listeners, F&& act) {
  std::latch finished(static_cast<std::ptrdiff_t>(listeners.size()));
  for (const auto& each : listeners)
    boost::asio::post(each.unit->context(), [&act, &finished, &each] {
      if (const auto one = each.one.lock()) // gone once it has closed its connections
        act(*one);
      finished.count_down();
    });
  finished.wait();
}

} // namespace weappd::http
