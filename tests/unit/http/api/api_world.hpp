#pragma once

#include "config/options.hpp"
#include "messages/error.hpp"
#include "messages/health.hpp"
#include "messages/once.hpp"
#include "messages/outbox.hpp"
#include "messages/push.hpp"
#include "messages/rate.hpp"
#include "messages/service.hpp"
#include "messages/session.hpp"
#include "messages/time.hpp"
#include "messages/token.hpp"
#include "tests/kit/net/raw_http.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weappd::http::test {

/// What the fakes behind the API do and what they were asked. Shared with their threads: take the lock, or
/// set it before the first request.
struct fakes {
  template <class T>
  using outcome = std::variant<T, ec>;

  std::mutex mutex;

  // pusher
  std::function<outcome<message_accepted>(const accept_message&)> accept; ///< unset: queued
  std::vector<accept_message> accepted;
  std::vector<retry_message> retried;
  std::optional<ec> retry_fails;

  // store
  std::map<std::uint64_t, message_record> messages;
  std::optional<list_messages> listed;
  std::uint64_t total = 0;
  std::vector<record_consents> consents;
  std::optional<ec> consents_fail;

  // once desk, with what the store keeps for it
  struct slot {
    keyed_hash fingerprint;
    std::optional<kept_answer> kept; ///< nothing: running
  };
  std::map<keyed_hash, slot> slots;
  std::size_t began = 0, ended_with_answer = 0, ended_without = 0;
  bool keeping_fails = false;

  // the rest
  std::vector<authenticate_client> authenticated;
  std::vector<std::uint64_t> rejected_epochs;
  std::optional<token_lease> lease;
  std::map<std::string, status_report> states; ///< of "push.0", "templates.demo", ...; unset: ok
  std::optional<user_id> revoked;              ///< this user's session is gone
  std::optional<user_id> locked;               ///< this user is locked
  std::size_t profiles_asked = 0;              ///< of any user
  std::vector<session_summary> sessions;       ///< of every user, newest first
  std::vector<policy_id> policies;             ///< that the limiter was asked for
  std::atomic<bool> hold_pusher{false}, hold_desk{false};
  std::atomic<std::size_t> held{0}; ///< questions that wait in the pusher or the desk
  std::atomic<bool> no_ids{false};
};

/// All routes of the API over real sockets, with fakes behind them. The configuration:
///
///     apps       demo (mini program, default), demo_oa (official account)
///     templates  custom:order_paid (one-time: character_string1, thing4), custom:ticket_ready (long-term:
///     thing1,
///                with the text "Ticket {{number}}"), industry:order_confirm (official account: thing2)
///     clients    shop (both scopes), reader (token:read), idle (none)
class api_world {
public:
  explicit api_world(const std::function<void(options&)>& wish = {});
  ~api_world();

  fakes& the();
  /// 2026-11-25T12:00:00.000Z; stands still.
  [[nodiscard]] timestamp now() const;
  [[nodiscard]] std::uint16_t port() const;

  [[nodiscard]] kit::http_response get(std::string_view path, const kit::field_list& fields) const;
  [[nodiscard]] kit::http_response post(std::string_view path, const nlohmann::json& body,
                                        const kit::field_list& fields) const;
  /// Header fields with the access token of a user or a service client.
  [[nodiscard]] kit::field_list user(std::uint64_t id = 42) const;
  [[nodiscard]] kit::field_list client(std::string_view id = "shop") const;

  /// Whoever waits in the pusher or the desk gets its answer.
  void let_go();
  void kill_pusher();
  [[nodiscard]] bool is_at_rest() const;
  [[nodiscard]] std::string policy_name(policy_id id) const;

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

/// The same fields and one more.
kit::field_list with(kit::field_list fields, std::string name, std::string value);
/// "field: problem" of each detail.
std::vector<std::string> details_of(const kit::http_response& answer);
/// The code of a failure is this one, and so is the status.
bool is_failure(const kit::http_response& answer, ec code);

} // namespace weappd::http::test
