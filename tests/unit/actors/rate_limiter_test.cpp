#include "actors/rate_limiter.hpp"

#include "messages/error.hpp"
#include "tests/kit/actors/world.hpp"

#include <gtest/gtest.h>

#include <set>

namespace weappd {
namespace {

using namespace std::chrono_literals;

/// Policies in the order of their names: 0 is "login", 1 is "per_ip".
options small_limits(std::uint32_t max_keys = 1'000) {
  auto config = world_options();
  config.limits = {{"login", {.limit = 1, .window_s = 1, .burst = 2}},
                   {"per_ip", {.limit = 60, .window_s = 60, .burst = 5}}};
  config.rate.max_keys = max_keys;
  config.pools.rate_limiter = 1;
  return config;
}

verdict acquire_one(world& w, const rate_limiter_actor& limiter, acquire request) {
  auto answer = w.ask<verdict>(limiter, request);
  EXPECT_TRUE(answer) << "no verdict";
  return answer ? *answer : verdict{};
}

TEST(rate_limiter, a_burst_passes_then_one_for_each_interval) {
  world w(small_limits());
  const rate_limiter_actor limiter = w.spawn(rate_limiter, w.services());
  const acquire request{.policy = 1, .key = {.high = 1, .low = 2}};
  for (std::uint32_t left = 5; left-- > 0;) {
    const auto answer = acquire_one(w, limiter, request);
    EXPECT_TRUE(answer.allowed);
    EXPECT_EQ(answer.remaining, left);
  }
  const auto refused = acquire_one(w, limiter, request);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.retry_after_s, 1u);
  EXPECT_EQ(refused.reset_s, 5u);
  w.advance(1s);
  EXPECT_TRUE(acquire_one(w, limiter, request).allowed);
  EXPECT_FALSE(acquire_one(w, limiter, request).allowed);
}

TEST(rate_limiter, keys_and_policies_are_counted_apart) {
  world w(small_limits());
  const rate_limiter_actor limiter = w.spawn(rate_limiter, w.services());
  const rate_key one{.high = 1, .low = 2}, other{.high = 2, .low = 1};
  EXPECT_TRUE(acquire_one(w, limiter, {.policy = 0, .key = one}).allowed);
  EXPECT_TRUE(acquire_one(w, limiter, {.policy = 0, .key = one}).allowed);
  EXPECT_FALSE(acquire_one(w, limiter, {.policy = 0, .key = one}).allowed);
  EXPECT_TRUE(acquire_one(w, limiter, {.policy = 0, .key = other}).allowed);
  EXPECT_TRUE(acquire_one(w, limiter, {.policy = 1, .key = one}).allowed);
}

TEST(rate_limiter, a_jump_of_civil_time_gives_nobody_more) {
  world w(small_limits());
  const rate_limiter_actor limiter = w.spawn(rate_limiter, w.services());
  const acquire request{.policy = 0, .key = {.high = 1, .low = 2}};
  while (acquire_one(w, limiter, request).allowed) {
  }
  w.wall().jump(24h);
  EXPECT_FALSE(acquire_one(w, limiter, request).allowed);
}

TEST(rate_limiter, an_unknown_policy_is_an_error_of_ours) {
  world w(small_limits());
  const rate_limiter_actor limiter = w.spawn(rate_limiter, w.services());
  EXPECT_EQ(code_of(w.ask<verdict>(limiter, acquire{.policy = 2, .key = {}}).error()), ec::internal_error);
  EXPECT_TRUE(acquire_one(w, limiter, {.policy = 0, .key = {}}).allowed);
}

TEST(rate_limiter, more_keys_than_it_may_hold_degrade_it_for_a_minute) {
  world w(small_limits(10));
  const rate_limiter_actor limiter = w.spawn(rate_limiter, w.services());
  for (std::uint64_t i = 0; i < 10; ++i)
    EXPECT_TRUE(acquire_one(w, limiter, {.policy = 1, .key = {.high = i, .low = 0}}).allowed);
  EXPECT_EQ(w.ask<status_report>(limiter, get_status{})->state, health::ok);
  EXPECT_TRUE(acquire_one(w, limiter, {.policy = 1, .key = {.high = 10, .low = 0}}).allowed);
  EXPECT_EQ(w.ask<status_report>(limiter, get_status{})->state, health::degraded);
  w.advance(1min);
  EXPECT_EQ(w.ask<status_report>(limiter, get_status{})->state, health::ok);
}

TEST(limited_key_hash, differs_in_every_low_bit_for_neighbouring_addresses_and_other_policies) {
  const limited_key_hash hash({1, 2});
  std::set<std::size_t> slots;
  for (std::uint64_t i = 0; i < 256; ++i)
    for (policy_index policy = 0; policy < 4; ++policy)
      slots.insert(hash({.who = {.high = i << 32, .low = 0}, .policy = policy}) & 0xFFFF);
  EXPECT_GT(slots.size(), 1'000u); // of 1,024; a random choice loses about eight
  EXPECT_NE(hash({.who = {.high = 1, .low = 2}}), limited_key_hash({3, 4})({.who = {.high = 1, .low = 2}}));
}

} // namespace
} // namespace weappd
