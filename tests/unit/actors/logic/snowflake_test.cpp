#include "actors/logic/snowflake.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;

constexpr timestamp snowflake_start = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + 8h;

std::int64_t milliseconds_of(user_id id) {
  return static_cast<std::int64_t>(id.value >> 22);
}
std::uint64_t worker_of(user_id id) {
  return id.value >> 12 & 0x3FF;
}
std::uint64_t sequence_of(user_id id) {
  return id.value & 0xFFF;
}

TEST(snowflake, is_made_of_time_worker_and_sequence) {
  snowflake ids(77, {});
  const auto first = ids.next(snowflake_start);
  const auto second = ids.next(snowflake_start);
  ASSERT_EQ(first.what, snowflake::outcome::made);
  ASSERT_EQ(second.what, snowflake::outcome::made);
  EXPECT_EQ(milliseconds_of(first.id), (snowflake_start - snowflake::epoch).count());
  EXPECT_EQ(worker_of(first.id), 77u);
  EXPECT_EQ(sequence_of(first.id), 0u);
  EXPECT_EQ(sequence_of(second.id), 1u);
}

TEST(snowflake, the_4097th_of_a_millisecond_waits_for_the_next) {
  snowflake ids(1, {});
  for (std::uint32_t i = 0; i < snowflake::per_millisecond; ++i)
    ASSERT_EQ(ids.next(snowflake_start).what, snowflake::outcome::made);
  const auto full = ids.next(snowflake_start);
  EXPECT_EQ(full.what, snowflake::outcome::wait);
  EXPECT_EQ(full.again_at, snowflake_start + 1ms);
  EXPECT_EQ(ids.next(full.again_at).what, snowflake::outcome::made);
}

TEST(snowflake, five_thousand_in_a_millisecond_differ_and_rise) {
  snowflake ids(1, {});
  auto now = snowflake_start;
  user_id last;
  for (int i = 0; i < 5'000; ++i) {
    auto made = ids.next(now);
    if (made.what == snowflake::outcome::wait) {
      now = made.again_at;
      made = ids.next(now);
    }
    ASSERT_EQ(made.what, snowflake::outcome::made);
    ASSERT_GT(made.id, last);
    last = made.id;
  }
  EXPECT_EQ(now, snowflake_start + 1ms);
}

TEST(snowflake, a_million_ids_of_four_workers_are_all_different) {
  std::vector<snowflake> workers{{0, {}}, {1, {}}, {32, {}}, {1'023, {}}};
  std::vector<std::uint64_t> seen;
  seen.reserve(1'000'000);
  for (auto now = snowflake_start; seen.size() < 1'000'000; now += 1ms)
    for (auto& worker : workers)
      for (int i = 0; i < 2'500; ++i)
        seen.push_back(worker.next(now).id.value);
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
  EXPECT_NE(seen.front(), 0u);
  EXPECT_EQ(seen.back() >> 63, 0u);
}

TEST(snowflake, a_small_step_back_of_the_clock_is_waited_for) {
  snowflake ids(1, {});
  const auto before = ids.next(snowflake_start).id;
  const auto answer = ids.next(snowflake_start - snowflake::patience);
  EXPECT_EQ(answer.what, snowflake::outcome::wait);
  EXPECT_EQ(answer.again_at, snowflake_start + 1ms);
  EXPECT_GT(ids.next(answer.again_at).id, before);
}

TEST(snowflake, a_big_step_back_of_the_clock_is_refused_until_it_is_set_right) {
  snowflake ids(1, {});
  const auto before = ids.next(snowflake_start).id;
  EXPECT_EQ(ids.next(snowflake_start - snowflake::patience - 1ms).what, snowflake::outcome::refused);
  EXPECT_EQ(ids.next(snowflake_start - 1h).what, snowflake::outcome::refused);
  EXPECT_GT(ids.next(snowflake_start + 1ms).id, before);
}

TEST(snowflake, a_restart_with_a_clock_behind_repeats_nothing) {
  snowflake before(1, {});
  user_id newest;
  for (int i = 0; i < 10; ++i)
    newest = before.next(snowflake_start).id;
  snowflake after(1, newest);
  EXPECT_EQ(after.next(snowflake_start).what, snowflake::outcome::wait)
      << "which ids of this millisecond exist is not known";
  EXPECT_EQ(after.next(snowflake_start - 1s).what, snowflake::outcome::wait);
  EXPECT_EQ(after.next(snowflake_start - 1h).what, snowflake::outcome::refused);
  const auto made = after.next(snowflake_start + 1ms);
  ASSERT_EQ(made.what, snowflake::outcome::made);
  EXPECT_GT(made.id, newest);
}

TEST(snowflake, a_clock_outside_of_2024_to_2093_is_refused) {
  snowflake ids(0, {});
  EXPECT_EQ(ids.next(timestamp{}).what, snowflake::outcome::refused);
  EXPECT_EQ(ids.next(snowflake::epoch).what, snowflake::outcome::refused) << "that would be id 0";
  EXPECT_EQ(ids.next(snowflake::epoch + 1ms).what, snowflake::outcome::made);
  const auto end = snowflake::epoch + std::chrono::milliseconds(std::int64_t{1} << 41);
  EXPECT_EQ(ids.next(end - 1ms).what, snowflake::outcome::made);
  EXPECT_EQ(ids.next(end).what, snowflake::outcome::refused);
}

} // namespace
} // namespace weappd
