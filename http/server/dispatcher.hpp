#pragma once

#include "http/server/authenticator.hpp"
#include "http/server/ban_gate.hpp"
#include "http/server/challenge_gate.hpp"
#include "http/server/concurrency_limit.hpp"
#include "http/server/connection.hpp"
#include "http/server/departure.hpp"
#include "http/server/filter_gate.hpp"
#include "http/server/request_context.hpp"
#include "http/server/server_context.hpp"

#include <boost/asio/ip/address.hpp>
#include <caf/actor_system.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weappd::http {

/// What the connections of one io thread share: it takes each complete request, decides at once what needs no
/// actor (no such route, wrong method, CORS, shedding) and makes a request actor for the rest. One for each
/// io thread and listener; used on that thread only.
class dispatcher {
public:
  /// `handed_on`: where connections go that another process shall serve.
  dispatcher(server_context& server, const router& routes, caf::actor_system& system, io_unit& unit,
             handed_on_sockets& handed_on);

  /// Either answers through the connection or makes a request actor that will.
  void take(connection& client, request& wanted);
  /// The request actor that take() made has answered, or will not.
  void request_ended(const route& target) noexcept;
  /// An answer has been put into the connection's buffer, `now`; its request was complete at `taken`.
  void answered(const connection::request_facts& facts, const response& answer,
                std::chrono::steady_clock::time_point taken, std::chrono::steady_clock::time_point now);

  [[nodiscard]] guard_limits limits();
  [[nodiscard]] const http_options& settings() const noexcept { return server_.settings.http; }
  [[nodiscard]] bool stopping() const noexcept { return server_.stopping.load(std::memory_order_relaxed); }
  /// Is each answer the last one of its connection?
  [[nodiscard]] bool closing(bool may_hand_on) const noexcept {
    return server_.closing.load(std::memory_order_relaxed) &&
           (!may_hand_on || !server_.handing_on.load(std::memory_order_relaxed));
  }
  void hand_on(socket_handle client) { handed_on_.put(std::move(client)); }
  /// On a connection that we have ended there came something.
  void came_too_late() noexcept { server_.too_late.fetch_add(1, std::memory_order_relaxed); }
  [[nodiscard]] std::string_view date();
  /// The line for answers that go out over TLS; empty unless browsers shall remember it.
  [[nodiscard]] std::string_view strict_transport() const noexcept { return server_.strict_transport; }
  /// Room for what a TLS connection reads, which it keeps nothing of.
  [[nodiscard]] std::span<char> wire_buffer();
  /// 128 random bits as 32 hexadecimal digits.
  [[nodiscard]] short_text new_request_id();
  /// For request_facts::cors_fields.
  [[nodiscard]] std::string_view cors_fields_for(const request& wanted) const {
    return server_.cors.fields_for(wanted.origin);
  }
  /// The client's own when it matches [A-Za-z0-9._-]{8,64}, else a new one.
  [[nodiscard]] short_text request_id_for(const request& wanted);

  [[nodiscard]] bool is_trusted_proxy(const ip_address& peer) const noexcept {
    return is_trusted(peer, server_.trusted_proxies);
  }
  [[nodiscard]] connection_counter& connections() noexcept { return server_.connections; }

private:
  /// The requests for one route that came to this thread.
  struct gate {
    concurrency_limit limit;
    std::uint32_t in_flight = 0;
  };
  [[nodiscard]] gate& gate_of(const route& target) noexcept { return gates_[routes_.index_of(target)]; }
  bool let_in(const route& target);
  void refuse_banned(connection& client, std::chrono::seconds rest, bool problem);
  void authenticate(const request& wanted, request_context& context);
  void look_for_news();
  void gather_kept_fields();
  void find_limits(const connection& client, const request& wanted, request_context& context);
  [[nodiscard]] ip_address client_of(const connection& client, const request& wanted) const;

  server_context& server_;
  const router& routes_;
  caf::actor_system& system_;
  io_unit& unit_;
  handed_on_sockets& handed_on_;
  authenticator authenticator_;
  std::uint64_t limits_version_ = 0;
  std::shared_ptr<const limit_rules> limits_; ///< a copy for this thread: counting its users costs nothing
  std::shared_ptr<const std::vector<std::string>> kept_fields_; ///< of limits and filter
  std::vector<gate> gates_;                                     ///< in the order of the routes
  ban_gate bans_;
  challenge_gate challenges_;
  filter_gate filter_;
  date_cache dates_;
  static constexpr std::size_t wire_buffer_size = 65'536;
  std::unique_ptr<char[]> wire_buffer_; ///< made when the first TLS connection wants it
  std::uint64_t random_state_[4];       ///< xoshiro256**: ids need to differ, not to be secret
};

} // namespace weappd::http
