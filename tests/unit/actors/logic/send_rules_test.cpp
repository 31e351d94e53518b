#include "actors/logic/platform_day.hpp"
#include "actors/logic/priority_wheel.hpp"
#include "actors/logic/retry_wait.hpp"
#include "actors/logic/send_rules.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>

namespace weappd {
namespace {

using namespace std::chrono_literals;
using verb = send_decision::verb;

constexpr timestamp noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25) + 12h;
constexpr std::uint32_t middle = 1U << 31;

send_result refused(std::int64_t errcode, handling how, fail_reason reason,
                    send_scope scope = send_scope::message, std::chrono::milliseconds wait = 0ms) {
  send_result result;
  result.what = send_result::outcome::refused;
  result.errcode = errcode;
  result.how = how;
  result.reason = reason;
  result.scope = scope;
  result.wait = wait;
  return result;
}

send_result of(send_result::outcome what) {
  send_result result;
  result.what = what;
  return result;
}

struct an_attempt : ::testing::Test {
  push_options options;
  send_facts facts{.need = consent_need::one_time, .first_attempt_at = noon, .now = noon};

  send_decision after(const send_result& result) { return after_attempt(result, facts, options, middle); }
};

TEST_F(an_attempt, that_the_platform_took_is_sent_and_spends_the_credit) {
  const auto decision = after(of(send_result::outcome::accepted));
  EXPECT_EQ(decision.what, verb::sent);
  EXPECT_EQ(decision.credit, credit_outcome::spent);
}

// -- not reached

TEST_F(an_attempt, that_did_not_reach_the_platform_uses_nothing_up_however_often) {
  facts.attempts = 1'000;
  facts.failures = 1'000;
  const auto decision = after(of(send_result::outcome::unreached));
  EXPECT_EQ(decision.what, verb::retry);
  EXPECT_FALSE(decision.attempt_counts);
  EXPECT_LE(decision.wait, std::chrono::milliseconds(options.retry_max_ms));
  EXPECT_EQ(decision.credit, credit_outcome::keep);
}

// -- unknown

TEST_F(an_attempt, with_an_unknown_outcome_is_repeated_where_the_consent_is_the_guard) {
  EXPECT_EQ(after(of(send_result::outcome::unknown)).what, verb::retry);
}

TEST_F(an_attempt, with_an_unknown_outcome_is_no_guard_where_the_user_has_another_credit) {
  facts.other_credits = 1;
  const auto decision = after(of(send_result::outcome::unknown));
  EXPECT_EQ(decision.what, verb::fail);
  EXPECT_EQ(decision.reason, fail_reason::outcome_unknown);
  EXPECT_EQ(decision.credit, credit_outcome::spent);
  options.on_unknown = unknown_rule::resend;
  EXPECT_EQ(after(of(send_result::outcome::unknown)).what, verb::retry);
}

// -- its time is over

TEST_F(an_attempt, that_may_have_been_made_is_told_from_a_message_that_expired_unsent) {
  const auto unsent = past_not_after(false);
  EXPECT_EQ(state_after(unsent.what), message_state::expired);
  EXPECT_EQ(unsent.credit, credit_outcome::refund);
  const auto in_doubt = past_not_after(true);
  EXPECT_EQ(state_after(in_doubt.what), message_state::failed);
  EXPECT_EQ(in_doubt.reason, fail_reason::outcome_unknown);
  EXPECT_EQ(in_doubt.credit, credit_outcome::spent);
}

TEST_F(an_attempt, that_may_have_been_made_is_told_from_a_message_whose_openid_is_gone) {
  const auto unsent = without_openid(false);
  EXPECT_EQ(unsent.reason, fail_reason::bad_openid);
  EXPECT_EQ(unsent.credit, credit_outcome::refund);
  const auto in_doubt = without_openid(true);
  EXPECT_EQ(in_doubt.reason, fail_reason::outcome_unknown);
  EXPECT_EQ(in_doubt.credit, credit_outcome::spent);
}

// -- before it is made

struct a_repetition : an_attempt {
  a_repetition() {
    facts.attempts = 2;
    facts.unknown_before = true;
  }
  [[nodiscard]] std::optional<send_decision> before() const { return before_attempt(facts, options); }
};

TEST_F(a_repetition, is_made_while_the_guard_holds) {
  for (const auto need : {consent_need::none, consent_need::one_time, consent_need::long_term}) {
    facts.need = need;
    EXPECT_FALSE(before()) << static_cast<int>(need);
  }
}

TEST_F(a_repetition, is_not_made_once_the_user_has_another_credit) {
  facts.other_credits = 1;
  const auto decision = before();
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->what, verb::fail);
  EXPECT_EQ(decision->reason, fail_reason::outcome_unknown);
  EXPECT_EQ(decision->credit, credit_outcome::spent);
  EXPECT_FALSE(decision->attempt_counts);
  options.on_unknown = unknown_rule::resend;
  EXPECT_FALSE(before());
}

