#include "actors/logic/limit_state.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

/// Everything about one key.
class counted {
public:
  explicit counted(const limit_options& rule) : policy_(make_limit_policy(rule)), state_(policy_) {}
  limit_verdict ask(nanoseconds now) {
    const auto verdict = state_.judge(now, policy_);
    if (verdict.allowed)
      state_.count(now, policy_);
    return verdict;
  }
  [[nodiscard]] nanoseconds until_full(nanoseconds now) const { return state_.until_full(now, policy_); }
  [[nodiscard]] std::size_t stamps() const { return state_.stamps(); }
  [[nodiscard]] std::size_t growth(nanoseconds now) const { return state_.growth(now, policy_); }

private:
  limit_policy policy_;
  limit_state state_;
};

std::vector<limit_options> one_of_each() {
  std::vector<limit_options> rules;
  for (const auto algorithm : {limit_algorithm::gcra, limit_algorithm::sliding_window,
                               limit_algorithm::fixed_window, limit_algorithm::leaky_bucket})
    rules.push_back({.algorithm = algorithm, .limit = 3, .window_s = 10, .burst = 3, .max_delay_ms = 60'000});
  return rules;
}

TEST(limit_state, a_refused_request_costs_nothing_whatever_the_algorithm) {
  for (const auto& rule : one_of_each()) {
    counted hammered(rule), patient(rule);
    while (hammered.ask(1s).allowed)
      (void)patient.ask(1s);
    for (int i = 0; i < 1'000; ++i)
      EXPECT_FALSE(hammered.ask(1s + nanoseconds{i}).allowed);
    for (auto now = 2s; now < 40s; ++now)
      ASSERT_EQ(hammered.ask(now).allowed, patient.ask(now).allowed);
  }
}

TEST(limit_state, to_forget_a_key_that_is_full_again_changes_nothing) {
  std::mt19937_64 random(5);
  for (const auto& rule : one_of_each()) {
    counted kept(rule), forgotten(rule);
    nanoseconds now = 1s;
    int times = 0;
    for (int i = 0; i < 5'000; ++i) {
      now += nanoseconds{random() % 8'000'000'000};
      if (kept.until_full(now) == 0ns) {
        forgotten = counted(rule);
        ++times;
      }
      const auto one = kept.ask(now), other = forgotten.ask(now);
      ASSERT_EQ(one.allowed, other.allowed);
      ASSERT_EQ(one.remaining, other.remaining);
      ASSERT_EQ(one.delay, other.delay);
    }
    EXPECT_GT(times, 50);
  }
}

TEST(limit_state, the_largest_limits_do_not_overflow) {
  constexpr auto most = std::numeric_limits<std::uint32_t>::max();
  const auto late = nanoseconds::max() - 200 * 365 * 24h;
  for (auto rule : one_of_each()) {
    rule.limit = rule.window_s = rule.burst = rule.max_delay_ms = most;
    counted key(rule);
    EXPECT_TRUE(key.ask(late).allowed);
    rule.limit = 1;
    rule.burst = 1;
    counted rare(rule);
    EXPECT_TRUE(rare.ask(late).allowed);
    if (rule.algorithm == limit_algorithm::leaky_bucket)
      continue; // the next one waits for a hundred years
    const auto refused = rare.ask(late);
    EXPECT_FALSE(refused.allowed);
    EXPECT_EQ(refused.retry_after_s, most);
  }
}

TEST(leaky_bucket, lets_requests_out_one_by_one_and_refuses_when_as_many_wait_as_may) {
  counted key({.algorithm = limit_algorithm::leaky_bucket, .limit = 10, .window_s = 1, .burst = 3});
  for (int i = 0; i < 4; ++i) {
    const auto verdict = key.ask(1s);
    EXPECT_TRUE(verdict.allowed);
    EXPECT_EQ(verdict.delay, i * 100ms);
    EXPECT_EQ(verdict.remaining, 3u - static_cast<std::uint32_t>(i));
  }
  const auto refused = key.ask(1s);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after_s, 1u);
  EXPECT_EQ(key.ask(1s + 100ms).delay, 300ms);
}

TEST(leaky_bucket, lets_nobody_wait_longer_than_it_may) {
  counted key({.algorithm = limit_algorithm::leaky_bucket,
               .limit = 10,
               .window_s = 1,
               .burst = 100,
               .max_delay_ms = 150});
  EXPECT_EQ(key.ask(1s).delay, 0ms);
  EXPECT_EQ(key.ask(1s).delay, 100ms);
  EXPECT_FALSE(key.ask(1s).allowed);
  EXPECT_EQ(key.ask(1s + 50ms).delay, 150ms);
}

TEST(sliding_window, remembers_no_more_moments_than_its_limit_and_none_before_it_is_used) {
  counted key({.algorithm = limit_algorithm::sliding_window, .limit = 1'000, .window_s = 1});
  EXPECT_EQ(key.stamps(), 0u);
  std::size_t before = 0;
  for (int i = 0; i < 10'000; ++i) {
    const nanoseconds now = 1s + i * 700us;
    const auto promised = key.growth(now);
    ASSERT_LE(promised, 256u);
    if (key.ask(now).allowed) {
      ASSERT_EQ(key.stamps(), before + promised);
      before = key.stamps();
    }
    ASSERT_LE(key.stamps(), 1'000u);
  }
  EXPECT_EQ(key.stamps(), 1'000u);
}

TEST(sliding_window, of_a_calm_key_stays_small) {
  counted key({.algorithm = limit_algorithm::sliding_window, .limit = 1'000, .window_s = 1});
  for (int i = 0; i < 10'000; ++i)
    EXPECT_TRUE(key.ask(1s + i * 300ms).allowed);
  EXPECT_EQ(key.stamps(), 4u);
}

TEST(fixed_window, begins_with_the_first_request_and_not_with_the_clock) {
  counted key({.algorithm = limit_algorithm::fixed_window, .limit = 2, .window_s = 10});
  EXPECT_TRUE(key.ask(7s).allowed);
  EXPECT_TRUE(key.ask(16s).allowed);
  const auto refused = key.ask(16s);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after_s, 1u);
  EXPECT_TRUE(key.ask(17s).allowed);
  EXPECT_EQ(key.until_full(18s), 9s);
}

} // namespace
} // namespace weappd
