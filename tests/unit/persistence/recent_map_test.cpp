#include "persistence/recent_map.hpp"

#include <gtest/gtest.h>

#include <string>

using namespace weappd;

using numbered = recent_map<int, std::string>;

TEST(recent_map, finds_what_was_put_last_and_nothing_else) {
  numbered map(10);
  EXPECT_EQ(map.find(1), nullptr);
  EXPECT_EQ(map.put(1, "one"), "one");
  EXPECT_EQ(map.put(1, "first"), "first");
  ASSERT_NE(map.find(1), nullptr);
  EXPECT_EQ(*map.find(1), "first");
  EXPECT_EQ(map.find(2), nullptr);
  EXPECT_EQ(map.size(), 1u);
}

TEST(recent_map, never_holds_more_than_its_bound) {
  numbered map(10);
  for (int i = 0; i < 1'000; ++i) {
    map.put(i, "x");
    map.find(i - 4);
    EXPECT_LE(map.size(), 10u);
  }
}

TEST(recent_map, forgets_what_was_not_used_and_keeps_what_was) {
  numbered map(10);
  map.put(0, "used");
  map.put(1, "not used");
  for (int i = 2; i < 100; ++i) {
    map.put(i, "x");
    ASSERT_NE(map.find(0), nullptr) << "after " << i;
  }
  EXPECT_EQ(*map.find(0), "used");
  EXPECT_EQ(map.find(1), nullptr);
}

TEST(recent_map, keeps_an_entry_for_half_of_its_bound_at_least) {
  for (int before = 0; before < 10; ++before) {
    numbered map(10);
    for (int i = 0; i < before; ++i)
      map.put(-1 - i, "x");
    map.put(0, "kept");
    for (int i = 1; i <= 5; ++i)
      map.put(i, "x");
    EXPECT_NE(map.find(0), nullptr) << "with " << before << " before it";
  }
}

TEST(recent_map, what_is_put_again_has_one_value_also_when_it_was_old) {
  numbered map(4);
  map.put(1, "old");
  map.put(2, "x");
  map.put(3, "x"); // 1 and 2 are in the old half now
  map.put(1, "new");
  EXPECT_EQ(*map.find(1), "new");
  map.erase(1);
  EXPECT_EQ(map.find(1), nullptr);
}

TEST(recent_map, erases_from_either_half) {
  numbered map(4);
  for (const int key : {1, 2, 3})
    map.put(key, "x");
  map.erase(1);
  map.erase(3);
  map.erase(77);
  EXPECT_EQ(map.find(1), nullptr);
  EXPECT_NE(map.find(2), nullptr);
  EXPECT_EQ(map.find(3), nullptr);
  map.clear();
  EXPECT_EQ(map.size(), 0u);
  EXPECT_EQ(map.find(2), nullptr);
}

TEST(recent_map, works_with_the_smallest_bounds) {
  for (const std::size_t bound : {0u, 1u, 2u, 3u}) {
    numbered map(bound);
    map.put(1, "x");
    map.put(2, "y");
    EXPECT_EQ(*map.find(2), "y");
    EXPECT_LE(map.size(), 2u);
  }
}
