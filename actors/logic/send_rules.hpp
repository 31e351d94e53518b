#pragma once

#include "config/options.hpp"
#include "messages/outbox.hpp"
#include "messages/push.hpp"
#include "messages/time.hpp"
#include "messages/wechat.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

/// What becomes of a message after an attempt to send it. The one place where that is decided; what an
/// errcode of the platform means has been looked up before (http/wechat/error_map). Pure.
namespace weappd {

/// What is known when an attempt has ended.
struct send_facts {
  consent_need need =
      consent_need::none;          ///< none: an official account's template, which has a guard of its own
  std::uint32_t attempts = 1;      ///< that count, this one included
  std::uint32_t failures = 1;      ///< all that failed, this one included
  bool token_renewed = false;      ///< this attempt was made again with a new access token
  bool out_of_quota = false;       ///< the app's quota is used up, and push.on_quota does not wait
  bool unknown_before = false;     ///< an earlier attempt may have sent it
  std::uint32_t other_credits = 0; ///< that the user is known to have besides this message's (leased_message)
  timestamp first_attempt_at;
  timestamp now;
};

struct send_decision {
  enum class verb : std::uint8_t {
    sent,
    fail,            ///< for good, for `reason`
    expire,          ///< for good, unsent: its time is over
    retry,           ///< queued again, after `wait`
    renew_and_retry, ///< once more at once, with a new access token
  };
  verb what = verb::fail;
  std::string_view rule; ///< a literal, for the story and the log
  fail_reason reason = fail_reason::none;
  std::chrono::milliseconds wait{0};
  bool attempt_counts = true; ///< towards push.max_attempts
  credit_outcome credit = credit_outcome::keep;
  user_mark mark = user_mark::none;

  // What it means for other messages:
  send_scope pause_scope = send_scope::message; ///< template_ or api: they rest for `pause`
  std::chrono::milliseconds pause{0};
  bool others_fail = false; ///< they do not rest: each fails for the same reason, without a call
  bool alert = false;       ///< an operator must look
};

/// The state of a message after such a decision.
[[nodiscard]] message_state state_after(send_decision::verb what);

/// A message that an earlier attempt may have sent does not fail for a reason that says it was not sent, but
/// with an unknown outcome; the rule says what the platform answered. `random` is evenly distributed over all
/// its values.
[[nodiscard]] send_decision after_attempt(const send_result& result, const send_facts& facts,
                                          const push_options& options, std::uint32_t random);

/// Before an attempt: nothing, it may be made. A decision if the quota is used up and push.on_quota does not
/// wait for the next one; or if an earlier attempt may have sent the message and what guarded against a
/// second one is over meanwhile: the platform forgot the client_msg_id, or the user has another credit by
/// now. Of these, the first attempt after a message was asked for (again) is always made.
[[nodiscard]] std::optional<send_decision> before_attempt(const send_facts& facts,
                                                          const push_options& options);

/// For a message whose not_after passed while it waited. One that an earlier attempt may have sent fails with
/// an unknown outcome.
[[nodiscard]] send_decision past_not_after(bool maybe_sent);

/// For a message whose openid is gone when its turn comes; the same holds for one that may have been sent.
[[nodiscard]] send_decision without_openid(bool maybe_sent);

/// For a message that was being sent when its pusher ended: the outcome is unknown.
[[nodiscard]] send_decision after_interruption(const send_facts& facts, const push_options& options,
                                               std::uint32_t random);

/// Nothing was sent: there is no access token to send it with.
[[nodiscard]] send_decision without_token(const send_facts& facts, const push_options& options,
                                          std::uint32_t random);

/// How long the platform remembers a client_msg_id (wechat template/send: 10 minutes), less a margin for its
/// clock.
inline constexpr std::chrono::minutes client_msg_id_guard{9};

} // namespace weappd