TEST_F(a_repetition, is_not_made_once_the_platform_has_forgotten_the_client_msg_id) {
  facts.need = consent_need::none;
  facts.now = noon + client_msg_id_guard - 1ms;
  EXPECT_FALSE(before());
  facts.now = noon + client_msg_id_guard;
  EXPECT_TRUE(before());
}

TEST_F(a_repetition, that_the_quota_does_not_allow_leaves_the_outcome_unknown) {
  facts.out_of_quota = true;
  const auto decision = before();
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->rule, "quota_exhausted");
  EXPECT_EQ(decision->reason, fail_reason::outcome_unknown);
  EXPECT_EQ(decision->credit, credit_outcome::spent);
  facts.unknown_before = false;
  EXPECT_EQ(before()->reason, fail_reason::quota_exhausted);
  EXPECT_EQ(before()->credit, credit_outcome::refund);
}

TEST_F(a_repetition, is_no_repetition_if_nothing_was_unknown_or_the_caller_asked_for_it) {
  facts.other_credits = 1;
  facts.unknown_before = false;
  EXPECT_FALSE(before());
  facts.unknown_before = true;
  facts.attempts = 1; // asked for again: attempts are counted anew
  EXPECT_FALSE(before());
}

// -- after an unknown one

TEST_F(an_attempt, after_an_unknown_one_that_finds_the_consent_used_means_that_it_was_sent) {
  facts.unknown_before = true;
  const auto decision =
      after(refused(43101, handling::stop_mark_user, fail_reason::not_subscribed, send_scope::user_template));
  EXPECT_EQ(decision.what, verb::sent);
  EXPECT_EQ(decision.credit, credit_outcome::spent);
}

TEST_F(an_attempt, after_an_unknown_one_that_fails_never_says_that_nothing_was_sent) {
  facts.unknown_before = true;
  facts.attempts = options.max_attempts;
  options.on_quota = quota_rule::fail;
  for (const auto& result :
       {refused(-1, handling::retry_backoff, fail_reason::retries_exhausted),
        refused(40003, handling::stop_mark_user, fail_reason::bad_openid, send_scope::user),
        refused(47003, handling::stop_bad_request, fail_reason::bad_data),
        refused(48001, handling::stop_config_alert, fail_reason::no_permission, send_scope::api),
        refused(45009, handling::quota_exhausted, fail_reason::quota_exhausted, send_scope::api)}) {
    facts.unknown_before = false;
    const auto unsent = after(result);
    facts.unknown_before = true;
    const auto decision = after(result);
    EXPECT_EQ(decision.what, verb::fail) << unsent.rule;
    EXPECT_EQ(decision.reason, fail_reason::outcome_unknown) << unsent.rule;
    EXPECT_EQ(decision.credit, credit_outcome::spent) << unsent.rule;
    EXPECT_EQ(decision.rule, unsent.rule) << "what the platform said";
    EXPECT_EQ(decision.mark, unsent.mark) << unsent.rule;
    EXPECT_EQ(decision.alert, unsent.alert) << unsent.rule;
  }
}

TEST_F(an_attempt, after_an_unknown_one_that_finds_a_long_term_consent_gone_leaves_both_said) {
  facts.unknown_before = true;
  facts.need = consent_need::long_term;
  const auto decision =
      after(refused(43101, handling::stop_mark_user, fail_reason::not_subscribed, send_scope::user_template));
  EXPECT_EQ(decision.reason, fail_reason::outcome_unknown);
  EXPECT_EQ(decision.rule, "not_subscribed");
  EXPECT_EQ(decision.credit, credit_outcome::void_) << "there is no consent any more";
}

TEST_F(an_attempt, with_an_unknown_outcome_of_a_long_term_template_fails_unless_configured_otherwise) {
  facts.need = consent_need::long_term;
  auto decision = after(of(send_result::outcome::unknown));
  EXPECT_EQ(decision.what, verb::fail);
  EXPECT_EQ(decision.reason, fail_reason::outcome_unknown);
  options.on_unknown = unknown_rule::resend;
  EXPECT_EQ(after(of(send_result::outcome::unknown)).what, verb::retry);
}

TEST_F(an_attempt, of_an_official_account_is_repeated_while_the_platform_remembers_its_client_msg_id) {
  facts.need = consent_need::none;
  EXPECT_EQ(after(of(send_result::outcome::unknown)).what, verb::retry);
  facts.now = noon + client_msg_id_guard;
  const auto decision = after(of(send_result::outcome::unknown));
  EXPECT_EQ(decision.what, verb::fail);
  EXPECT_EQ(decision.reason, fail_reason::outcome_unknown);
  options.on_unknown = unknown_rule::resend;
  EXPECT_EQ(after(of(send_result::outcome::unknown)).what, verb::retry);
}

