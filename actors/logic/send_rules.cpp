#include "actors/logic/send_rules.hpp"

#include "actors/logic/platform_day.hpp"
#include "actors/logic/retry_wait.hpp"

#include <algorithm>

namespace weappd {
namespace {

using verb = send_decision::verb;
using std::chrono::milliseconds;
using std::chrono::seconds;

milliseconds backoff(const send_facts& facts, const push_options& options, std::uint32_t random) {
  return retry_wait(facts.failures, milliseconds(options.retry_min_ms), milliseconds(options.retry_max_ms),
                    random);
}

send_decision fail(std::string_view rule, fail_reason reason, credit_outcome credit) {
  return {.what = verb::fail, .rule = rule, .reason = reason, .credit = credit};
}

/// Of a message that an earlier attempt may have sent, no end says that nobody has seen it: neither its
/// reason, nor a credit that is given back.
send_decision honest(send_decision decision, bool maybe_sent) {
  if (maybe_sent && decision.what == verb::fail) {
    decision.reason = fail_reason::outcome_unknown;
    if (decision.credit == credit_outcome::refund)
      decision.credit = credit_outcome::spent;
  }
  return decision;
}

send_decision retry(std::string_view rule, milliseconds wait) {
  return {.what = verb::retry, .rule = rule, .wait = wait};
}

/// Between once and twice as long: those who wait for the same moment do not all come at it.
milliseconds spread(milliseconds wait, std::uint32_t random) {
  return wait +
         milliseconds(static_cast<std::int64_t>(static_cast<std::uint64_t>(wait.count()) * random >> 32));
}

/// Nothing gets through: the other messages of the app need not find that out one by one, each with a line in
/// its story. Not for long, so that the end of an outage is noticed.
void rest_meanwhile(send_decision& decision) {
  constexpr milliseconds longest = seconds(10);
  decision.pause_scope = send_scope::api;
  decision.pause = std::min(decision.wait, longest);
}

/// The request was written, and nobody knows what became of it.
send_decision on_unknown(const send_facts& facts, const push_options& options, std::uint32_t random) {
  const auto give_up = [](std::string_view rule) {
    return fail(rule, fail_reason::outcome_unknown, credit_outcome::spent);
  };
  if (facts.attempts >= options.max_attempts)
    return give_up("outcome_unknown_too_often");
  const auto wait = backoff(facts, options, random);
  switch (facts.need) {
  case consent_need::none: // the platform sends one message for one client_msg_id, as long as it remembers it
    if (facts.now + wait < facts.first_attempt_at + client_msg_id_guard)
      return retry("guarded_by_client_msg_id", wait);
    break;
  case consent_need::one_time: // the consent is used up by the first: a second one gets 43101
    if (facts.other_credits == 0)
      return retry("guarded_by_consent", wait);
    break; // a second one would use up another consent, and the user would see it twice
  case consent_need::long_term:
    break;
  }
  if (options.on_unknown == unknown_rule::resend)
    return retry("resent_by_configuration", wait);
  return give_up("outcome_unknown");
}

send_decision on_token_refused(const send_facts& facts, const push_options& options, std::uint32_t random) {
  if (!facts.token_renewed)
    return {.what = verb::renew_and_retry, .rule = "token_renewed", .attempt_counts = false};
  // Refused with a new token, too: somebody else fetches tokens, or the account is in trouble. The message
  // can do nothing for it, so it waits, and all others of the app do: not for long, so that the end of it is
  // noticed.
  constexpr milliseconds shortest = seconds(5);
  constexpr milliseconds longest = seconds(60);
  auto decision =
      retry("token_refused_twice", std::clamp(backoff(facts, options, random), shortest, longest));
  decision.attempt_counts = false;
  decision.pause_scope = send_scope::api;
  decision.pause = decision.wait;
  decision.alert = true;
  return decision;
}

send_decision on_busy(const send_result& result, const send_facts& facts, const push_options& options,
                      std::uint32_t random) {
  if (result.scope == send_scope::api && result.wait.count() > 0) { // a limit: not this message's fault
    auto decision = retry("limit_of_the_moment", spread(result.wait, random));
    decision.attempt_counts = false;
    decision.pause_scope = send_scope::api;
    decision.pause = result.wait;
    return decision;
  }
  if (facts.attempts >= options.max_attempts)
    return fail("retries_exhausted", fail_reason::retries_exhausted, credit_outcome::refund);
  return retry("retry_backoff", std::max(spread(result.wait, random), backoff(facts, options, random)));
}

send_decision on_user_refused(const send_result& result, const send_facts& facts) {
  if (result.reason == fail_reason::not_subscribed) {
    // The only consent is used up, and an earlier attempt may be what used it.
    if (facts.unknown_before && facts.need == consent_need::one_time)
      return {.what = verb::sent, .rule = "consent_used_by_earlier_attempt", .credit = credit_outcome::spent};
    return fail("not_subscribed", result.reason, credit_outcome::void_);
  }
  auto decision = fail("user_refused", result.reason, credit_outcome::refund);
  if (result.scope == send_scope::user)
    decision.mark =
        result.reason == fail_reason::bad_openid ? user_mark::bad_openid : user_mark::not_following;
  return decision;
}

send_decision on_config(const send_result& result, const push_options& options) {
  auto decision = fail("configuration_refused", result.reason, credit_outcome::refund);
  decision.pause_scope = result.scope;
  decision.pause = seconds(options.config_pause_s);
  decision.alert = true;
  return decision;
}

send_decision on_quota(const send_facts& facts, const push_options& options, std::uint32_t random) {
  constexpr milliseconds after_midnight = std::chrono::minutes(1); // clocks differ
  const auto until = std::chrono::ceil<milliseconds>(next_platform_midnight(facts.now) - facts.now);
  auto decision = options.on_quota == quota_rule::fail
                      ? fail("quota_exhausted", fail_reason::quota_exhausted, credit_outcome::refund)
                      : retry("quota_until_midnight", until + spread(after_midnight, random));
  decision.attempt_counts = decision.others_fail = decision.what == verb::fail;
  decision.pause_scope = send_scope::api;
  decision.pause = until;
  decision.alert = true;
  return decision;
}

send_decision on_refused(const send_result& result, const send_facts& facts, const push_options& options,
                         std::uint32_t random) {
  switch (result.how) {
  case handling::refresh_token_and_retry:
    return on_token_refused(facts, options, random);
  case handling::retry_backoff:
    return on_busy(result, facts, options, random);
  case handling::stop_mark_user:
    return on_user_refused(result, facts);
  case handling::stop_config_alert:
    return on_config(result, options);
  case handling::quota_exhausted:
    return on_quota(facts, options, random);
  case handling::ok:
  case handling::stop_bad_request:
    break;
  }
  auto decision =
      fail("request_refused", result.reason == fail_reason::none ? fail_reason::bad_data : result.reason,
           credit_outcome::refund);
  decision.alert = result.alert;
  return decision;
}

} // namespace

message_state state_after(verb what) {
  switch (what) {
  case verb::sent:
    return message_state::sent;
  case verb::fail:
    return message_state::failed;
  case verb::expire:
    return message_state::expired;
  case verb::retry:
    return message_state::queued;
  case verb::renew_and_retry:
    break;
  }
  return message_state::sending;
}

send_decision after_attempt(const send_result& result, const send_facts& facts, const push_options& options,
                            std::uint32_t random) {
  switch (result.what) {
  case send_result::outcome::accepted:
    return {.what = verb::sent, .rule = "platform_accepted", .credit = credit_outcome::spent};
  case send_result::outcome::refused:
    return honest(on_refused(result, facts, options, random), facts.unknown_before);
  case send_result::outcome::unreached: {
    auto decision = retry("platform_unreached", backoff(facts, options, random));
    decision.attempt_counts = false; // an outage uses nothing up: not_after alone bounds a message's time
    rest_meanwhile(decision);
    return decision;
  }
  case send_result::outcome::unknown:
    break;
  }
  return on_unknown(facts, options, random);
}

send_decision without_token(const send_facts& facts, const push_options& options, std::uint32_t random) {
  auto decision = retry("no_access_token", backoff(facts, options, random));
  decision.attempt_counts = false;
  rest_meanwhile(decision);
  return decision;
}

std::optional<send_decision> before_attempt(const send_facts& facts, const push_options& options) {
  if (facts.out_of_quota) {
    auto decision = fail("quota_exhausted", fail_reason::quota_exhausted, credit_outcome::refund);
    decision.attempt_counts = false; // none is made
    return honest(decision, facts.unknown_before);
  }
  if (!facts.unknown_before || facts.attempts <= 1 || options.on_unknown == unknown_rule::resend)
    return std::nullopt;
  const bool forgotten =
      facts.need == consent_need::none && facts.now >= facts.first_attempt_at + client_msg_id_guard;
  const bool other_credit = facts.need == consent_need::one_time && facts.other_credits > 0;
  if (!forgotten && !other_credit)
    return std::nullopt;
  auto decision = fail("guard_is_over", fail_reason::outcome_unknown, credit_outcome::spent);
  decision.attempt_counts = false; // none was made
  return decision;
}

send_decision past_not_after(bool maybe_sent) {
  if (maybe_sent) // "expired" would say that nobody has seen it
    return fail("not_after_passed_in_doubt", fail_reason::outcome_unknown, credit_outcome::spent);
  return {.what = verb::expire, .rule = "not_after_passed", .credit = credit_outcome::refund};
}

send_decision without_openid(bool maybe_sent) {
  return honest(fail(maybe_sent ? "openid_gone_in_doubt" : "openid_gone", fail_reason::bad_openid,
                     credit_outcome::refund),
                maybe_sent);
}

send_decision after_interruption(const send_facts& facts, const push_options& options, std::uint32_t random) {
  return on_unknown(facts, options, random);
}

} // namespace weappd
