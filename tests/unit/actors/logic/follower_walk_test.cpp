#include "actors/logic/follower_walk.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace weappd {
namespace {

using step = follower_walk::step;

std::vector<openid> people(std::size_t first, std::size_t count) {
  std::vector<openid> out;
  for (std::size_t i = first; i < first + count; ++i)
    out.emplace_back("o-" + std::to_string(i));
  return out;
}

followers_listed page_of(std::vector<openid> who, bool more = false) {
  return {.who = std::move(who), .total = 12'345, .more = more};
}

followers_described named(std::size_t count) {
  followers_described out;
  for (const auto& who : people(0, count))
    out.items.push_back({who, unionid("u")});
  return out;
}

TEST(a_follower_walk, begins_with_the_list_and_ends_behind_its_last_page) {
  follower_walk walk(true);
  EXPECT_EQ(walk.next(), step::list);
  EXPECT_TRUE(walk.after().empty());
  walk.listed(page_of(people(0, 3), true));
  EXPECT_EQ(walk.after(), openid("o-2"));
  EXPECT_EQ(walk.next(), step::sort);
  EXPECT_EQ(walk.to_sort(), people(0, 3));
  walk.sorted({});
  EXPECT_EQ(walk.next(), step::list);
  walk.listed(page_of({}, true));
  EXPECT_EQ(walk.next(), step::done) << "a page without anybody is the last one, whatever it says";
  EXPECT_EQ(walk.pages(), 2u);
}

TEST(a_follower_walk, sorts_a_page_in_parts_and_describes_newcomers_in_groups) {
  follower_walk walk(true);
  walk.listed(page_of(people(0, 1'500)));
  EXPECT_EQ(walk.to_sort(), people(0, 1'000));
  walk.sorted(people(0, 250));
  for (const std::size_t first : {0U, 100U}) {
    ASSERT_EQ(walk.next(), step::describe);
    EXPECT_EQ(walk.to_describe(), people(first, 100));
    walk.described(named(100));
  }
  ASSERT_EQ(walk.next(), step::sort) << "fifty wait for more to come";
  EXPECT_EQ(walk.to_sort(), people(1'000, 500));
  walk.sorted(people(1'000, 10));
  ASSERT_EQ(walk.next(), step::describe);
  EXPECT_EQ(walk.to_describe().size(), 60u);
  walk.described(named(60));
  EXPECT_EQ(walk.next(), step::done);
  EXPECT_FALSE(walk.nobody_has_a_name());
}

TEST(a_follower_walk, finds_and_leaves_out_the_one_whom_the_platform_does_not_know) {
  follower_walk walk(true);
  walk.listed(page_of(people(0, 100)));
  walk.sorted(people(0, 100));
  const openid stranger("o-77");
  std::size_t described = 0;
  int calls = 0;
  for (; walk.next() == step::describe; ++calls) {
    const auto group = walk.to_describe();
    if (std::ranges::find(group, stranger) != group.end()) {
      walk.refused();
    } else {
      described += group.size();
      walk.described(named(group.size()));
    }
  }
  EXPECT_EQ(described, 99u);
  EXPECT_LT(calls, 30);
}

TEST(a_follower_walk, ends_early_where_nobody_has_a_unionid) {
  follower_walk walk(true);
  walk.listed(page_of(people(0, 5'000), true));
  int calls = 0;
  while (walk.next() != step::done) {
    if (walk.next() == step::sort) {
      walk.sorted(walk.to_sort());
      continue;
    }
    ++calls;
    walk.described({.items = {}, .nameless = walk.to_describe().size()});
  }
  EXPECT_EQ(calls, 10);
  EXPECT_TRUE(walk.nobody_has_a_name());
}

TEST(a_follower_walk, for_those_who_are_met_reads_no_list) {
  follower_walk walk(false);
  EXPECT_EQ(walk.next(), step::done);
  EXPECT_TRUE(walk.meet(openid("o-1")));
  ASSERT_EQ(walk.next(), step::describe);
  EXPECT_EQ(walk.to_describe(), std::vector{openid("o-1")});
  walk.described(named(1));
  EXPECT_EQ(walk.next(), step::done);
  std::size_t met = 0;
  while (met < 100'000 && walk.meet(openid("o-1")))
    ++met;
  EXPECT_LE(met, follower_walk::sort_group + follower_walk::max_met);
}

} // namespace
} // namespace weappd
