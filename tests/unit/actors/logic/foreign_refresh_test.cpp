#include "actors/logic/foreign_refresh.hpp"

#include <gtest/gtest.h>

namespace weappd {
namespace {

using namespace std::chrono_literals;

TEST(foreign_refresh, is_a_refused_token_with_life_left_that_the_platform_has_replaced) {
  EXPECT_TRUE(is_foreign_refresh({.refused = true, .unchanged = false, .left = 2h}));
  EXPECT_TRUE(is_foreign_refresh({.refused = true, .unchanged = false, .left = 6min + 1ms}));
}

TEST(foreign_refresh, is_not_a_token_that_nobody_refused) {
  EXPECT_FALSE(is_foreign_refresh({.refused = false, .unchanged = false, .left = 2h}));
}

TEST(foreign_refresh, is_not_a_token_that_the_platform_gives_again) {
  EXPECT_FALSE(is_foreign_refresh({.refused = true, .unchanged = true, .left = 2h}));
}

TEST(foreign_refresh, is_not_a_token_near_its_end_which_the_platform_replaces_by_itself) {
  EXPECT_FALSE(is_foreign_refresh({.refused = true, .unchanged = false, .left = 6min}));
  EXPECT_FALSE(is_foreign_refresh({.refused = true, .unchanged = false, .left = -1s}));
}

} // namespace
} // namespace weappd
