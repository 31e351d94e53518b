#include "actors/logic/limit_state.hpp"
#include "config/enum_names.hpp"

#include "limit_oracles.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <random>
#include <string>

/// Each algorithm against an oracle that counts, on 10,000 random schedules in virtual time. `make
/// limits-oracle` runs them and prints what they found.
namespace weappd {
namespace {

constexpr int schedules = 10'000;
constexpr int requests = 40;

struct figures {
  std::size_t allowed = 0;
  std::size_t delayed = 0; ///< of these
  std::size_t refused = 0;
  std::size_t one_too_many = 0;
  std::size_t refused_wrongly = 0;
  std::size_t other_delay = 0;
  std::size_t other_rest = 0; ///< `remaining` is not what passes, or `retry_after_s` not when one does
};

class dice {
public:
  explicit dice(std::uint64_t seed) : random_(seed) {}
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return std::uniform_int_distribution<std::uint64_t>(low, high)(random_);
  }

private:
  std::mt19937_64 random_;
};

limit_options random_rule(limit_algorithm algorithm, dice& roll) {
  return {.algorithm = algorithm,
          .limit = static_cast<std::uint32_t>(roll.between(1, roll.between(0, 3) == 0 ? 60 : 12)),
          .window_s = static_cast<std::uint32_t>(roll.between(1, 60)),
          .burst = static_cast<std::uint32_t>(roll.between(1, 12)),
          .max_delay_ms =
              static_cast<std::uint32_t>(roll.between(0, 5) == 0 ? roll.between(0, 3'000) : 600'000)};
}

/// At once; an interval or a window away, give or take a nanosecond; anywhere within two intervals; or after
/// a long silence.
std::chrono::nanoseconds random_gap(const limit_options& rule, dice& roll) {
  const auto window = 1'000'000'000ULL * rule.window_s;
  const auto interval = window / rule.limit;
  const auto kind = roll.between(0, 99);
  if (kind < 50)
    return std::chrono::nanoseconds{0};
  if (kind < 70)
    return std::chrono::nanoseconds{interval + roll.between(0, 2) - 1};
  if (kind < 76)
    return std::chrono::nanoseconds{window + roll.between(0, 2) - 1};
  if (kind < 82)
    return std::chrono::nanoseconds{roll.between(0, window)};
  if (kind < 84)
    return std::chrono::nanoseconds{roll.between(0, 1) == 0 ? 1 : 5 * window};
  return std::chrono::nanoseconds{roll.between(0, 2 * interval)};
}

/// Asks the oracle itself how many more would pass now, and whether one does at a moment.
template <class Oracle>
bool tells_the_rest(const limit_verdict& verdict, const Oracle& oracle, std::chrono::nanoseconds now) {
  auto copy = oracle;
  std::uint32_t more = 0;
  while (copy.ask(now))
    ++more;
  if (verdict.remaining != more)
    return false;
  if (verdict.allowed)
    return true;
  auto then = oracle, before = oracle;
  const std::chrono::seconds wait{verdict.retry_after_s};
  return then.ask(now + wait) && !before.ask(now + wait - std::chrono::seconds{1});
}

template <class Oracle>
void run_schedule(limit_algorithm algorithm, bool look_at_the_rest, dice& roll, figures& found) {
  const auto rule = random_rule(algorithm, roll);
  const auto policy = make_limit_policy(rule);
  Oracle oracle(rule);
  limit_state state(policy);
  std::chrono::nanoseconds now{roll.between(0, 1'000'000'000'000)};
  for (int request = 0; request < requests; ++request) {
    now += random_gap(rule, roll);
    const auto expected = oracle.ask(now);
    const auto verdict = state.judge(now, policy);
    if (verdict.allowed)
      state.count(now, policy);
    ++(expected ? found.allowed : found.refused);
    found.delayed += expected && *expected > std::chrono::nanoseconds{0} ? 1 : 0;
    found.one_too_many += verdict.allowed && !expected ? 1 : 0;
    found.refused_wrongly += !verdict.allowed && expected ? 1 : 0;
    found.other_delay += verdict.allowed && expected && verdict.delay != *expected ? 1 : 0;
    if (look_at_the_rest && !tells_the_rest(verdict, oracle, now))
      ++found.other_rest;
  }
}

template <class Oracle>
figures run_all(limit_algorithm algorithm, std::uint64_t seed) {
  dice roll(seed);
  figures found;
  for (int schedule = 0; schedule < schedules; ++schedule)
    run_schedule<Oracle>(algorithm, schedule % 5 == 0, roll, found);
  const auto disagreements =
      found.one_too_many + found.refused_wrongly + found.other_delay + found.other_rest;
  std::printf("%-14s  %d schedules, %zu decisions (%zu allowed, %zu of them delayed, %zu refused), "
              "disagreements %zu\n",
              std::string(name_of(algorithm)).c_str(), schedules, found.allowed + found.refused,
              found.allowed, found.delayed, found.refused, disagreements);
  EXPECT_EQ(found.one_too_many, 0u);
  EXPECT_EQ(found.refused_wrongly, 0u);
  EXPECT_EQ(found.other_delay, 0u);
  EXPECT_EQ(found.other_rest, 0u);
  EXPECT_GT(found.allowed, 50'000u); // both sides of the rule were met
  EXPECT_GT(found.refused, 50'000u);
  return found;
}

TEST(limits_oracle, gcra_lets_pass_exactly_what_its_definition_allows) {
  run_all<oracles::counting_gcra>(limit_algorithm::gcra, 20'260'101);
}

TEST(limits_oracle, a_sliding_window_lets_pass_exactly_what_its_definition_allows) {
  run_all<oracles::counting_sliding_window>(limit_algorithm::sliding_window, 20'260'102);
}

TEST(limits_oracle, a_fixed_window_lets_pass_exactly_what_its_definition_allows) {
  run_all<oracles::counting_fixed_window>(limit_algorithm::fixed_window, 20'260'103);
}

TEST(limits_oracle, a_leaky_bucket_delays_and_refuses_exactly_as_its_definition_says) {
  const auto found = run_all<oracles::counting_leaky_bucket>(limit_algorithm::leaky_bucket, 20'260'104);
  EXPECT_GT(found.delayed, 50'000u);
}

} // namespace
} // namespace weappd
