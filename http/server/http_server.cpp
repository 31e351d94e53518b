#include "http/server/http_server.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <atomic>
#include <iterator>
#include <latch>
#include <stdexcept>

namespace weappd::http {

http_server::http_server(server_context& server, std::vector<route> routes)
    : server_(server), routes_(std::move(routes)) {
  server_.metrics.know(routes_);
}

// Each io thread has a listener, and each socket has one, too: one that nobody accepts from would keep its
// clients waiting. If the threads are more, some share a socket; which of them gets a client is chance then.
void http_server::listen(caf::actor_system& system, const listening_sockets& sockets,
                         const listener_kind& kind) {
  std::vector<std::shared_ptr<listener>> made; // alive until each has begun to accept
  std::vector<placed> added;
  make_desks(system);
  try {
    const auto& units = io_coordinator::of(system).units();
    for (std::size_t i = 0; i < std::max(units.size(), sockets.all.size()); ++i) {
      const auto thread = i % units.size();
      const auto& socket = sockets.all[i % sockets.all.size()];
      made.push_back(std::make_shared<listener>(*desks_[thread], *units[thread], kind, another_of(socket),
                                                sockets.held_elsewhere));
      made.back()->listen();
      added.push_back({units[thread].get(), made.back(), kind.may_hand_on()});
    }
  } catch (const boost::system::system_error& error) {
    throw std::runtime_error("cannot listen on port " + std::to_string(sockets.port) + ": " +
                             error.code().message());
  }
  listeners_.insert(listeners_.end(), added.begin(), added.end());
  on_every_thread(added, [](listener& one) { one.start(); });
}

std::uint16_t http_server::listen(caf::actor_system& system, const std::string& address, std::uint16_t port,
                                  const listener_kind& kind) {
  const auto sockets = bind_sockets(address, port, io_coordinator::of(system).units().size());
  listen(system, sockets, kind);
  return sockets.port;
}

void http_server::stop_accepting(listener::waiting_clients these) {
  on_every_thread(listeners_, [these](listener& one) { one.stop_accepting(these); });
}

void http_server::close_connections() {
  on_every_thread(listeners_, [](listener& one) { one.close_all(); });
}

void http_server::take_over(std::vector<socket_handle> clients) {
  std::vector<placed> takers;
  std::ranges::copy_if(listeners_, std::back_inserter(takers), &placed::may_hand_on);
  for (std::size_t i = 0; i < clients.size() && !takers.empty(); ++i) {
    const auto& taker = takers[i % takers.size()];
    boost::asio::post(taker.unit->context(), [one = taker.one, client = std::move(clients[i])]() mutable {
      if (const auto listens = one.lock())
        listens->take_over(std::move(client));
    });
  }
}

std::size_t http_server::leave(const departure& how) {
  std::atomic<std::size_t> needed = 0;
  on_every_thread(listeners_, [&](listener& one) { needed += one.leave(how); });
  return needed;
}

void http_server::make_desks(caf::actor_system& system) {
  if (desks_.empty())
    for (auto& unit : io_coordinator::of(system).units())
      desks_.push_back(std::make_unique<dispatcher>(server_, routes_, system, *unit, handed_on_));
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