TEST_F(an_attempt, with_an_unknown_outcome_is_not_repeated_for_ever) {
  facts.attempts = options.max_attempts;
  for (const auto need : {consent_need::none, consent_need::one_time, consent_need::long_term}) {
    facts.need = need;
    const auto decision = after(of(send_result::outcome::unknown));
    EXPECT_EQ(decision.what, verb::fail);
    EXPECT_EQ(decision.reason, fail_reason::outcome_unknown);
  }
}

TEST_F(an_attempt, that_was_interrupted_is_judged_as_one_with_an_unknown_outcome) {
  EXPECT_EQ(after_interruption(facts, options, middle).what, verb::retry);
  facts.need = consent_need::long_term;
  EXPECT_EQ(after_interruption(facts, options, middle).reason, fail_reason::outcome_unknown);
}

// -- refused

TEST_F(an_attempt, refused_for_its_token_is_made_again_once_with_a_new_one) {
  for (const std::int64_t code : {40001, 40014, 42001}) {
    facts.token_renewed = false;
    EXPECT_EQ(after(refused(code, handling::refresh_token_and_retry, fail_reason::none)).what,
              verb::renew_and_retry);
    facts.token_renewed = true;
    const auto decision = after(refused(code, handling::refresh_token_and_retry, fail_reason::none));
    EXPECT_EQ(decision.what, verb::retry) << "the message can do nothing for it";
    EXPECT_FALSE(decision.attempt_counts);
    EXPECT_TRUE(decision.alert);
    EXPECT_EQ(decision.pause_scope, send_scope::api);
    EXPECT_GE(decision.pause, 5s);
    EXPECT_LE(decision.pause, 1min);
  }
}

TEST_F(an_attempt, without_a_token_waits_and_uses_nothing_up) {
  const auto decision = without_token(facts, options, middle);
  EXPECT_EQ(decision.what, verb::retry);
  EXPECT_FALSE(decision.attempt_counts);
}

TEST_F(an_attempt, that_meets_a_busy_platform_is_repeated_until_its_attempts_are_used_up) {
  const auto busy = refused(-1, handling::retry_backoff, fail_reason::retries_exhausted);
  EXPECT_EQ(after(busy).what, verb::retry);
  facts.attempts = options.max_attempts;
  const auto decision = after(busy);
  EXPECT_EQ(decision.what, verb::fail);
  EXPECT_EQ(decision.reason, fail_reason::retries_exhausted);
  EXPECT_EQ(decision.credit, credit_outcome::refund);
}

TEST_F(an_attempt, refused_for_another_one_to_the_same_user_waits_as_long_as_the_platform_wants) {
  const auto decision =
      after(refused(43108, handling::retry_backoff, fail_reason::retries_exhausted, send_scope::user, 1s));
  EXPECT_EQ(decision.what, verb::retry);
  EXPECT_GE(decision.wait, 1s);
  EXPECT_EQ(decision.pause.count(), 0) << "nobody else has to wait";
}

TEST_F(an_attempt, over_the_limit_of_the_minute_lets_the_app_rest_and_uses_nothing_up) {
  facts.attempts = options.max_attempts;
  const auto decision =
      after(refused(45011, handling::retry_backoff, fail_reason::retries_exhausted, send_scope::api, 60s));
  EXPECT_EQ(decision.what, verb::retry);
  EXPECT_FALSE(decision.attempt_counts);
  EXPECT_EQ(decision.pause_scope, send_scope::api);
  EXPECT_EQ(decision.pause, 60s);
  EXPECT_GE(decision.wait, 60s);
}

TEST_F(an_attempt, without_a_consent_ends_and_corrects_the_ledger) {
  const auto decision =
      after(refused(43101, handling::stop_mark_user, fail_reason::not_subscribed, send_scope::user_template));
  EXPECT_EQ(decision.what, verb::fail);
  EXPECT_EQ(decision.reason, fail_reason::not_subscribed);
  EXPECT_EQ(decision.credit, credit_outcome::void_);
  EXPECT_EQ(decision.mark, user_mark::none);
}

TEST_F(an_attempt, to_one_who_does_not_follow_marks_the_user) {
  const auto decision =
      after(refused(43004, handling::stop_mark_user, fail_reason::not_following, send_scope::user));
  EXPECT_EQ(decision.reason, fail_reason::not_following);
  EXPECT_EQ(decision.mark, user_mark::not_following);
  EXPECT_EQ(decision.credit, credit_outcome::refund);
}

