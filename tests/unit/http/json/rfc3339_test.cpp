#include "http/json/rfc3339.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weappd::json {
namespace {

std::string read(std::string_view text) {
  const auto moment = read_rfc3339(text);
  return moment ? to_rfc3339(*moment) : "-";
}

TEST(rfc3339, reads_moments_in_utc_and_elsewhere) {
  EXPECT_EQ(read("2026-11-25T22:00:00Z"), "2026-11-25T22:00:00.000Z");
  EXPECT_EQ(read("2026-11-25t22:00:00z"), "2026-11-25T22:00:00.000Z");
  EXPECT_EQ(read("2026-11-25T22:00:00+08:00"), "2026-11-25T14:00:00.000Z");
  EXPECT_EQ(read("2026-11-25T22:00:00-03:30"), "2026-11-26T01:30:00.000Z");
  EXPECT_EQ(read("2024-02-29T00:00:00Z"), "2024-02-29T00:00:00.000Z");
}

TEST(rfc3339, cuts_fractions_to_milliseconds) {
  EXPECT_EQ(read("2026-11-25T22:00:00.5Z"), "2026-11-25T22:00:00.500Z");
  EXPECT_EQ(read("2026-11-25T22:00:00.123Z"), "2026-11-25T22:00:00.123Z");
  EXPECT_EQ(read("2026-11-25T22:00:00.123999999Z"), "2026-11-25T22:00:00.123Z");
}

TEST(rfc3339, what_we_write_comes_back) {
  const auto now = timestamp(std::chrono::milliseconds(1'795'000'000'123));
  EXPECT_EQ(read_rfc3339(to_rfc3339(now)), now);
}

TEST(rfc3339, refuses_everything_else) {
  for (const auto* text : {"",
                           "2026",
                           "2026-11-25",
                           "2026-11-25T22:00:00",
                           "2026-11-25 22:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-02-29T00:00:00Z",
                           "2026-11-25T24:00:00Z",
                           "2026-11-25T22:60:00Z",
                           "2026-11-25T22:00:60Z",
                           "2026-11-25T22:00Z",
                           "2026-11-25T22:00:00.Z",
                           "2026-11-25T22:00:00.1234567890Z",
                           "2026-11-25T22:00:00+0800",
                           "2026-11-25T22:00:00+24:00",
                           "2026-11-25T22:00:00+08:60",
                           "2026-11-25T22:00:00Zx",
                           "+2026-11-25T22:00:00Z",
                           "1969-12-31T23:59:59Z",
                           "-026-11-25T22:00:00Z",
                           "2026-1-25T22:00:00Z",
                           "1764108000"})
    EXPECT_EQ(read(text), "-") << text;
}

} // namespace
} // namespace weappd::json
