#pragma once

#include "actors/factories.hpp"
#include "actors/logic/message_ids.hpp"
#include "actors/services.hpp"
#include "config/keyring.hpp"
#include "config/load.hpp"
#include "config/options.hpp"
#include "http/client/curl_client.hpp"
#include "http/client/on_demand_client.hpp"
#include "http/daemon/extension.hpp"
#include "http/daemon/handover.hpp"
#include "http/daemon/json_log.hpp"
#include "http/daemon/pool_sizer.hpp"
#include "http/daemon/store_lock.hpp"
#include "http/server/ban_figures.hpp"
#include "http/server/challenge_figures.hpp"
#include "http/server/http_server.hpp"
#include "http/server/listening_sockets.hpp"
#include "http/server/pool_figures.hpp"
#include "http/server/push_figures.hpp"
#include "http/server/rate_figures.hpp"
#include "http/tls/tls_service.hpp"
#include "messages/operators.hpp"
#include "persistence/store.hpp"
#include "simulator/server.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <prometheus/registry.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace weappd {

/// The ids of messages, once the store has said which is the newest; none before.
class stored_message_ids final : public message_id_source {
public:
  void begin(std::uint32_t node, message_id newest) { ids_.emplace(node, newest); }
  [[nodiscard]] std::optional<message_id> next(timestamp now) override {
    return ids_ ? ids_->next(now) : std::nullopt;
  }

private:
  std::optional<snowflake_message_ids> ids_;
};

/// The whole server in one process: the simulator if wanted, the store, the actors, the listeners. The order
/// of its members is the order of what depends on what; stop() takes it down in the opposite one.
class daemon {
public:
  /// `random` outlives the daemon. The simulator is there also if the configuration has the simulated
  /// gateway.
  daemon(options values, key_set keys, crypto::random_source& random, bool with_simulator,
         extension other = {});
  /// Stops.
  ~daemon();
  daemon(const daemon&) = delete;
  daemon& operator=(const daemon&) = delete;

  /// Returns when requests are answered. Throws std::runtime_error with a sentence for the operator.
  void start();
  /// Drains for http.drain_ms, waits for requests that are being worked on (at most http.stop_timeout_ms),
  /// then ends everything. With a successor, or sockets of somebody else, no client is turned away.
  void stop();

  /// Listens on these, by listener ("http", "https", "metrics", "admin"), instead of opening sockets by its
  /// configuration; before start().
  void use_sockets(named_sockets inherited) { inherited_ = std::move(inherited); }
  /// `act` is called, on another thread, when a successor is ready to start (http.handover_socket): then
  /// stop() should be called, which gives way to it. Before start().
  void when_followed(std::function<void()> act) { on_successor_ = std::move(act); }

  /// Puts other limits in force while requests are served, from any thread but the server's own. They are
  /// complete and checked, as load_options gives them. Counts of policies that count as before are kept.
  void change_limits(const std::map<std::string, limit_options>& limits);

  /// So many actors keep rate limits from now on, while they are asked; from any thread but the server's own,
  /// one change at a time. No count is lost. At most max_pool_size. `why` is for the log.
  void change_rate_limiters(std::size_t size, const std::string& why);
  /// The same for those that read the store.
  void change_store_readers(std::size_t size, const std::string& why);
  /// The same for those that send messages, which pause meanwhile: no message is lost or sent twice, and
  /// those of one user keep their order. False: they did not come to rest within eight seconds, or somebody
  /// else's actors play the role, and cannot be asked to; then everything is as before.
  [[nodiscard]] bool change_template_pushers(std::size_t size);
  void change_queue_limit(std::uint32_t messages);

  /// How the configuration is read again; before start(). Without it reload() sees the one that it has.
  void reload_from(std::function<loaded_options()> read) { read_again_ = std::move(read); }
  /// Reads the configuration again, and the files of http.tls, and applies what can be applied to a running
  /// server. What it finds wrong keeps everything as it is. Requests and connections go on either way. From
  /// any thread but the server's own, not at the same time as start() or stop().
  reload_report reload();
  /// readyz fails from now on and answers say Connection: close, yet everything is served; a stop that comes
  /// later has drained since then. From any thread.
  void drain();

