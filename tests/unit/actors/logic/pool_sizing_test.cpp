#include "actors/logic/pool_sizing.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <random>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;

constexpr pool_sizing_rules one_to_eight{.least = 1, .most = 8, .target_wait = 10ms, .shrink_after = 60s};

pool_look look_of(std::size_t size, std::chrono::nanoseconds wait, double busy,
                  std::uint64_t messages = 1'000) {
  return {.size = size, .messages = messages, .wait_p99 = wait, .busy = busy};
}

/// A pool that takes what it is told, looked at once a second.
struct a_sized_pool : ::testing::Test {
  pool_sizing sizing;
  pool_sizing_rules rules = one_to_eight;
  std::size_t size = 1;
  pool_sizing::time now = 100s;

  /// The sizes that it gets within so many looks.
  std::vector<std::size_t> see(std::chrono::nanoseconds wait, double busy, int looks,
                               std::uint64_t messages = 1'000) {
    std::vector<std::size_t> sizes;
    for (; looks > 0; --looks, now += 1s)
      if (const auto next = sizing.look(rules, look_of(size, wait, busy, messages), now))
        sizes.push_back(size = *next);
    return sizes;
  }
};

using sizes = std::vector<std::size_t>;

TEST_F(a_sized_pool, is_doubled_when_messages_wait_three_times_in_a_row) {
  EXPECT_EQ(see(11ms, 0.9, 2), sizes{});
  EXPECT_EQ(see(9ms, 0.9, 1), sizes{}) << "one that is in time begins the row anew";
  EXPECT_EQ(see(11ms, 0.9, 2), sizes{});
  EXPECT_EQ(see(11ms, 0.9, 1), sizes{2});
}

TEST_F(a_sized_pool, looks_away_after_a_change_until_all_figures_are_of_the_new_size) {
  EXPECT_EQ(see(11ms, 0.9, 3), sizes{2});
  EXPECT_EQ(see(11ms, 0.9, 10 + 2), sizes{});
  EXPECT_EQ(see(11ms, 0.9, 1), sizes{4});
}

TEST_F(a_sized_pool, has_never_more_than_the_most) {
  rules.most = 6;
  EXPECT_EQ(see(1s, 1, 300), (sizes{2, 4, 6}));
}

TEST_F(a_sized_pool, does_not_grow_where_more_workers_do_not_help) {
  EXPECT_EQ(see(1s, 0.4, 100), sizes{}) << "they are idle: unlike keys, or no processor";
  EXPECT_EQ(see(1s, 0.9, 100, 19), sizes{}) << "a few messages say nothing";
}

TEST_F(a_sized_pool, is_halved_after_the_calm_and_again_and_not_below_the_least) {
  size = 7;
  rules.least = 2;
  EXPECT_EQ(see(1ms, 0.1, 60), sizes{});
  EXPECT_EQ(see(1ms, 0.1, 1), sizes{4});
  EXPECT_EQ(see(1ms, 0.1, 10 + 60), sizes{});
  EXPECT_EQ(see(1ms, 0.1, 1), sizes{2});
  EXPECT_EQ(see(0ns, 0, 1'000, 0), sizes{}) << "nothing to do";
}

TEST_F(a_sized_pool, is_not_calm_in_between) {
  size = 4;
  EXPECT_EQ(see(6ms, 0.1, 1'000), sizes{}) << "more than half of the target";
  EXPECT_EQ(see(1ms, 0.36, 1'000), sizes{}) << "half of the workers would be too busy";
  EXPECT_EQ(see(1ms, 0.1, 59), sizes{});
  EXPECT_EQ(see(6ms, 0.1, 1), sizes{}) << "the calm begins anew";
  EXPECT_EQ(see(1ms, 0.1, 60), sizes{});
  EXPECT_EQ(see(1ms, 0.1, 1), sizes{2});
}

TEST_F(a_sized_pool, begins_anew_when_somebody_else_has_changed_it) {
  EXPECT_EQ(see(11ms, 0.9, 2), sizes{});
  size = 3; // by a reload
  EXPECT_EQ(see(11ms, 0.9, 10 + 2), sizes{});
  EXPECT_EQ(see(11ms, 0.9, 1), sizes{6});
  rules.target_wait = 5ms;
  EXPECT_EQ(see(11ms, 0.9, 10 + 2), sizes{});
  EXPECT_EQ(see(11ms, 0.9, 1), sizes{8});
  rules.most = 4;
  EXPECT_EQ(see(1ms, 0.9, 1), sizes{4}) << "at once";
}

/// Whatever it sees: within its bounds, no two changes within the span of the figures.
TEST(pool_sizing_at_random, stays_within_its_bounds_and_does_not_hurry) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    std::mt19937 random(seed);
    const std::size_t least = 1 + random() % 4;
    const pool_sizing_rules rules{.least = least,
                                  .most = least + random() % 30,
                                  .target_wait = 10ms,
                                  .shrink_after = std::chrono::seconds(1 + random() % 30)};
    pool_sizing sizing;
    std::size_t size = least;
    std::chrono::nanoseconds last = -1h;
    for (std::chrono::nanoseconds now{}; now < 20min; now += 1s) {
      const auto next = sizing.look(rules,
                                    look_of(size, std::chrono::milliseconds(random() % 3 * 6),
                                            static_cast<double>(random() % 5) * 0.25),
                                    now);
      if (!next)
        continue;
      ASSERT_NE(*next, size);
      ASSERT_GE(*next, rules.least);
      ASSERT_LE(*next, rules.most);
      ASSERT_GE(now - last, pool_sizing::figures_span);
      last = now;
      size = *next;
    }
  }
}

/// A load that wants a number of workers: it is found, and the pool stays there.
TEST(pool_sizing_under_steady_load, comes_to_rest) {
  for (const double load : {0.2, 0.9, 1.7, 3.1, 6.0}) {
    pool_sizing sizing;
    std::size_t size = 1;
    int changes = 0;
    for (std::chrono::nanoseconds now{}; now < 2h; now += 1s) {
      const auto busy = std::min(1.0, load / static_cast<double>(size));
      const auto wait = busy >= 0.95 ? 500ms : busy >= 0.8 ? 15ms : 1ms;
      if (const auto next = sizing.look(one_to_eight, look_of(size, wait, busy), now)) {
        size = *next;
        ++changes;
      }
    }
    EXPECT_LE(changes, 3) << load;
    EXPECT_LT(load / static_cast<double>(size), 0.8) << load;
  }
}

} // namespace
} // namespace weappd
