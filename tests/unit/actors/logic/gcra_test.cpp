#include "actors/logic/gcra.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <random>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

/// The definition itself, by counting: a request passes if, with it, no stretch of time that ends now would
/// hold more than burst + limit / window * length.
class counting_oracle {
public:
  explicit counting_oracle(const limit_options& rule) : rule_(rule) {}

  bool allows(nanoseconds now) {
    const std::int64_t window = std::int64_t{rule_.window_s} * 1'000'000'000;
    for (std::size_t first = 0; first < passed_.size(); ++first) {
      const auto count = static_cast<std::int64_t>(passed_.size() - first) + 1;
      const auto length = (now - passed_[first]).count();
      if ((count - std::int64_t{rule_.burst}) * window > length * std::int64_t{rule_.limit})
        return false;
    }
    passed_.push_back(now);
    return true;
  }

private:
  limit_options rule_;
  std::vector<nanoseconds> passed_;
};

TEST(gcra, admits_exactly_what_the_definition_allows_on_10000_random_schedules) {
  std::mt19937_64 random(20'260'101);
  const auto pick = [&](std::uint64_t low, std::uint64_t high) {
    return std::uniform_int_distribution<std::uint64_t>(low, high)(random);
  };
  std::size_t allowed = 0, refused = 0;
  for (int schedule = 0; schedule < 10'000; ++schedule) {
    const limit_options rule{.limit = static_cast<std::uint32_t>(pick(1, 60)),
                             .window_s = static_cast<std::uint32_t>(pick(1, 60)),
                             .burst = static_cast<std::uint32_t>(pick(1, 12))};
    const gcra_policy policy(rule);
    const auto interval = 1'000'000'000ULL * rule.window_s / rule.limit;
    counting_oracle oracle(rule);
    gcra_state state;
    nanoseconds now{pick(0, 1'000'000'000'000)};
    for (int request = 0; request < 40; ++request) {
      // At once, one ns to this or that side of the interval, or anywhere.
      const auto kind = pick(0, 3);
      now += nanoseconds{kind == 0 ? 0ULL : kind == 1 ? interval + pick(0, 2) - 1 : pick(0, 2 * interval)};
      const bool expected = oracle.allows(now);
      ASSERT_EQ(state.decide(now, policy).allowed, expected)
          << "schedule " << schedule << " request " << request << ": " << rule.limit << " per "
          << rule.window_s << " s, burst " << rule.burst;
      ++(expected ? allowed : refused);
    }
  }
  EXPECT_GT(allowed, 50'000u); // both sides of the rule were met
  EXPECT_GT(refused, 50'000u);
}

TEST(gcra, the_burst_passes_at_once_and_not_one_more) {
  const gcra_policy policy({.limit = 60, .window_s = 60, .burst = 5});
  gcra_state state;
  for (std::uint32_t left = 5; left-- > 0;) {
    const auto verdict = state.decide(100s, policy);
    EXPECT_TRUE(verdict.allowed);
    EXPECT_EQ(verdict.remaining, left);
    EXPECT_EQ(verdict.reset_s, 5 - left);
    EXPECT_EQ(verdict.retry_after_s, 0u);
  }
  const auto verdict = state.decide(100s, policy);
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
    const auto verdict = state.decide(now, policy);
    auto copy = state;
    std::uint32_t passes = 0;
    while (copy.decide(now, policy).allowed)
      ++passes;
    ASSERT_EQ(verdict.remaining, passes);
  }
}

TEST(gcra, after_retry_after_one_passes_and_a_second_earlier_none_does) {
  const gcra_policy policy({.limit = 7, .window_s = 60, .burst = 3});
  gcra_state state;
  nanoseconds now = 5s;
  while (state.decide(now, policy).allowed)
    now += 1ms;
  const auto verdict = state.decide(now, policy);
  ASSERT_FALSE(verdict.allowed);
  ASSERT_GE(verdict.retry_after_s, 1u);
  auto copy = state;
  EXPECT_TRUE(copy.decide(now + std::chrono::seconds{verdict.retry_after_s}, policy).allowed);
  copy = state;
  EXPECT_FALSE(copy.decide(now + std::chrono::seconds{verdict.retry_after_s} - 1s, policy).allowed);
}

TEST(gcra, a_refused_request_costs_nothing) {
  const gcra_policy policy({.limit = 1, .window_s = 10, .burst = 1});
  gcra_state state;
  EXPECT_TRUE(state.decide(0s, policy).allowed);
  for (int i = 0; i < 100; ++i)
    EXPECT_FALSE(state.decide(9s, policy).allowed);
  EXPECT_TRUE(state.decide(10s, policy).allowed);
}

TEST(gcra, is_full_again_exactly_when_it_says) {
  const gcra_policy policy({.limit = 3, .window_s = 10, .burst = 4});
  gcra_state state;
  EXPECT_EQ(state.until_full(0s, policy), 0ns);
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(state.decide(1s, policy).allowed);
  EXPECT_EQ(state.until_full(1s, policy), 10s);
  EXPECT_EQ(state.until_full(10s, policy), 1s);
  EXPECT_EQ(state.until_full(11s, policy), 0ns);
}

TEST(gcra, the_largest_limits_do_not_overflow) {
  constexpr auto most = std::numeric_limits<std::uint32_t>::max();
  const gcra_policy policy({.limit = most, .window_s = most, .burst = most});
  gcra_state state;
  const auto late = nanoseconds::max() - 1s;
  auto verdict = state.decide(late, policy);
  EXPECT_TRUE(verdict.allowed);
  EXPECT_EQ(verdict.remaining, most - 1);
  EXPECT_EQ(verdict.reset_s, 1u);
  const gcra_policy rare({.limit = 1, .window_s = most, .burst = 1});
  gcra_state slow;
  EXPECT_TRUE(slow.decide(late, rare).allowed);
  verdict = slow.decide(late, rare);
  EXPECT_FALSE(verdict.allowed);
  EXPECT_EQ(verdict.retry_after_s, most);
}

} // namespace
} // namespace weappd
