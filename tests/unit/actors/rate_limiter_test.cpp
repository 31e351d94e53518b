#include "actors/rate_limiter.hpp"

#include "config/limit_set.hpp"
#include "messages/error.hpp"
#include "tests/kit/actors/world.hpp"

#include <gtest/gtest.h>

#include <initializer_list>
#include <set>

namespace weappd {
namespace {

using namespace std::chrono_literals;

/// Policies get their ids in the order of their names.
constexpr policy_id login = 1, per_ip = 2;

options small_limits(std::uint32_t max_keys = 1'000) {
  auto config = world_options();
  config.limits = {{"login", {.limit = 1, .window_s = 1, .burst = 2}},
                   {"per_ip", {.limit = 60, .window_s = 60, .burst = 5}}};
  config.rate.max_keys = max_keys;
  config.pools.rate_limiter = 1;
  return config;
}

acquire one_more(rate_key key, std::initializer_list<policy_id> policies) {
  acquire request{.key = key, .policies = {}};
  for (const auto policy : policies)
    request.policies.add(policy);
  return request;
}

verdict acquire_one(world& w, const rate_limiter_actor& limiter, acquire request) {
  auto answer = w.ask<verdict>(limiter, request);
  EXPECT_TRUE(answer) << "no verdict";
  return answer ? *answer : verdict{};
}

TEST(rate_limiter, a_burst_passes_then_one_for_each_interval) {
  world w(small_limits());
  const rate_limiter_actor limiter = w.spawn(rate_limiter, w.services(), std::size_t{0});
  const auto request = one_more({.high = 1, .low = 2}, {per_ip});
  for (std::uint32_t left = 5; left-- > 0;) {
    const auto answer = acquire_one(w, limiter, request);
    EXPECT_TRUE(answer.allowed);
    EXPECT_EQ(answer.policy, per_ip);
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
  const rate_limiter_actor limiter = w.spawn(rate_limiter, w.services(), std::size_t{0});
  const rate_key one{.high = 1, .low = 2}, other{.high = 2, .low = 1};
  EXPECT_TRUE(acquire_one(w, limiter, one_more(one, {login})).allowed);
  EXPECT_TRUE(acquire_one(w, limiter, one_more(one, {login})).allowed);
  EXPECT_FALSE(acquire_one(w, limiter, one_more(one, {login})).allowed);
  EXPECT_TRUE(acquire_one(w, limiter, one_more(other, {login})).allowed);
  EXPECT_TRUE(acquire_one(w, limiter, one_more(one, {per_ip})).allowed);
}

TEST(rate_limiter, a_jump_of_civil_time_gives_nobody_more) {
  world w(small_limits());
  const rate_limiter_actor limiter = w.spawn(rate_limiter, w.services(), std::size_t{0});
  const auto request = one_more({.high = 1, .low = 2}, {login});
  while (acquire_one(w, limiter, request).allowed) {
  }
  w.wall().jump(24h);
  EXPECT_FALSE(acquire_one(w, limiter, request).allowed);
}

TEST(rate_limiter, of_several_policies_the_strictest_answers) {
  world w(small_limits());
  const rate_limiter_actor limiter = w.spawn(rate_limiter, w.services(), std::size_t{0});
  const auto both = one_more({.high = 1, .low = 2}, {login, per_ip});
  auto answer = acquire_one(w, limiter, both);
  EXPECT_EQ(answer.policy, login);
  EXPECT_EQ(answer.remaining, 1u);
  EXPECT_EQ(acquire_one(w, limiter, both).policy, login);
  EXPECT_EQ(acquire_one(w, limiter, both).policy, login) << "refused";
  w.advance(1s);
  for (int i = 0; i < 10; ++i)
    (void)acquire_one(w, limiter, one_more({.high = 1, .low = 2}, {per_ip}));
  answer = acquire_one(w, limiter, both);
  EXPECT_FALSE(answer.allowed);
  EXPECT_EQ(answer.policy, per_ip);
}

TEST(rate_limiter, what_one_policy_refuses_is_counted_under_none_of_that_key) {
  world w(small_limits());
  const rate_limiter_actor limiter = w.spawn(rate_limiter, w.services(), std::size_t{0});
  const rate_key who{.high = 1, .low = 2};
  for (int i = 0; i < 50; ++i)
    (void)acquire_one(w, limiter, one_more(who, {per_ip, login})); // login lets two pass
  EXPECT_EQ(acquire_one(w, limiter, one_more(who, {per_ip})).remaining, 2u);
  EXPECT_EQ(w.rates().count("login", rate_outcome::allowed), 2u);
  EXPECT_EQ(w.rates().count("login", rate_outcome::refused), 48u);
  EXPECT_EQ(w.rates().count("per_ip", rate_outcome::allowed), 3u);
  EXPECT_EQ(w.rates().count("per_ip", rate_outcome::refused), 0u);
}

TEST(rate_limiter, a_shadow_counts_and_reports_and_has_no_say) {
  auto config = small_limits();
  config.limits["login"].shadow = true;
  world w(config);
  const rate_limiter_actor limiter = w.spawn(rate_limiter, w.services(), std::size_t{0});
  const rate_key who{.high = 1, .low = 2};
  for (std::uint32_t left = 4; left >= 1; --left) {
    const auto answer = acquire_one(w, limiter, one_more(who, {login, per_ip}));
    EXPECT_TRUE(answer.allowed);
    EXPECT_EQ(answer.policy, per_ip);
    EXPECT_EQ(answer.remaining, left) << "the others count all the same";
  }
  EXPECT_EQ(acquire_one(w, limiter, one_more(who, {login})).policy, 0u) << "nobody had a say";
  EXPECT_EQ(w.rates().count("login", rate_outcome::allowed), 2u);
  EXPECT_EQ(w.rates().count("login", rate_outcome::would_refuse), 3u);
  EXPECT_EQ(w.rates().count("login", rate_outcome::refused), 0u);
}

TEST(rate_limiter, a_leaky_bucket_says_how_long_to_wait_and_a_shadow_lets_nobody_wait) {
  auto config = small_limits();
  config.limits["login"] = {
      .algorithm = limit_algorithm::leaky_bucket, .limit = 2, .window_s = 1, .burst = 1, .shadow = false};
  config.limits["per_ip"] = config.limits["login"];
  config.limits["per_ip"].shadow = true;
  world w(config);
  const rate_limiter_actor limiter = w.spawn(rate_limiter, w.services(), std::size_t{0});
  const rate_key who{.high = 1, .low = 2};
  EXPECT_EQ(acquire_one(w, limiter, one_more(who, {login, per_ip})).delay, 0ms);
  EXPECT_EQ(acquire_one(w, limiter, one_more(who, {login, per_ip})).delay, 500ms);
  EXPECT_FALSE(acquire_one(w, limiter, one_more(who, {login, per_ip})).allowed);
  EXPECT_EQ(acquire_one(w, limiter, one_more({.high = 2, .low = 2}, {per_ip})).delay, 0ms);
  EXPECT_EQ(acquire_one(w, limiter, one_more({.high = 2, .low = 2}, {per_ip})).delay, 0ms);
  EXPECT_EQ(w.rates().count("login", rate_outcome::delayed), 1u);
}

TEST(rate_limiter, refusals_are_told_at_once_and_then_at_a_bounded_pace) {
  world w(small_limits());
  const rate_limiter_actor limiter = w.spawn(rate_limiter, w.services(), std::size_t{0});
  const auto request = one_more({.high = 1, .low = 2}, {login});
  for (int i = 0; i < 1'002; ++i)
    (void)acquire_one(w, limiter, request);
  ASSERT_EQ(w.events().named("rate.refused").size(), 1u);
  w.advance(10s);
  for (int i = 0; i < 1'002; ++i)
    (void)acquire_one(w, limiter, request);
  const auto told = w.events().named("rate.refused");
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].fields.at("policy"), "login");
  EXPECT_EQ(told[0].fields.at("refused"), "1");
  EXPECT_EQ(told[1].fields.at("refused"), "1000");
}

// -- policies that change

std::map<std::string, limit_options> with_login_of(std::uint32_t burst) {
  return {{"login", {.limit = 1, .window_s = 1, .burst = burst}},
          {"per_ip", {.limit = 60, .window_s = 60, .burst = 5}}};
}

policy_id id_of(const limit_set& set, const std::string& name) {
  for (const auto& policy : set.all())
    if (policy.name == name)
      return policy.id;
  return 0;
}

TEST(rate_limiter, new_policies_are_in_force_at_once_and_unchanged_ones_keep_their_counts) {
  world w(small_limits());
  const rate_limiter_actor limiter = w.spawn(rate_limiter, w.services(), std::size_t{0});
  const rate_key who{.high = 1, .low = 2};
  for (int i = 0; i < 4; ++i)
    (void)acquire_one(w, limiter, one_more(who, {per_ip}));
  while (acquire_one(w, limiter, one_more(who, {login})).allowed) {
  }
  const auto next = w.limits().change(with_login_of(7));
  ASSERT_TRUE(w.ask<done>(limiter, use_limits{next}));
  EXPECT_EQ(id_of(*next, "per_ip"), per_ip);
  const auto new_login = id_of(*next, "login");
  EXPECT_NE(new_login, login);
  EXPECT_EQ(acquire_one(w, limiter, one_more(who, {new_login})).remaining, 6u) << "it counts anew";
  EXPECT_EQ(acquire_one(w, limiter, one_more(who, {per_ip})).remaining, 0u) << "the fifth of five";
  EXPECT_FALSE(acquire_one(w, limiter, one_more(who, {per_ip})).allowed);
  w.advance(1s);
  EXPECT_TRUE(acquire_one(w, limiter, one_more(who, {per_ip})).allowed);
}

TEST(rate_limiter, a_question_about_a_policy_that_is_gone_is_not_refused) {
  world w(small_limits());
  const rate_limiter_actor limiter = w.spawn(rate_limiter, w.services(), std::size_t{0});
  const rate_key who{.high = 1, .low = 2};
  while (acquire_one(w, limiter, one_more(who, {login})).allowed) {
  }
  ASSERT_TRUE(w.ask<done>(limiter, use_limits{w.limits().change(with_login_of(7))}));
  const auto answer = acquire_one(w, limiter, one_more(who, {login, per_ip}));
  EXPECT_TRUE(answer.allowed);
  EXPECT_EQ(answer.policy, per_ip);
}

TEST(rate_limiter, that_hears_of_a_new_policy_by_a_question_looks_it_up) {
  world w(small_limits());
  const rate_limiter_actor limiter = w.spawn(rate_limiter, w.services(), std::size_t{0});
  (void)acquire_one(w, limiter, one_more({}, {per_ip})); // it has begun with the old ones
  const auto next = w.limits().change(with_login_of(1));
  const auto request = one_more({.high = 1, .low = 2}, {id_of(*next, "login")});
  EXPECT_TRUE(acquire_one(w, limiter, request).allowed);
  EXPECT_FALSE(acquire_one(w, limiter, request).allowed);
}

TEST(rate_limiter, that_was_restarted_begins_with_the_policies_in_force) {
  world w(small_limits());
  const auto next = w.limits().change(with_login_of(1));
  const rate_limiter_actor limiter = w.spawn(rate_limiter, w.services(), std::size_t{0});
  const auto request = one_more({.high = 1, .low = 2}, {id_of(*next, "login")});
  EXPECT_TRUE(acquire_one(w, limiter, request).allowed);
  EXPECT_FALSE(acquire_one(w, limiter, request).allowed);
}

TEST(rate_limiter, a_policy_may_become_a_shadow_and_back_and_keeps_its_counts) {
  world w(small_limits());
  const rate_limiter_actor limiter = w.spawn(rate_limiter, w.services(), std::size_t{0});
  const auto request = one_more({.high = 1, .low = 2}, {login});
  while (acquire_one(w, limiter, request).allowed) {
  }
  auto changed = w.config().limits;
  changed["login"].shadow = true;
  ASSERT_TRUE(w.ask<done>(limiter, use_limits{w.limits().change(changed)}));
  EXPECT_TRUE(acquire_one(w, limiter, request).allowed);
  ASSERT_TRUE(w.ask<done>(limiter, use_limits{w.limits().change(w.config().limits)}));
  EXPECT_FALSE(acquire_one(w, limiter, request).allowed);
}

// -- bounds

TEST(rate_limiter, more_keys_than_it_may_hold_degrade_it_for_a_minute) {
  world w(small_limits(10));
  const rate_limiter_actor limiter = w.spawn(rate_limiter, w.services(), std::size_t{0});
  for (std::uint64_t i = 0; i < 10; ++i)
    EXPECT_TRUE(acquire_one(w, limiter, one_more({.high = i, .low = 0}, {per_ip})).allowed);
  EXPECT_EQ(w.ask<status_report>(limiter, get_status{})->state, health::ok);
  EXPECT_TRUE(acquire_one(w, limiter, one_more({.high = 10, .low = 0}, {per_ip})).allowed);
  EXPECT_EQ(w.ask<status_report>(limiter, get_status{})->state, health::degraded);
  w.advance(1min);
  EXPECT_EQ(w.ask<status_report>(limiter, get_status{})->state, health::ok);
}

TEST(limited_key_hash, differs_in_every_low_bit_for_neighbouring_addresses_and_other_policies) {
  const limited_key_hash hash({1, 2});
  std::set<std::size_t> slots;
  for (std::uint64_t i = 0; i < 256; ++i)
    for (policy_id policy = 0; policy < 4; ++policy)
      slots.insert(hash({.who = {.high = i << 32, .low = 0}, .policy = policy}) & 0xFFFF);
  EXPECT_GT(slots.size(), 1'000u); // of 1,024; a random choice loses about eight
  EXPECT_NE(hash({.who = {.high = 1, .low = 2}}), limited_key_hash({3, 4})({.who = {.high = 1, .low = 2}}));
}

} // namespace
} // namespace weappd