  // 0 for a listener that is off:
  [[nodiscard]] std::uint16_t http_port() const noexcept { return http_port_; }
  [[nodiscard]] std::uint16_t https_port() const noexcept { return https_port_; }
  [[nodiscard]] std::uint16_t metrics_port() const noexcept { return metrics_port_; }
  [[nodiscard]] std::uint16_t admin_port() const noexcept { return admin_port_; }
  [[nodiscard]] std::uint16_t simulator_port() const noexcept { return simulator_ ? simulator_->port() : 0; }
  [[nodiscard]] std::string http_address() const;
  [[nodiscard]] std::string https_address() const;
  [[nodiscard]] std::string simulator_address() const;
  [[nodiscard]] std::string metrics_address() const;
  [[nodiscard]] std::string admin_address() const;

  /// Everybody, for tests that want to speak to an actor directly.
  [[nodiscard]] directory& parts() noexcept { return *directory_; }
  [[nodiscard]] caf::actor_system& system() noexcept { return *system_; }

private:
  void open_store();
  void take_certificate();
  // How it begins and ends in regard to its clients (daemon_clients.cpp):
  void bind_listeners();
  void follow_predecessor();
  void listen();
  void begin_drain(bool followed);
  void wait_for_drain(bool followed);
  void let_clients_go(bool followed);
  void leave(bool followed);
  void hand_on_clients();
  reload_report apply(options next);
  // The size of a pool (daemon_pools.cpp):
  void keep_places(caf::scoped_actor& self, const std::string& role, std::size_t size);
  void note_resize(const std::string& role, std::size_t from, std::size_t to, const std::string& why);
  void apply_sizes(const pool_options& next);
  [[nodiscard]] std::vector<sized_pool> pools_by_load() const;
  [[nodiscard]] std::vector<sized_pool> look_at_pools();
  void resize_by_load(const std::string& role, std::size_t size);
  template <class Handle, class Move>
  void change_pool(const std::string& role, elastic_group<Handle>& pool, std::size_t size,
                   const std::string& why, Move&& move);
  reload_report keep(const std::vector<config_problem>& problems);
  [[nodiscard]] std::vector<config_problem> reload_certificate(const tls_options& from);
  void start_actors();
  void stop_actors();

  options configured_; ///< what reload() compares with: as it was read, with what was applied since
  std::function<loaded_options()> read_again_;
  std::uint64_t limiter_changes_ = 0;
  std::mutex reloading_; ///< one reload, or change of a pool, at a time
  options values_;       ///< those of the start
  key_set keys_;
  crypto::random_source& random_;
  system_wall_clock clock_;
  prometheus::Registry registry_;
  json_log log_;
  std::optional<simulator::server> simulator_;
  store_backend_ptr store_;
  directory_ptr directory_;
  stored_message_ids message_ids_;
  http::server_metrics metrics_;
  http::push_figures push_figures_;
  http::rate_figures rate_figures_;
  http::ban_figures ban_figures_;
  http::challenge_figures challenge_figures_;
  http::pool_figures pool_figures_;
  http::server_context context_;
  std::mutex draining_; ///< guards the next one
  std::optional<std::chrono::steady_clock::time_point> drained_since_;
  extension extension_;
  std::optional<http::tls_service> tls_; ///< before the server whose connections use it
  std::string certificate_;              ///< the fingerprint of the one in use
  std::string shown_certificates_;       ///< those of it and of all that are sent with it
  const std::size_t io_threads_;
  named_sockets inherited_;
  std::map<std::string, http::listening_sockets> sockets_; ///< by listener
  std::function<void()> on_successor_;
  std::optional<predecessor> predecessor_; ///< while it starts
  bool followed_ = false;                  ///< there was a predecessor
  std::optional<store_lock> store_lock_;
  named_sockets left_clients_;         ///< of the predecessor; while it starts
  std::optional<successor_door> door_; ///< after the sockets that it gives away
  http::http_server public_server_;
  http::http_server metrics_server_;
  http::http_server admin_server_;
  caf::actor_system_config caf_config_;
  std::unique_ptr<caf::actor_system>
      system_; ///< before the servers, because actors refer to their connections
  std::shared_ptr<curl_client> wechat_client_;
  std::shared_ptr<on_demand_client> captcha_client_; ///< its own: one that hangs takes nothing from WeChat
  services_ptr services_;
  supervisor_actor supervisor_;
  std::uint16_t http_port_ = 0;
  std::uint16_t https_port_ = 0;
  std::uint16_t metrics_port_ = 0;
  std::uint16_t admin_port_ = 0;
};

/// What the simulator must know of the configuration: the apps with their secrets and templates.
std::vector<simulator::app> simulator_apps_of(const options& values);
/// The configuration of --simulate without a file (config/demo_config.hpp).
options demo_options();

} // namespace weappd
