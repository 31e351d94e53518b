#include "actors/logic/refresh_schedule.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <set>

namespace weappd {
namespace {

using namespace std::chrono_literals;
using duration = refresh_schedule::duration;

constexpr std::uint32_t lowest_random = 0;
constexpr std::uint32_t middle_random = 1U << 31;
constexpr std::uint32_t highest_random = std::numeric_limits<std::uint32_t>::max();

token_options config() {
  return {.refresh_margin_s = 600, .retry_min_ms = 500, .retry_max_ms = 60'000};
}

TEST(refresh_schedule, a_token_is_fetched_again_when_its_life_falls_below_the_refresh_margin) {
  for (const auto random : {lowest_random, middle_random, highest_random}) {
    refresh_schedule schedule(config());
    const auto left = 7'200s - schedule.after_success(7'200s, false, random);
    EXPECT_LE(left, 600s);
    EXPECT_GT(left, 570s);
  }
}

TEST(refresh_schedule, the_margin_is_the_configured_one) {
  auto other = config();
  other.refresh_margin_s = 1'200;
  refresh_schedule schedule(other);
  EXPECT_EQ(schedule.after_success(7'200s, false, lowest_random), 6'000s);
}

TEST(refresh_schedule, the_same_token_again_is_asked_for_anew_when_less_than_five_minutes_remain) {
  for (const auto random : {lowest_random, middle_random, highest_random}) {
    refresh_schedule schedule(config());
    (void)schedule.after_success(7'200s, false, random);
    const auto left = 590s - schedule.after_success(590s, true, random);
    EXPECT_LE(left, 270s);
    EXPECT_GT(left, 239s);
  }
}

TEST(refresh_schedule, a_platform_that_keeps_its_tokens_is_asked_once_for_each_life) {
  refresh_schedule schedule(config());
  (void)schedule.after_success(590s, true, lowest_random);
  EXPECT_EQ(schedule.after_success(7'200s, false, lowest_random), 7'200s - 270s);
}

TEST(refresh_schedule, a_platform_that_changes_its_tokens_early_is_asked_at_the_margin_again) {
  refresh_schedule schedule(config());
  (void)schedule.after_success(590s, true, lowest_random);
  (void)schedule.after_success(590s, false, lowest_random);
  EXPECT_EQ(schedule.after_success(7'200s, false, lowest_random), 6'600s);
}

TEST(refresh_schedule, a_very_short_life_is_refreshed_before_it_ends_and_never_in_a_tight_loop) {
  refresh_schedule schedule(config());
  EXPECT_EQ(schedule.after_success(200s, false, highest_random), 100s);
  EXPECT_EQ(schedule.after_success(1s, false, highest_random), 500ms);
  EXPECT_EQ(schedule.after_success(1ms, false, highest_random), 500ms);
}

TEST(refresh_schedule, waits_after_failures_grow_to_the_longest_and_stay_there) {
  refresh_schedule schedule(config());
  duration previous = 0ms;
  for (int i = 0; i < 7; ++i) {
    const auto wait = schedule.after_failure(false, highest_random);
    EXPECT_GT(wait, previous);
    previous = wait;
  }
  for (int i = 0; i < 100; ++i) {
    const auto wait = schedule.after_failure(false, highest_random);
    EXPECT_LE(wait, 60s);
    EXPECT_GE(wait, 59s);
  }
}

TEST(refresh_schedule, every_wait_after_a_failure_is_drawn_from_the_whole_range) {
  refresh_schedule schedule(config());
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(schedule.after_failure(false, lowest_random), 500ms);
  std::set<duration> seen;
  for (std::uint32_t i = 0; i < 16; ++i)
    seen.insert(schedule.after_failure(false, i << 28));
  EXPECT_EQ(seen.size(), 16u);
}

TEST(refresh_schedule, a_refusal_that_an_operator_must_mend_is_asked_about_slowly_from_the_start) {
  refresh_schedule schedule(config());
  EXPECT_EQ(schedule.after_failure(true, lowest_random), 30s);
  EXPECT_LE(schedule.after_failure(true, highest_random), 60s);
}

TEST(refresh_schedule, a_success_ends_the_count_of_failures) {
  refresh_schedule schedule(config());
  for (int i = 0; i < 5; ++i)
    (void)schedule.after_failure(false, highest_random);
  EXPECT_EQ(schedule.failures(), 5u);
  (void)schedule.after_success(7'200s, false, lowest_random);
  EXPECT_EQ(schedule.failures(), 0u);
  EXPECT_LE(schedule.after_failure(false, highest_random), 1s);
}

} // namespace
} // namespace weappd
