#include "actors/logic/message_ids.hpp"

#include <gtest/gtest.h>

#include <set>
#include <thread>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;

constexpr timestamp ids_start = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21);

TEST(message_ids, grow_and_are_above_the_newest_in_the_store) {
  snowflake_message_ids before(1, {});
  const auto newest = before.next(ids_start);
  ASSERT_TRUE(newest);
  snowflake_message_ids ids(1, *newest);
  const auto first = ids.next(ids_start + 1ms);
  const auto second = ids.next(ids_start + 1ms);
  ASSERT_TRUE(first && second);
  EXPECT_GT(*first, *newest);
  EXPECT_GT(*second, *first);
}

TEST(message_ids, go_on_while_the_clock_is_a_little_behind_and_stop_when_it_is_far_behind) {
  snowflake_message_ids ids(1, {});
  auto newest = ids.next(ids_start);
  ASSERT_TRUE(newest);
  for (int i = 0; i < 10'000; ++i) { // more than a millisecond holds
    const auto next = ids.next(ids_start - 1s);
    ASSERT_TRUE(next);
    ASSERT_GT(*next, *newest);
    newest = next;
  }
  EXPECT_FALSE(ids.next(ids_start - 1h));
  EXPECT_TRUE(ids.next(ids_start + 1min));
}

TEST(message_ids, of_a_thread_that_read_the_clock_earlier_are_made_all_the_same) {
  snowflake_message_ids ids(1, {});
  ASSERT_TRUE(ids.next(ids_start + 1ms));
  EXPECT_TRUE(ids.next(ids_start));
}

TEST(message_ids, of_two_nodes_differ) {
  snowflake_message_ids one(1, {});
  snowflake_message_ids other(2, {});
  EXPECT_NE(one.next(ids_start), other.next(ids_start));
}

TEST(message_ids, of_several_threads_differ) {
  constexpr int each = 1'000;
  snowflake_message_ids ids(1, {});
  std::vector<std::vector<message_id>> made(4);
  {
    std::vector<std::jthread> makers;
    for (auto& mine : made)
      makers.emplace_back([&ids, &mine] {
        for (int i = 0; i < each; ++i)
          if (const auto id = ids.next(ids_start))
            mine.push_back(*id);
      });
  }
  std::set<message_id> all;
  for (const auto& mine : made) {
    EXPECT_EQ(mine.size(), each);
    all.insert(mine.begin(), mine.end());
  }
  EXPECT_EQ(all.size(), 4u * each); // all of one millisecond, which has 4,096
}

} // namespace
} // namespace weappd
