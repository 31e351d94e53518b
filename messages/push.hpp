#pragma once

#include "messages/fwd.hpp"
#include "messages/ids.hpp"
#include "messages/once.hpp"
#include "messages/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The life of a message to a user's phone, and what may be asked about it. What WeChat does is in
/// messages/wechat.hpp, what the store does in messages/outbox.hpp.
namespace weappd {

/// The only moves are: queued -> sending, failed, expired, cancelled; sending -> sent, queued, failed,
/// expired, cancelled; failed -> queued (asked for by the caller). `sent`, `expired` and `cancelled` are
/// final.
enum class message_state : std::uint8_t {
  queued,    ///< on disk, waiting for its turn
  sending,   ///< an attempt is under way
  sent,      ///< the platform took it
  failed,    ///< given up, for a reason
  expired,   ///< its not_after passed before it could be sent
  cancelled, ///< the user was locked before it could be sent
};
std::string_view to_string(message_state state);
std::optional<message_state> parse_message_state(std::string_view text);
/// Is it one of the moves above?
bool may_move(message_state from, message_state to);

/// Why a message ended in `failed`.
enum class fail_reason : std::uint8_t {
  none,
  not_subscribed,
  not_following,
  bad_openid,
  bad_data,
  template_unusable,
  no_permission,
  quota_exhausted,
  retries_exhausted,
  outcome_unknown, ///< the request was written, no answer came, and the platform has no guard against
                   ///< duplicates
};
/// Empty for none.
std::string_view to_string(fail_reason reason);

enum class message_priority : std::uint8_t { high, normal, bulk };
std::string_view to_string(message_priority priority);
std::optional<message_priority> parse_message_priority(std::string_view text);

/// The texts of a template's fields, by name, in the order of the template. May hold personal data.
using field_values = std::vector<std::pair<std::string, std::string>>;

/// A message as it is asked for: checked against its template, complete.
struct message_draft {
  message_id id{}; ///< made by who asks the pusher, from the message_id_source
  user_id to{};
  app_key app{};
  std::string template_name{};
  message_priority priority = message_priority::normal;
  std::string page{}; ///< of the mini program; empty: the card opens nothing
  field_values data{};
  timestamp created_at{};
  timestamp send_at{}; ///< not before this; created_at for at once
  std::optional<timestamp> not_after{};
  std::string sender{};     ///< "client:<id>" or "trigger:<name>"
  std::string request_id{}; ///< of the request that asked for it
  std::string trace_id{};   ///< 32 hexadecimal digits, or empty
};

// -- the story of a message

/// One thing that happened to a message, as GET /api/v1/messages/{id} tells it.
struct message_event {
  enum class kind : std::uint8_t {
    accepted,  ///< asked for
    validated, ///< fits its template
    reserved,  ///< what the ledger of consents said
    attempt,   ///< one call of the platform
    decided,   ///< anything else that changed the state
    sending,   ///< its turn came. Stored only where no attempt follows that would tell it
  };
  kind what = kind::accepted;
  timestamp at{};
  message_state state = message_state::queued; ///< from here on
  std::string rule{}; ///< what made the decision, [a-z0-9_]: "credit_reserved", "refresh_and_retry", ...

  std::uint32_t attempt = 0; ///< of an attempt and of the turn before it; 1 is the first

  // Of an attempt:
  std::optional<std::int64_t> errcode{}; ///< of the platform's answer, if there was one that had it
  std::string outcome{};                 ///< "accepted", "refused", "unreached", "unknown"
  std::string rid{};                     ///< the platform's, for its support; may be empty
  std::uint64_t token_epoch = 0;
  std::chrono::milliseconds duration{0}; ///< of the call; where no call was possible, of the wait for it

