// How a server begins and ends so that its clients notice as little as can be.
#include "http/daemon/daemon.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

namespace weappd {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr auto look_again = milliseconds(2);
// How long the rest of a request that has begun to come, or of a handshake, is waited for while nobody
// accepts. Who is slower gets 503, or comes again: everybody else waits for him.
constexpr auto patience_with_slow_clients = std::chrono::seconds(1);
// How long the last answers may take to be fetched.
constexpr auto patience_with_last_answers = milliseconds(500);
constexpr auto patience_while_others_wait = milliseconds(100);
// A predecessor ends within its own bounds; this comes on top, for its store and its threads.
constexpr auto patience_with_predecessor = std::chrono::seconds(30);

/// Waits for a condition that other threads make true; false when the time is up.
template <class F>
bool wait_until(milliseconds limit, F&& condition) {
  const auto end = steady_clock::now() + limit;
  while (!condition()) {
    if (steady_clock::now() > end)
      return false;
    std::this_thread::sleep_for(look_again);
  }
  return true;
}

struct place {
  std::string name;
  const std::string& address;
  std::int32_t port;
};

std::array<place, 4> places_of(const options& values) {
  return {{{"http", values.http.address, values.http.port},
           {"https", values.http.tls.address, values.http.tls.port},
           {"metrics", values.metrics.address, values.metrics.port},
           {"admin", values.admin.address, values.admin.port}}};
}

/// Its clients would find nothing of theirs in another store. Throws if it has another one.
void require_same_store(const predecessor& before, const options& values, event_log& events) {
  if (before.store().empty()) {
    events.write(event_level::warn, "handover.store_unknown",
                 {{"reason", "the server that runs is of a version that does not say which store it has"}});
    return;
  }
  if (before.store() != identity_of_store(values.store.path))
    throw std::runtime_error(
        "store.path: '" + values.store.path + "' is not the store of the server that runs at '" +
        values.http.handover_socket +
        "', which goes on: give both the same store.path, or stop that one before another store is used");
}

} // namespace

/// Sockets that somebody keeps for us are used wherever they are; those of a predecessor if they are where
/// the configuration wants them; others are opened.
void daemon::bind_listeners() {
  if (!values_.http.handover_socket.empty()) {
    predecessor_ = predecessor::find(values_.http.handover_socket);
    if (predecessor_) {
      require_one_name(values_.store.path);
      require_same_store(*predecessor_, values_, log_);
    }
    // Twice: for requests, and then for connections.
    door_.emplace(values_.http.handover_socket,
                  milliseconds(values_.http.drain_ms + 2 * values_.http.stop_timeout_ms) +
                      patience_with_predecessor,
                  log_);
  }
  for (const auto& [name, address, port] : places_of(values_)) {
    if (port < 0)
      continue;
    const auto wanted = static_cast<std::uint16_t>(port);
    auto& sockets = sockets_[name];
    if (auto kept = inherited_.extract(name)) {
      sockets = http::adopt_sockets(std::move(kept.mapped()));
      sockets.held_elsewhere = true;
      continue;
    }
    if (predecessor_)
      if (auto handed = predecessor_->listeners().extract(name))
        sockets = http::adopt_sockets(std::move(handed.mapped()));
    if (!http::listen_at(sockets, address, wanted))
      sockets = http::bind_sockets(address, wanted, io_threads_);
  }
  if (!inherited_.empty())
    throw std::runtime_error("a socket was handed in for the listener '" + inherited_.begin()->first +
                             "', which is not on; there are http, https, metrics and admin");
}

void daemon::follow_predecessor() {
  if (!predecessor_)
    return;
  const auto begin = steady_clock::now();
  left_clients_ = predecessor_->follow(milliseconds(values_.http.drain_ms + values_.http.stop_timeout_ms) +
                                       patience_with_predecessor);
  followed_ = true;
  if (predecessor_->incomplete())
    log_.write(event_level::error, "handover.incomplete",
               {{"reason", "too few descriptors (RLIMIT_NOFILE)"}});
  predecessor_.reset();
  std::size_t clients = 0;
  for (const auto& [server, sockets] : left_clients_)
    clients += sockets.size();
  log_.write(
      event_level::info, "handover.taken",
      {{"connections", std::to_string(clients)},
       {"waited_ms",
        std::to_string(std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin).count())}});
}

