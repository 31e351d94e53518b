#include "actors/logic/session_rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace weappd {
namespace {

using namespace std::chrono_literals;

constexpr timestamp rules_start = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + 8h;
const auth_options defaults;

session_record row_at(timestamp created, std::uint8_t id = 1) {
  session_record row;
  row.id.bytes.fill(id);
  row.user = {1};
  row.created_at = row.last_seen_at = row.refreshed_at = created;
  row.refresh_expires_at = refresh_end(created, created, defaults);
  return row;
}

refresh_decision judge(token_age age, std::chrono::milliseconds after_refresh) {
  return judge_refresh(age, row_at(rules_start), rules_start + after_refresh, defaults);
}

TEST(judge_refresh, the_current_token_is_rotated_until_it_ends) {
  EXPECT_EQ(judge(token_age::current, 0ms), refresh_decision::rotate);
  EXPECT_EQ(judge(token_age::current, 30 * 24h - 1ms), refresh_decision::rotate);
  EXPECT_EQ(judge(token_age::current, 30 * 24h), refresh_decision::refuse);
}

TEST(judge_refresh, the_previous_token_repeats_within_ten_seconds_and_revokes_later) {
  EXPECT_EQ(judge(token_age::previous, 0ms), refresh_decision::repeat);
  EXPECT_EQ(judge(token_age::previous, 10s), refresh_decision::repeat);
  EXPECT_EQ(judge(token_age::previous, 10s + 1ms), refresh_decision::revoke);
}

TEST(judge_refresh, a_token_older_than_the_previous_is_refused_at_once_and_revokes_later) {
  EXPECT_EQ(judge(token_age::older, 10s), refresh_decision::refuse);
  EXPECT_EQ(judge(token_age::older, 10s + 1ms), refresh_decision::revoke);
}

TEST(judge_refresh, an_unknown_token_changes_nothing) {
  EXPECT_EQ(judge(token_age::unknown, 0ms), refresh_decision::refuse);
  EXPECT_EQ(judge(token_age::unknown, 24h), refresh_decision::refuse);
}

TEST(judge_refresh, in_an_ended_session_there_is_nothing_to_revoke) {
  for (const auto age : {token_age::current, token_age::previous, token_age::older})
    EXPECT_EQ(judge(age, 31 * 24h), refresh_decision::refuse);
}

TEST(judge_refresh, a_clock_that_ran_back_makes_no_thief) {
  EXPECT_EQ(judge(token_age::previous, -1h), refresh_decision::repeat);
  EXPECT_EQ(judge(token_age::current, -1h), refresh_decision::rotate);
}

TEST(session_life, ends_at_its_absolute_age_however_often_it_is_refreshed) {
  const auto end = rules_start + std::chrono::seconds(defaults.session_max_age_s);
  auto row = row_at(rules_start);
  for (auto now = rules_start; now < end; now += 24h)
    row.refresh_expires_at = refresh_end(rules_start, now, defaults);
  EXPECT_EQ(row.refresh_expires_at, end);
  EXPECT_FALSE(has_ended(row, end - 1ms, defaults));
  EXPECT_TRUE(has_ended(row, end, defaults));
}

TEST(session_life, a_shorter_age_in_the_configuration_takes_effect_at_once) {
  auto shorter = defaults;
  shorter.session_max_age_s = 3'600;
  EXPECT_FALSE(has_ended(row_at(rules_start), rules_start + 1h - 1ms, shorter));
  EXPECT_TRUE(has_ended(row_at(rules_start), rules_start + 1h, shorter));
}

TEST(session_life, an_access_token_never_outlives_its_session) {
  auto row = row_at(rules_start + 999ms);
  EXPECT_EQ(access_end(row, defaults), rules_start + 2h) << "whole seconds, rounded down";
  row.refresh_expires_at = rules_start + 90min + 500ms;
  EXPECT_EQ(access_end(row, defaults), rules_start + 90min);
}

TEST(sessions_to_evict, nothing_while_there_is_room) {
  auto auth = defaults;
  auth.max_sessions_per_user = 3;
  const std::vector rows{row_at(rules_start, 1), row_at(rules_start, 2)};
  EXPECT_TRUE(sessions_to_evict(rows, rules_start, auth).empty());
  EXPECT_TRUE(sessions_to_evict({}, rules_start, auth).empty());
}

TEST(sessions_to_evict, the_one_unseen_for_longest_makes_room) {
  auto auth = defaults;
  auth.max_sessions_per_user = 3;
  std::vector rows{row_at(rules_start, 1), row_at(rules_start + 1s, 2), row_at(rules_start + 2s, 3)};
  rows[0].last_seen_at = rules_start + 1h;
  EXPECT_EQ(sessions_to_evict(rows, rules_start + 2h, auth), std::vector{rows[1].id});
}

TEST(sessions_to_evict, of_those_seen_at_the_same_time_the_oldest_makes_room) {
  auto auth = defaults;
  auth.max_sessions_per_user = 2;
  std::vector rows{row_at(rules_start + 1s, 1), row_at(rules_start, 2)};
  rows[0].last_seen_at = rows[1].last_seen_at = rules_start + 1h;
  EXPECT_EQ(sessions_to_evict(rows, rules_start + 2h, auth), std::vector{rows[1].id});
}

TEST(sessions_to_evict, all_that_have_ended_go_and_need_no_other_to_go) {
  auto auth = defaults;
  auth.max_sessions_per_user = 2;
  const std::vector rows{row_at(rules_start, 1), row_at(rules_start + 1s, 2),
                         row_at(rules_start + 20 * 24h, 3)};
  EXPECT_EQ(sessions_to_evict(rows, rules_start + 40 * 24h, auth), (std::vector{rows[0].id, rows[1].id}));
}

TEST(sessions_to_evict, a_lowered_bound_is_reached_at_the_next_login) {
  auto auth = defaults;
  std::vector<session_record> rows;
  for (std::uint8_t i = 0; i < 50; ++i)
    rows.push_back(row_at(rules_start + i * 1s, i));
  EXPECT_EQ(sessions_to_evict(rows, rules_start + 1h, auth).size(), 1u);
  auth.max_sessions_per_user = 1;
  EXPECT_EQ(sessions_to_evict(rows, rules_start + 1h, auth).size(), 50u);
}

} // namespace
} // namespace weappd