  std::optional<timestamp> next_at{}; ///< when it is tried again
};
using message_story = std::vector<message_event>;
/// The rule of an event `sending`: the store has leased the message.
inline constexpr std::string_view rule_of_a_turn = "leased";
std::string_view to_string(message_event::kind what);

/// The story as the store keeps it: one line for each event, so that it can be made longer by appending.
/// parse_story leaves out lines that it does not understand.
void append_event(std::string& story, const message_event& event);
message_story parse_story(std::string_view story);

/// A message as it stands.
struct message_record {
  message_draft draft{};
  message_state state = message_state::queued;
  fail_reason reason = fail_reason::none;
  std::uint32_t attempts = 0;
  timestamp updated_at{};
  std::optional<timestamp> next_attempt_at{}; ///< while queued
  std::optional<timestamp> sent_at{};
  std::string platform_id{}; ///< the platform's msgid, if it gave one
  message_story story{};     ///< empty in lists
};

// -- to a pusher

/// What must not happen twice: a business event (`key` within `scope`, a trigger), or what a request with an
/// Idempotency-Key asks for. Nothing is done a second time until `until`.
struct duplicate_guard {
  std::string scope{};
  std::string key{};
  timestamp until{};
};

/// The answers that accepting a message can have, ready before it is known which one it will be.
struct kept_answers {
  once_slot slot;
  kept_answer queued;
  kept_answer not_subscribed;
  kept_answer not_following;
  kept_answer bad_openid;

  /// The one for a message that is queued (no reason), or that failed at once for this reason.
  [[nodiscard]] const kept_answer& for_reason(fail_reason reason) const {
    switch (reason) {
    case fail_reason::not_subscribed:
      return not_subscribed;
    case fail_reason::not_following:
      return not_following;
    case fail_reason::bad_openid:
      return bad_openid;
    default:
      return queued;
    }
  }
};

/// Takes a message and owns it from the answer on: it is durable then. Answer: message_accepted.
/// Errors: user_not_found, no_openid, queue_full, storage_unavailable (also if the id is taken: a new one
/// helps), conflict (the answer under that idempotency key is there already).
struct accept_message {
  message_draft draft{};
  std::optional<duplicate_guard> guard{}; ///< of the business event
  std::optional<duplicate_guard> once{};  ///< of the request, whose answer is kept later
  std::optional<kept_answers> answers{};  ///< of the request, kept in the same transaction
};
struct message_accepted {
  message_id id{};                             ///< of a duplicate: the one that was accepted first
  message_state state = message_state::queued; ///< failed at once: no consent, or the user is marked; of a
                                               ///< duplicate: as the first one stands now
  fail_reason reason = fail_reason::none;
  bool duplicate = false; ///< nothing was added
  bool repeated = false;  ///< of a duplicate: it is this very request that was done before (`once`)
};

/// Sends a message again that ended in `failed`; its attempts are counted anew. A guard that is in force
/// means that this request did so before: nothing happens, and it is answered alike. Answer:
/// message_accepted. Errors: not_found, message_not_failed, queue_full, storage_unavailable.
struct retry_message {
  message_id id{};
  user_id to{};                ///< its user: finds the pusher
  std::string template_name{}; ///< its template: says what credit it needs
  std::optional<duplicate_guard> once{};
};

// -- to a pusher whose pool changes its size

/// Begin no attempt more while the pool changes (directory::pushers). Answer: done, when those under way have
/// ended and the store knows how. Messages are accepted all the while. Errors: overloaded (the pool changes
/// no more, or somebody else has asked for the same since).
struct rest_pusher {};

/// The pool changes no more: find in the store what is yours now, and go on. Who hears nothing notices it by
/// itself within a second. Answer: done, when that has begun.
struct resume_pusher {};

// -- consents

/// What a user answered to wx.requestSubscribeMessage for one template.
enum class consent_answer : std::uint8_t { accept, reject, ban, filter };
std::optional<consent_answer> parse_consent_answer(std::string_view text);
std::string_view to_string(consent_answer answer);

/// Who reports it. Both may report the same tap; the ledger believes the one that counted more accepts.
enum class consent_source : std::uint8_t {
  client,   ///< the mini program, POST /api/v1/subscriptions
  platform, ///< an event pushed by WeChat
};

/// What the ledger holds for one user and template.
struct consent_balance {
  std::string template_name{};
  consent_answer last = consent_answer::reject;
  std::uint32_t credits = 0; ///< sends that are left, of a one-time template
  bool unlimited = false;    ///< a long-term template that is accepted
};

} // namespace weappd

WEAPPD_MESSAGE(weappd::accept_message)
WEAPPD_MESSAGE(weappd::message_accepted)
WEAPPD_MESSAGE(weappd::retry_message)
WEAPPD_MESSAGE(weappd::rest_pusher)
WEAPPD_MESSAGE(weappd::resume_pusher)
