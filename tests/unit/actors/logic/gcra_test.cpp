#include "actors/logic/gcra.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>

namespace weappd {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

limit_verdict decide(gcra_state& state, nanoseconds now, const gcra_policy& policy) {
  const auto verdict = state.judge(now, policy);
  if (verdict.allowed)
    state.count(now, policy);
  return verdict;
}

TEST(gcra, the_burst_passes_at_once_and_not_one_more) {
  const gcra_policy policy({.limit = 60, .window_s = 60, .burst = 5});
  gcra_state state;
  for (std::uint32_t left = 5; left-- > 0;) {
    const auto verdict = decide(state, 100s, policy);
    EXPECT_TRUE(verdict.allowed);
    EXPECT_EQ(verdict.remaining, left);
    EXPECT_EQ(verdict.reset_s, 5 - left);
    EXPECT_EQ(verdict.retry_after_s, 0u);
  }
  const auto verdict = decide(state, 100s, policy);
  EXPECT_FALSE(verdict.allowed);
  EXPECT_EQ(verdict.remaining, 0u);
  EXPECT_EQ(verdict.reset_s, 5u);
  EXPECT_EQ(verdict.retry_after_s, 1u);
}

TEST(gcra, what_it_says_remains_is_what_passes) {
  std::mt19937_64 random(7);
  const gcra_policy policy({.limit = 7, .window_s = 60, .burst = 9});
  gcra_state state;
  nanoseconds now = 1h;
  for (int i = 0; i < 2'000; ++i) {
    now += nanoseconds{random() % 20'000'000'000};
    const auto verdict = decide(state, now, policy);
    auto copy = state;
    std::uint32_t passes = 0;
    while (decide(copy, now, policy).allowed)
      ++passes;
    ASSERT_EQ(verdict.remaining, passes);
  }
}

TEST(gcra, after_retry_after_one_passes_and_a_second_earlier_none_does) {
  const gcra_policy policy({.limit = 7, .window_s = 60, .burst = 3});
  gcra_state state;
  nanoseconds now = 5s;
  while (decide(state, now, policy).allowed)
    now += 1ms;
  const auto verdict = decide(state, now, policy);
  ASSERT_FALSE(verdict.allowed);
  ASSERT_GE(verdict.retry_after_s, 1u);
  auto copy = state;
  EXPECT_TRUE(decide(copy, now + std::chrono::seconds{verdict.retry_after_s}, policy).allowed);
  copy = state;
  EXPECT_FALSE(decide(copy, now + std::chrono::seconds{verdict.retry_after_s} - 1s, policy).allowed);
}

TEST(gcra, a_refused_request_costs_nothing) {
  const gcra_policy policy({.limit = 1, .window_s = 10, .burst = 1});
  gcra_state state;
  EXPECT_TRUE(decide(state, 0s, policy).allowed);
  for (int i = 0; i < 100; ++i)
    EXPECT_FALSE(decide(state, 9s, policy).allowed);
  EXPECT_TRUE(decide(state, 10s, policy).allowed);
}

TEST(gcra, is_full_again_exactly_when_it_says) {
  const gcra_policy policy({.limit = 3, .window_s = 10, .burst = 4});
  gcra_state state;
  EXPECT_EQ(state.until_full(0s, policy), 0ns);
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(decide(state, 1s, policy).allowed);
  EXPECT_EQ(state.until_full(1s, policy), 10s);
  EXPECT_EQ(state.until_full(10s, policy), 1s);
  EXPECT_EQ(state.until_full(11s, policy), 0ns);
}

TEST(gcra, the_largest_limits_do_not_overflow) {
  constexpr auto most = std::numeric_limits<std::uint32_t>::max();
  const gcra_policy policy({.limit = most, .window_s = most, .burst = most});
  gcra_state state;
  const auto late = nanoseconds::max() - 1s;
  auto verdict = decide(state, late, policy);
  EXPECT_TRUE(verdict.allowed);
  EXPECT_EQ(verdict.remaining, most - 1);
  EXPECT_EQ(verdict.reset_s, 1u);
  const gcra_policy rare({.limit = 1, .window_s = most, .burst = 1});
  gcra_state slow;
  EXPECT_TRUE(decide(slow, late, rare).allowed);
  verdict = decide(slow, late, rare);
  EXPECT_FALSE(verdict.allowed);
  EXPECT_EQ(verdict.retry_after_s, most);
}

} // namespace
} // namespace weappd
