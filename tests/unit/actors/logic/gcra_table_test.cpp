#include "actors/logic/gcra_table.hpp"

#include <gtest/gtest.h>

#include <cstdint>
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
struct plain_hash {
  std::size_t operator()(const test_key& key) const { return key.value; }
};

std::vector<gcra_policy> policies() {
  return {gcra_policy({.limit = 1, .window_s = 10, .burst = 3}),
          gcra_policy({.limit = 10, .window_s = 1, .burst = 1})};
}

TEST(gcra_table, decides_as_if_every_key_had_its_own_state) {
  const auto rules = policies();
  gcra_table<test_key, crowded_hash> table(5'000, {});
  std::unordered_map<std::uint64_t, gcra_state> model;
  std::mt19937_64 random(3);
  std::chrono::nanoseconds now = 1s;
  for (int i = 0; i < 20'000; ++i) {
    now += std::chrono::nanoseconds{random() % 20'000'000};
    const test_key key{.value = random() % 700, .policy = static_cast<std::uint8_t>(random() % 2)};
    auto& alone = model[key.value * 2 + key.policy];
    const auto expected = alone.judge(now, rules[key.policy]);
    if (expected.allowed)
      alone.count(now, rules[key.policy]);
    const auto found = table.decide(key, now, rules);
    ASSERT_EQ(found.allowed, expected.allowed) << i;
    ASSERT_EQ(found.remaining, expected.remaining) << i;
  }
  EXPECT_EQ(table.forced_out(), 0u);
}

TEST(gcra_table, keys_with_their_full_burst_are_dropped_when_new_ones_come) {
  const auto rules = policies();
  gcra_table<test_key, plain_hash> table(100'000, {});
  std::uint64_t next = 0;
  for (int second = 0; second < 200; ++second)
    for (int i = 0; i < 500; ++i)
      (void)table.decide({.value = next++ * 7919, .policy = 0}, std::chrono::seconds{second}, rules);
  // A key is full again after 10 s: 5,000 are in use at a time, of 100,000 that were seen.
  EXPECT_LT(table.size(), 15'000u); // as many as fit without growing for them
  EXPECT_GE(table.size(), 5'000u);
  EXPECT_EQ(table.forced_out(), 0u);
}

TEST(gcra_table, never_holds_more_keys_than_its_bound) {
  const auto rules = policies();
  gcra_table<test_key, plain_hash> table(1'000, {});
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    EXPECT_TRUE(table.decide({.value = i * 7919, .policy = 0}, 1s, rules).allowed);
    ASSERT_LE(table.size(), 1'000u);
  }
  EXPECT_EQ(table.size(), 1'000u);
  EXPECT_EQ(table.forced_out(), 9'000u);
}

TEST(gcra_table, who_has_used_up_a_limit_stays_refused_while_others_push_keys_out) {
  const auto rules = policies();
  gcra_table<test_key, plain_hash> table(1'000, {});
  const test_key greedy{.value = 4'711, .policy = 0};
  while (table.decide(greedy, 1s, rules).allowed) {
  }
  for (std::uint64_t i = 0; i < 50'000; ++i)
    (void)table.decide({.value = 1'000'000 + i * 7919, .policy = 0}, 1s, rules);
  EXPECT_GT(table.forced_out(), 0u);
  EXPECT_FALSE(table.decide(greedy, 1s, rules).allowed);
}

TEST(gcra_table, a_table_for_one_key_works) {
  const auto rules = policies();
  gcra_table<test_key, plain_hash> table(0, {});
  for (std::uint64_t i = 0; i < 100; ++i)
    EXPECT_TRUE(table.decide({.value = i, .policy = 0}, 1s, rules).allowed);
  EXPECT_EQ(table.size(), 1u);
}

} // namespace
} // namespace weappd