TEST_F(an_attempt, to_a_bad_openid_marks_the_user) {
  const auto decision =
      after(refused(40003, handling::stop_mark_user, fail_reason::bad_openid, send_scope::user));
  EXPECT_EQ(decision.reason, fail_reason::bad_openid);
  EXPECT_EQ(decision.mark, user_mark::bad_openid);
}

TEST_F(an_attempt, with_data_that_does_not_fit_ends_and_is_nobody_elses_business) {
  const auto decision = after(refused(47003, handling::stop_bad_request, fail_reason::bad_data));
  EXPECT_EQ(decision.what, verb::fail);
  EXPECT_EQ(decision.reason, fail_reason::bad_data);
  EXPECT_EQ(decision.pause.count(), 0);
  EXPECT_FALSE(decision.alert);
}

TEST_F(an_attempt, with_a_code_that_nobody_knows_is_never_repeated) {
  EXPECT_EQ(after(refused(99999, handling::stop_bad_request, fail_reason::none)).what, verb::fail);
}

TEST_F(an_attempt, with_an_unusable_template_lets_the_template_rest_and_calls_the_operator) {
  const auto decision = after(
      refused(40037, handling::stop_config_alert, fail_reason::template_unusable, send_scope::template_));
  EXPECT_EQ(decision.reason, fail_reason::template_unusable);
  EXPECT_EQ(decision.pause_scope, send_scope::template_);
  EXPECT_EQ(decision.pause, std::chrono::seconds(options.config_pause_s));
  EXPECT_TRUE(decision.alert);
}

TEST_F(an_attempt, without_permission_lets_the_app_rest_and_calls_the_operator) {
  const auto decision =
      after(refused(48001, handling::stop_config_alert, fail_reason::no_permission, send_scope::api));
  EXPECT_EQ(decision.reason, fail_reason::no_permission);
  EXPECT_EQ(decision.pause_scope, send_scope::api);
  EXPECT_TRUE(decision.alert);
}

TEST_F(an_attempt, over_the_quota_of_the_day_lets_the_app_rest_until_midnight_in_china) {
  const auto over = refused(45009, handling::quota_exhausted, fail_reason::quota_exhausted, send_scope::api);
  auto decision = after(over);
  EXPECT_EQ(decision.what, verb::retry);
  EXPECT_FALSE(decision.attempt_counts);
  EXPECT_EQ(facts.now + decision.pause, noon + 4h) << "16:00 UTC";
  EXPECT_GE(decision.wait, 4h);
  EXPECT_LE(decision.wait, 4h + 2min);
  options.on_quota = quota_rule::fail;
  decision = after(over);
  EXPECT_EQ(decision.what, verb::fail);
  EXPECT_EQ(decision.reason, fail_reason::quota_exhausted);
  EXPECT_TRUE(decision.attempt_counts) << "the platform was reached";
  EXPECT_EQ(decision.pause_scope, send_scope::api) << "the others need not find out one by one";
}

// -- the parts

TEST(platform_midnight, is_that_of_china) {
  const timestamp day = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25);
  EXPECT_EQ(next_platform_midnight(day), day + 16h);
  EXPECT_EQ(next_platform_midnight(day + 16h - 1ms), day + 16h);
  EXPECT_EQ(next_platform_midnight(day + 16h), day + 40h) << "midnight itself belongs to the new day";
}

TEST(a_retry_wait, is_anything_from_nothing_to_a_bound_that_doubles) {
  constexpr auto most_random = ~std::uint32_t{0};
  EXPECT_EQ(retry_wait(1, 500ms, 60s, 0), 0ms);
  EXPECT_EQ(retry_wait(1, 500ms, 60s, most_random), 500ms);
  EXPECT_EQ(retry_wait(2, 500ms, 60s, most_random), 1s);
  EXPECT_EQ(retry_wait(4, 500ms, 60s, most_random), 4s);
  EXPECT_EQ(retry_wait(4'000'000'000U, 500ms, 60s, most_random), 60s);
  EXPECT_EQ(retry_wait(3, 500ms, 60s, middle), 1s);
}

TEST(a_priority_wheel, gives_turns_by_weight_and_none_to_those_who_do_not_wait) {
  priority_wheel wheel;
  std::array<int, 3> turns{};
  for (int i = 0; i < 210; ++i)
    ++turns[static_cast<std::size_t>(wheel.next({true, true, true}))];
  EXPECT_EQ(turns, (std::array<int, 3>{160, 40, 10}));
  for (int i = 0; i < 10; ++i)
    EXPECT_EQ(wheel.next({false, false, true}), message_priority::bulk);
  EXPECT_EQ(wheel.next({true, false, true}), message_priority::high) << "nobody saves turns up";
}

} // namespace
} // namespace weappd
