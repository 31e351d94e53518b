#pragma once

#include "http/server/dispatcher.hpp"
#include "http/server/io_coordinator.hpp"
#include "http/server/listener.hpp"
#include "http/server/listening_sockets.hpp"
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

  /// Serves who comes to these sockets, by descriptors of its own. Once for each address; what `kind`
  /// refers to outlives the server. Throws std::runtime_error.
  void listen(caf::actor_system& system, const listening_sockets& sockets, const listener_kind& kind = {});
  /// The same on sockets of its own (bind_sockets); answers the port.
  std::uint16_t listen(caf::actor_system& system, const std::string& address, std::uint16_t port,
                       const listener_kind& kind = {});

  /// No new connections from now on. Returns when every io thread has closed its socket.
  void stop_accepting(listener::waiting_clients these = listener::waiting_clients::are_served);
  /// Closes all connections, busy or not. Returns when done.
  void close_connections();

  /// Clients of a server that ends: each is served as if it had just come, by a plain listener. Without one
  /// they are hung up on.
  void take_over(std::vector<socket_handle> clients);
  /// One step of leaving: see connection::leave(). How many connections are still needed.
  std::size_t leave(const departure& how);
  /// Those that were handed on since it was last asked.
  std::vector<socket_handle> take_handed_on() { return handed_on_.take(); }

private:
  struct placed {
    io_unit* unit;
    std::weak_ptr<listener> one; ///< owns itself
    bool may_hand_on;
  };
  template <class F>
  static void on_every_thread(const std::vector<placed>& listeners, F&& act);
  void make_desks(caf::actor_system& system);

  server_context& server_;
  router routes_;
  handed_on_sockets handed_on_;
  std::vector<std::unique_ptr<dispatcher>> desks_; ///< one for each io thread; connections refer to them
  std::vector<placed> listeners_;                  ///< for each address one for each io thread
};

} // namespace weappd::http
