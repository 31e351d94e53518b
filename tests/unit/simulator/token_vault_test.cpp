#include "simulator/token_vault.hpp"

#include "tests/unit/simulator/fixed_random.hpp"

#include <gtest/gtest.h>

namespace weappd::simulator {
namespace {

using namespace std::chrono_literals;

class token_vault_test : public testing::Test {
protected:
  token_answer classic() { return vault.classic(now, random); }
  token_answer stable(bool force = false) { return std::get<token_answer>(vault.stable(now, force, random)); }
  [[nodiscard]] std::optional<errcode> check(const token_answer& token) const {
    return vault.check(now, token.access_token);
  }

  fixed_random random;
  token_vault vault;
  moment now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + 8h;
};

TEST_F(token_vault_test, a_classic_token_lives_two_hours_and_then_is_expired) {
  const auto token = classic();
  EXPECT_EQ(token.expires_in, 7200s);
  now += 7200s - 1ms;
  EXPECT_EQ(check(token), std::nullopt);
  now += 1ms;
  EXPECT_EQ(check(token), errcode::token_expired);
}

TEST_F(token_vault_test, each_classic_call_retires_the_previous_token_after_five_minutes) {
  const auto first = classic();
  now += 60s;
  const auto second = classic();
  EXPECT_NE(first.access_token, second.access_token);
  now += 300s - 1ms;
  EXPECT_EQ(check(first), std::nullopt);
  EXPECT_EQ(check(second), std::nullopt);
  now += 1ms;
  EXPECT_EQ(check(first), errcode::token_invalid);
  EXPECT_EQ(check(second), std::nullopt);
}

TEST_F(token_vault_test, a_retired_classic_token_does_not_outlive_its_own_end) {
  const auto first = classic();
  now += 7100s;
  (void)classic();
  now += 100s;
  EXPECT_EQ(check(first), errcode::token_expired);
}

TEST_F(token_vault_test, the_stable_token_stays_the_same_and_tells_its_remaining_life) {
  const auto first = stable();
  EXPECT_EQ(first.expires_in, 7200s);
  now += 6855s;
  const auto again = stable();
  EXPECT_EQ(again.access_token, first.access_token);
  EXPECT_EQ(again.expires_in, 345s);
}

TEST_F(token_vault_test, the_stable_token_rotates_below_five_minutes_and_both_work_meanwhile) {
  const auto first = stable();
  now += 6900s;
  EXPECT_EQ(stable().access_token, first.access_token);
  now += 1ms;
  const auto second = stable();
  EXPECT_NE(second.access_token, first.access_token);
  EXPECT_EQ(second.expires_in, 7200s);
  EXPECT_EQ(check(first), std::nullopt);
  EXPECT_EQ(check(second), std::nullopt);
  now += 300s;
  EXPECT_EQ(check(first), errcode::token_expired);
  EXPECT_EQ(check(second), std::nullopt);
}

TEST_F(token_vault_test, a_forced_refresh_ends_the_last_token_at_once) {
  const auto first = stable();
  now += 1s;
  const auto second = stable(true);
  EXPECT_NE(second.access_token, first.access_token);
  EXPECT_EQ(check(first), errcode::token_invalid);
  EXPECT_EQ(check(second), std::nullopt);
}

TEST_F(token_vault_test, a_forced_refresh_within_thirty_seconds_refreshes_nothing) {
  const auto first = stable(true);
  now += 30s - 1ms;
  EXPECT_EQ(stable(true).access_token, first.access_token);
  now += 1ms;
  EXPECT_NE(stable(true).access_token, first.access_token);
}

TEST_F(token_vault_test, the_21st_forced_refresh_of_a_china_day_is_refused_and_the_next_day_allows_it_again) {
  for (int i = 0; i < token_vault::forced_per_day; ++i) {
    (void)stable(true);
    now += 30s;
  }
  EXPECT_EQ(std::get<errcode>(vault.stable(now, true, random)), errcode::day_limit);
  const auto working = stable();
  EXPECT_EQ(check(working), std::nullopt) << "a refused refresh ends nothing";
  now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + 16h - 1ms;
  EXPECT_EQ(std::get<errcode>(vault.stable(now, true, random)), errcode::day_limit);
  now += 1ms; // midnight in China
  EXPECT_NE(stable(true).access_token, working.access_token);
}

TEST_F(token_vault_test, stable_and_classic_tokens_do_not_touch_one_another) {
  const auto old = classic();
  const auto steady = stable();
  now += 1s;
  (void)stable(true);
  EXPECT_EQ(check(old), std::nullopt);
  EXPECT_EQ(check(steady), errcode::token_invalid);
  const auto kept = stable();
  (void)classic();
  now += 301s;
  EXPECT_EQ(check(old), errcode::token_invalid);
  EXPECT_EQ(check(kept), std::nullopt);
}

TEST_F(token_vault_test, ended_tokens_count_as_expired_and_new_ones_come) {
  const auto old = classic();
  const auto steady = stable();
  EXPECT_EQ(vault.expire(now), 2U);
  EXPECT_EQ(vault.expire(now), 0U);
  EXPECT_EQ(check(old), errcode::token_expired);
  EXPECT_EQ(check(steady), errcode::token_expired);
  const auto fresh = stable();
  EXPECT_NE(fresh.access_token, steady.access_token);
  EXPECT_EQ(check(fresh), std::nullopt);
}

TEST_F(token_vault_test, a_token_that_was_never_given_out_is_invalid) {
  EXPECT_EQ(vault.check(now, "90_made_up"), errcode::token_invalid);
}

TEST_F(token_vault_test, only_a_bounded_number_of_tokens_is_remembered) {
  const auto first = classic();
  for (std::size_t i = 0; i + 1 < token_vault::remembered; ++i)
    (void)classic();
  EXPECT_EQ(check(first), std::nullopt);
  (void)classic();
  EXPECT_EQ(check(first), errcode::token_invalid);
}

} // namespace
} // namespace weappd::simulator
