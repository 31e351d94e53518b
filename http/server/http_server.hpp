#pragma once

#include "http/server/dispatcher.hpp"
#include "http/server/io_coordinator.hpp"
#include "http/server/listener.hpp"
#include "http/server/router.hpp"
#include "http/server/server_context.hpp"

#include <caf/actor_system.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace weappd::http {

/// One listening address with its routes, on all io threads. Must be destroyed after the actor system,
/// because connections that are still known to actors refer to it; its functions are only for the time when
/// the system lives, and not for io threads.
class http_server {
public:
  http_server(server_context& server, std::vector<route> routes);
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  /// Listens; port 0 takes a free one. Throws std::runtime_error with the address when it cannot be had, also
  /// when another process listens on it already.
  void listen(caf::actor_system& system, const std::string& address, std::uint16_t port);
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

  /// No new connections from now on. Returns when every io thread has closed its socket.
  void stop_accepting();
  /// Closes all connections, busy or not. Returns when done.
  void close_connections();

private:
  template <class F>
  void on_every_thread(F&& act);

  server_context& server_;
  router routes_;
  // One of each for each io thread. Connections refer to the dispatchers; the listeners own themselves.
  std::vector<io_unit*> units_;
  std::vector<std::unique_ptr<dispatcher>> desks_;
  std::vector<std::weak_ptr<listener>> listeners_;
  std::uint16_t port_ = 0;
};

} // namespace weappd::http
