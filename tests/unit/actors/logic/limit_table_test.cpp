#include "actors/logic/limit_table.hpp"

#include "tests/kit/rounds.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <random>
#include <unordered_map>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;

struct test_key {
  std::uint64_t value = 0;
  std::uint8_t policy = 0;
  friend bool operator==(const test_key&, const test_key&) = default;
};
/// Bad on purpose: long probes, wrap-around, keys that move when others go.
struct crowded_hash {
  std::size_t operator()(const test_key& key) const { return (key.value % 7) * 150; }
};
/// The finalizer of SplitMix64: the values of these tests are a sequence, which with less would fill long
/// runs of slots.
struct mixing_hash {
  std::size_t operator()(const test_key& key) const {
    auto value = key.value + 0x9E3779B97F4A7C15ULL;
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9ULL;
    value = (value ^ value >> 27) * 0x94D049BB133111EBULL;
    return value ^ value >> 31;
  }
};

/// Is asked for each key that is looked for or moved.
struct counting_hash {
  std::uint64_t* calls;
  std::size_t operator()(const test_key& key) const {
    ++*calls;
    return mixing_hash()(key);
  }
};

struct test_policies {
  std::vector<limit_policy> rules;
  std::size_t gone = 99; ///< the id of a policy that is not there any more
  [[nodiscard]] const limit_policy* find(std::size_t id) const { return id == gone ? nullptr : &rules[id]; }
};

enum : std::uint8_t { slow, fast, sliding, fixed, leaky };

test_policies policies() {
  return {.rules = {
              make_limit_policy({.limit = 1, .window_s = 10, .burst = 3}),
              make_limit_policy({.limit = 10, .window_s = 1, .burst = 1}),
              make_limit_policy({.algorithm = limit_algorithm::sliding_window, .limit = 9, .window_s = 5}),
              make_limit_policy({.algorithm = limit_algorithm::fixed_window, .limit = 4, .window_s = 3}),
              make_limit_policy({.algorithm = limit_algorithm::leaky_bucket, .limit = 1, .window_s = 1}),
          }};
}

TEST(limit_table, decides_as_if_every_key_had_its_own_state) {
  const auto rules = policies();
  limit_table<test_key, crowded_hash> table({.keys = 5'000, .stamps = 100'000}, {});
  std::unordered_map<std::uint64_t, limit_state> model;
  std::mt19937_64 random(3);
  std::chrono::nanoseconds now = 1s;
  for (int i = 0; i < 40'000; ++i) {
    now += std::chrono::nanoseconds{random() % 20'000'000};
    const test_key key{.value = random() % 700, .policy = static_cast<std::uint8_t>(random() % 5)};
    const auto& policy = rules.rules[key.policy];
    auto& alone = model.try_emplace(key.value * 5 + key.policy, policy).first->second;
    const auto expected = alone.judge(now, policy);
    if (expected.allowed)
      alone.count(now, policy);
    const auto judged = table.judge(key, now, policy);
    ASSERT_EQ(judged.allowed, expected.allowed) << i;
    if (i % 2 == 0 && judged.allowed) {
      table.count(key, now, rules);
      continue;
    }
    const auto found = table.decide(key, now, rules);
    ASSERT_EQ(found.allowed, expected.allowed) << i;
    ASSERT_EQ(found.remaining, expected.remaining) << i;
    ASSERT_EQ(found.delay, expected.delay) << i;
  }
  EXPECT_EQ(table.forced_out(), 0u);
}

