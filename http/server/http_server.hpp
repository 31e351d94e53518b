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

/// Routes and the addresses where they are served, on all io threads. Must be destroyed after the actor
/// system, because connections that are still known to actors refer to it; its functions are only for the
/// time when the system lives, and not for io threads.
class http_server {
public:
  http_server(server_context& server, std::vector<route> routes);
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  /// Listens, and answers the port; 0 takes a free one. Throws std::runtime_error with the address when it
  /// cannot be had, also when another process listens on it already. Once for each address; `tls` outlives
  /// the server and is null for plain HTTP.
  std::uint16_t listen(caf::actor_system& system, const std::string& address, std::uint16_t port,
                       tls_service* tls = nullptr);

  /// No new connections from now on. Returns when every io thread has closed its socket.
  void stop_accepting();
  /// Closes all connections, busy or not. Returns when done.
  void close_connections();

private:
  struct placed {
    io_unit* unit;
    std::weak_ptr<listener> one; ///< owns itself
  };
  template <class F>
  static void on_every_thread(const std::vector<placed>& listeners, F&& act);
  void make_desks(caf::actor_system& system);

  server_context& server_;
  router routes_;
  std::vector<std::unique_ptr<dispatcher>> desks_; ///< one for each io thread; connections refer to them
  std::vector<placed> listeners_;                  ///< for each address one for each io thread
};

} // namespace weappd::http
