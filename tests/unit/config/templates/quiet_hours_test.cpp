#include "config/templates/quiet_hours.hpp"

#include <gtest/gtest.h>

namespace weappd::templates {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::sys_time<std::chrono::milliseconds> day =
    std::chrono::sys_days(std::chrono::year(2026) / 11 / 25);

TEST(quiet_hours, are_two_different_times_of_day) {
  const auto night = parse_quiet_hours("22:00-08:30");
  ASSERT_TRUE(night);
  EXPECT_EQ(night->begin, 22h);
  EXPECT_EQ(night->end, 8h + 30min);
  EXPECT_TRUE(is_quiet_hours("00:00-23:59"));
  for (const auto* text :
       {"", "22:00", "22:00-", "-08:00", "22:00-22:00", "24:00-08:00", "22:60-08:00", "22:00-8:00",
        "22:00 - 08:00", "22:00~08:00", "22:00-08:00-09:00", "2a:00-08:00", "2200-0800", "+2:00-08:00"})
    EXPECT_FALSE(is_quiet_hours(text)) << text;
}

TEST(quiet_hours, over_midnight_end_in_the_morning) {
  const quiet_hours night{.begin = 22h, .end = 8h};
  EXPECT_EQ(first_outside(night, day + 21h + 59min + 59'999ms, 0min), day + 21h + 59min + 59'999ms);
  EXPECT_EQ(first_outside(night, day + 22h, 0min), day + 24h + 8h);
  EXPECT_EQ(first_outside(night, day + 23h + 59min, 0min), day + 24h + 8h);
  EXPECT_EQ(first_outside(night, day, 0min), day + 8h);
  EXPECT_EQ(first_outside(night, day + 8h - 1ms, 0min), day + 8h);
  EXPECT_EQ(first_outside(night, day + 8h, 0min), day + 8h);
  EXPECT_EQ(first_outside(night, day + 12h, 0min), day + 12h);
}

TEST(quiet_hours, within_a_day_end_on_it) {
  const quiet_hours noon{.begin = 12h, .end = 13h};
  EXPECT_EQ(first_outside(noon, day + 12h - 1ms, 0min), day + 12h - 1ms);
  EXPECT_EQ(first_outside(noon, day + 12h, 0min), day + 13h);
  EXPECT_EQ(first_outside(noon, day + 13h, 0min), day + 13h);
}

TEST(quiet_hours, are_those_of_the_place) {
  const quiet_hours night{.begin = 22h, .end = 8h};
  EXPECT_EQ(first_outside(night, day + 14h, 480min), day + 24h) << "22:00 in China, until 08:00";
  EXPECT_EQ(first_outside(night, day + 13h + 59min, 480min), day + 13h + 59min);
  EXPECT_EQ(first_outside(night, day + 1h, -180min), day + 11h) << "22:00 of the day before";
  EXPECT_EQ(first_outside(night, {}, -60min), std::chrono::sys_time<std::chrono::milliseconds>(9h))
      << "23:00 before the epoch";
}

} // namespace
} // namespace weappd::templates