void daemon::listen() {
  const auto serve = [this](const std::string& name, http::http_server& server,
                            const http::listener_kind& kind = {}) {
    const auto found = sockets_.find(name);
    if (found == sockets_.end())
      return std::uint16_t{0};
    server.listen(*system_, found->second, kind);
    return found->second.port;
  };
  http_port_ = serve("http", public_server_, {.proxy_protocol = values_.http.proxy_protocol});
  https_port_ = serve("https", public_server_,
                      {.tls = tls_ ? &*tls_ : nullptr, .proxy_protocol = values_.http.tls.proxy_protocol});
  metrics_port_ = serve("metrics", metrics_server_);
  admin_port_ = serve("admin", admin_server_);
  public_server_.take_over(std::move(left_clients_["public"]));
  metrics_server_.take_over(std::move(left_clients_["metrics"]));
  admin_server_.take_over(std::move(left_clients_["admin"]));
  left_clients_.clear();
  if (door_)
    door_->open(sockets_, identity_of_store(values_.store.path), [this] {
      if (on_successor_)
        on_successor_();
    });
}

void daemon::drain() {
  begin_drain(false);
  log_.write(event_level::info, "server.draining", {});
}

/// Where a successor serves on, nobody shall be sent elsewhere: readyz does not fail, and the connections
/// that it can take go on.
void daemon::begin_drain(bool followed) {
  const std::lock_guard guard(draining_);
  if (!drained_since_)
    drained_since_ = steady_clock::now();
  if (followed)
    context_.handing_on = true;
  else
    context_.draining = true;
  context_.closing = true;
}

/// With a successor it is for those connections alone that cannot be handed on: https, and PROXY protocol.
void daemon::wait_for_drain(bool followed) {
  if (followed && !tls_ && !values_.http.proxy_protocol)
    return;
  std::this_thread::sleep_until(*drained_since_ + milliseconds(values_.http.drain_ms));
}

void daemon::let_clients_go(bool followed) {
  const bool others_serve_on =
      followed || std::ranges::any_of(sockets_, [](const auto& one) { return one.second.held_elsewhere; });
  if (others_serve_on)
    leave(followed);
  const milliseconds patience(values_.http.stop_timeout_ms);
  context_.stopping = true; // no request begins from here on; idle connections are closed by their sweep
  public_server_.stop_accepting();
  sockets_.erase("http");
  sockets_.erase("https");
  if (!wait_until(patience, [this] { return context_.in_flight == 0; }))
    log_.write(event_level::warn, "server.stop_timed_out",
               {{"in_flight", std::to_string(context_.in_flight)}});
  // The last answers leave; then whoever does not hang up is hung up on.
  wait_until(std::min(patience, others_serve_on ? patience_while_others_wait : patience_with_last_answers),
             [this] { return context_.connections.count() == 0; });
  if (followed)
    hand_on_clients(); // those whose answer came late
  metrics_server_.stop_accepting();
  admin_server_.stop_accepting();
  sockets_.clear();
  public_server_.close_connections();
  metrics_server_.close_connections();
  admin_server_.close_connections();
}

/// New clients are left to whoever holds the sockets from now on; all others are served until nobody is owed
/// an answer.
void daemon::leave(bool followed) {
  const auto begin = steady_clock::now();
  const auto step = [&](http::http_server& server) {
    using http::listener; // a socket of ours that nobody else holds is emptied first
    server.stop_accepting(followed ? listener::waiting_clients::are_left
                                   : listener::waiting_clients::are_served);
    const auto now = steady_clock::now();
    return server.leave(
        {.has_successor = followed, .is_late = now - begin > patience_with_slow_clients, .now = now});
  };
  wait_until(milliseconds(values_.http.stop_timeout_ms), [&] {
    auto needed = step(public_server_);
    if (followed) {
      needed += step(metrics_server_) + step(admin_server_);
      hand_on_clients();
    }
    return needed == 0;
  });
}

/// Those that the io threads have let go of since the last time.
void daemon::hand_on_clients() {
  door_->hand_on("public", public_server_.take_handed_on());
  door_->hand_on("metrics", metrics_server_.take_handed_on());
  door_->hand_on("admin", admin_server_.take_handed_on());
}

} // namespace weappd