TEST(limit_table, keys_of_which_all_is_there_again_are_dropped_when_new_ones_come) {
  const auto rules = policies();
  std::uint64_t next = 0, hashed = 0;
  limit_table<test_key, counting_hash> table({.keys = 100'000}, {&hashed});
  for (int second = 0; second < 200; ++second)
    for (int i = 0; i < 500; ++i)
      (void)table.decide({.value = next++ * 7919, .policy = slow}, std::chrono::seconds{second}, rules);
  // A key is full again after 10 s: 5,000 are in use at a time, of 100,000 that were seen.
  EXPECT_LE(table.size(), 6'144u); // as many as fit without growing for them
  EXPECT_GE(table.size(), 5'000u);
  EXPECT_EQ(table.forced_out(), 0u);
  EXPECT_LT(hashed, 20 * next) << "probes are long";
}

TEST(limit_table, never_holds_more_keys_than_its_bound) {
  const auto rules = policies();
  for (const auto policy : {slow, sliding, fixed}) {
    limit_table<test_key, mixing_hash> table({.keys = 1'000, .stamps = 1'000}, {});
    for (std::uint64_t i = 0; i < 10'000; ++i) {
      EXPECT_TRUE(table.decide({.value = i * 7919, .policy = policy}, 1s, rules).allowed);
      ASSERT_LE(table.size(), 1'000u);
      ASSERT_LE(table.stamps(), 1'000u + 4 * 1'000u);
    }
    EXPECT_EQ(table.size(), 1'000u);
    EXPECT_EQ(table.forced_out(), 9'000u);
  }
}

TEST(limit_table, who_has_used_up_a_limit_stays_refused_while_others_push_keys_out) {
  const auto rules = policies();
  for (const auto policy : {slow, leaky}) {
    limit_table<test_key, mixing_hash> table({.keys = 1'000}, {});
    const test_key greedy{.value = 4'711, .policy = policy};
    while (table.decide(greedy, 1s, rules).allowed) {
    }
    for (std::uint64_t i = 0; i < 50'000; ++i)
      (void)table.decide({.value = 1'000'000 + i * 7919, .policy = policy}, 1s, rules);
    EXPECT_GT(table.forced_out(), 0u);
    EXPECT_FALSE(table.decide(greedy, 1s, rules).allowed);
  }
}

TEST(limit_table, keys_of_a_policy_that_is_gone_make_room_first_and_lose_nothing) {
  auto rules = policies();
  limit_table<test_key, mixing_hash> table({.keys = 1'000}, {});
  for (std::uint64_t i = 0; i < 1'000; ++i)
    (void)table.decide({.value = i * 7919, .policy = slow}, 1s, rules);
  rules.gone = slow;
  for (std::uint64_t i = 0; i < 1'000; ++i)
    (void)table.decide({.value = i * 7919, .policy = fixed}, 1s, rules);
  EXPECT_EQ(table.size(), 1'000u);
  EXPECT_EQ(table.forced_out(), 0u);
}

TEST(limit_table, a_table_for_one_key_works) {
  const auto rules = policies();
  limit_table<test_key, mixing_hash> table({.keys = 0}, {});
  for (std::uint64_t i = 0; i < 100; ++i)
    EXPECT_TRUE(table.decide({.value = i, .policy = slow}, 1s, rules).allowed);
  EXPECT_EQ(table.size(), 1u);
}

TEST(limit_table, moments_of_sliding_windows_are_bounded_and_those_nearest_to_their_end_go_first) {
  test_policies rules{.rules = {make_limit_policy(
                          {.algorithm = limit_algorithm::sliding_window, .limit = 1'000, .window_s = 60})}};
  constexpr std::size_t most = 20'000;
  limit_table<test_key, mixing_hash> table({.keys = 1'000, .stamps = most}, {});
  for (std::uint64_t key = 0; key < 100; ++key)
    for (int i = 0; i < 1'000; ++i) {
      EXPECT_TRUE(table.decide({.value = key}, 1s + std::chrono::seconds{key / 10}, rules).allowed);
      ASSERT_LE(table.stamps(), most + 4 * table.size());
    }
  EXPECT_GT(table.forced_out(), 0u);
  EXPECT_FALSE(table.decide({.value = 99}, 11s, rules).allowed) << "the newest is not the one to go";
  EXPECT_TRUE(table.decide({.value = 0}, 11s, rules).allowed);
}

TEST(limit_table, a_key_that_nobody_can_make_way_for_forgets_its_oldest_moment) {
  test_policies rules{.rules = {make_limit_policy(
                          {.algorithm = limit_algorithm::sliding_window, .limit = 100, .window_s = 60})}};
  limit_table<test_key, mixing_hash> table({.keys = 10, .stamps = 8}, {});
  for (int i = 0; i < 200; ++i) {
    EXPECT_TRUE(table.decide({.value = 1}, 1s, rules).allowed);
    ASSERT_LE(table.stamps(), 8u + 4u);
  }
  EXPECT_EQ(table.forced_out(), 192u);
}

// -- a million addresses against room for 100,000

/// As large as the keys of the rate limiter.
struct address_key {
  std::uint64_t high = 0, low = 0;
  std::uint32_t policy = 0;
  friend bool operator==(const address_key&, const address_key&) = default;
};
struct address_hash {
  std::size_t operator()(const address_key& key) const { return mixing_hash()({.value = key.low}); }
};

void attack(const char* name, const limit_options& rule) {
  constexpr std::size_t keys = 100'000, stamps = 1'600'000;
  constexpr std::uint64_t attackers = rounds(1'000'000, 300'000);
  const test_policies rules{.rules = {make_limit_policy(rule)}};
  limit_table<address_key, address_hash> table({.keys = keys, .stamps = stamps}, {});
  std::mt19937_64 random(11);
  std::size_t most_bytes = 0, honest = 0, served = 0;
  std::chrono::nanoseconds now = 1s;
  // 100,000 requests a second from everywhere; the honest client asks once a second.
  for (std::uint64_t i = 0; i < attackers + attackers / 5; ++i, now += 10us) {
    const auto from = i < attackers ? i : random() % attackers;
    (void)table.decide({.low = 1 + from}, now, rules);
    if (i % 100'000 == 0) {
      ++honest;
      served += table.decide({.low = 0}, now, rules).allowed ? 1 : 0;
    }
    most_bytes = std::max(most_bytes, table.bytes());
    ASSERT_LE(table.size(), keys);
    ASSERT_LE(table.stamps(), stamps + 4 * keys);
  }
  std::printf("%-14s  %zu addresses against room for %zu keys: %zu bytes a key, %zu forced out, "
              "honest client %zu of %zu served\n",
              name, static_cast<std::size_t>(attackers), keys, most_bytes / keys,
              static_cast<std::size_t>(table.forced_out()), served, honest);
  EXPECT_EQ(served, honest);
  EXPECT_GT(table.forced_out(), attackers / 4) << "it was no attack";
  const std::size_t slots = 262'144; // a power of two above 4/3 of the keys
  EXPECT_LE(most_bytes, slots * 48 + (stamps + 4 * keys) * 8);
}

TEST(limits_memory, under_attack_is_bounded_and_an_honest_client_is_served) {
  const limit_options rule{.limit = 60, .window_s = 60, .burst = 5};
  const auto with = [rule](limit_algorithm algorithm) {
    auto changed = rule;
    changed.algorithm = algorithm;
    return changed;
  };
  attack("gcra", with(limit_algorithm::gcra));
  attack("sliding_window", with(limit_algorithm::sliding_window));
  attack("fixed_window", with(limit_algorithm::fixed_window));
  attack("leaky_bucket", with(limit_algorithm::leaky_bucket));
}

} // namespace
} // namespace weappd
