#include "messages/time.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace weappd {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

TEST(rfc3339, is_utc_with_milliseconds) {
  // date -u -d @1797236696 +%FT%TZ
  EXPECT_EQ(to_rfc3339(timestamp{1'797'236'696'789ms}), "2026-12-14T08:24:56.789Z");
}

TEST(rfc3339, keeps_every_leading_zero) {
  EXPECT_EQ(to_rfc3339(timestamp{sys_days{2026y / 1 / 2} + 3h + 4min + 5s + 6ms}),
            "2026-01-02T03:04:05.006Z");
}

TEST(rfc3339, knows_leap_days_and_the_time_before_1970) {
  EXPECT_EQ(to_rfc3339(timestamp{sys_days{2028y / 2 / 29} + 24h - 1ms}), "2028-02-29T23:59:59.999Z");
  EXPECT_EQ(to_rfc3339(timestamp{-1ms}), "1969-12-31T23:59:59.999Z");
}

TEST(system_wall_clock, is_the_time_of_the_machine) {
  const auto before = floor<milliseconds>(system_clock::now());
  const auto now = system_wall_clock{}.now();
  EXPECT_GE(now, before);
  EXPECT_LE(now, system_clock::now());
}

} // namespace
} // namespace weappd
