#include "actors/logic/recent_uses.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace weappd {
namespace {

using namespace std::chrono_literals;

crypto::digest named(std::uint8_t name) {
  crypto::digest made{};
  made[0] = name;
  return made;
}

struct recent_uses_test : testing::Test {
  recent_uses known;
  recent_uses::time now = 1h;

  bool is_used(std::uint8_t name) const { return known.use_of(named(name), now) != nullptr; }
};

TEST_F(recent_uses_test, are_known_with_what_they_were_used_for) {
  EXPECT_FALSE(is_used(1));
  known.add(named(1), named(100), now, now + 10s, 10);
  ASSERT_TRUE(is_used(1));
  EXPECT_EQ(*known.use_of(named(1), now), named(100));
  EXPECT_FALSE(is_used(2));
}

TEST_F(recent_uses_test, are_known_until_the_time_that_was_said) {
  known.add(named(1), named(100), now, now + 10s, 10);
  now += 10s - 1ns;
  known.tidy(now);
  EXPECT_TRUE(is_used(1));
  now += 1ns;
  EXPECT_FALSE(is_used(1)) << "also before it is tidied";
  known.add(named(1), named(101), now, now + 5s, 10);
  EXPECT_EQ(*known.use_of(named(1), now), named(101));
  EXPECT_EQ(known.size(), 1u);
  now += 5s;
  known.tidy(now);
  EXPECT_EQ(known.size(), 0u);
  EXPECT_FALSE(known.may_be_forgotten(now - 5s)) << "nothing was forgotten before its time";
}

TEST_F(recent_uses_test, are_not_taken_again_when_one_had_to_be_forgotten) {
  for (std::uint8_t i = 1; i <= 5; ++i) // those that were issued first are known longest
    known.add(named(i), named(100), now + std::chrono::seconds(i), now + std::chrono::seconds(100 - i), 3);
  EXPECT_EQ(known.size(), 3u);
  EXPECT_FALSE(is_used(1) || is_used(2));
  EXPECT_TRUE(is_used(3) && is_used(4) && is_used(5));
  EXPECT_TRUE(known.may_be_forgotten(now + 1s));
  EXPECT_TRUE(known.may_be_forgotten(now + 2s));
  EXPECT_FALSE(known.may_be_forgotten(now + 2s + 1ns)) << "whatever is issued later can be judged";
  known.add(named(6), named(100), now + 1s, now + 100s, 3);
  EXPECT_FALSE(is_used(6));
  EXPECT_TRUE(known.may_be_forgotten(now + 2s)) << "the newest of those that were forgotten counts";
}

TEST_F(recent_uses_test, are_tidied_in_the_order_in_which_they_were_issued) {
  known.add(named(1), named(100), now, now + 20s, 10);
  known.add(named(2), named(100), now + 1s, now + 10s, 10);
  now += 10s;
  known.tidy(now);
  EXPECT_EQ(known.size(), 2u);
  EXPECT_FALSE(is_used(2)) << "over all the same";
  now += 10s;
  known.tidy(now);
  EXPECT_EQ(known.size(), 0u);
}

} // namespace
} // namespace weappd
