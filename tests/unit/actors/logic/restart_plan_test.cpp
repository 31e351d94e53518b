#include "actors/logic/restart_plan.hpp"

#include <gtest/gtest.h>

namespace weappd {
namespace {

using namespace std::chrono_literals;

TEST(restart_plan, a_single_death_is_mended_at_once) {
  restart_plan plan;
  EXPECT_EQ(plan.died(1h), 0ms);
  EXPECT_EQ(plan.recent(1h), 1u);
  EXPECT_FALSE(plan.is_struggling(1h));
}

TEST(restart_plan, waits_double_and_then_stay_at_half_a_second) {
  restart_plan plan;
  EXPECT_EQ(plan.died(1s), 0ms);
  EXPECT_EQ(plan.died(1s), 10ms);
  EXPECT_EQ(plan.died(1s), 20ms);
  EXPECT_EQ(plan.died(1s), 40ms);
  EXPECT_EQ(plan.died(1s), 80ms);
  EXPECT_FALSE(plan.is_struggling(1s));
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(plan.died(1s), 500ms);
    EXPECT_TRUE(plan.is_struggling(1s));
  }
}

TEST(restart_plan, a_death_is_forgotten_after_a_minute) {
  restart_plan plan;
  for (int i = 0; i < 6; ++i)
    (void)plan.died(1s);
  EXPECT_TRUE(plan.is_struggling(61s - 1ns));
  EXPECT_FALSE(plan.is_struggling(61s));
  EXPECT_EQ(plan.recent(61s), 0u);
  EXPECT_EQ(plan.died(61s), 0ms);
}

} // namespace
} // namespace weappd
