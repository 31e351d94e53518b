#include "actors/logic/session_rules.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

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

constexpr std::nullopt_t unknown = std::nullopt;

/// Of a session whose last refresh was at rules_start, and whose refreshes before that are not known.
refresh_decision judge(std::optional<std::uint32_t> age, std::chrono::milliseconds after_refresh) {
  return judge_refresh(age, row_at(rules_start), {}, rules_start + after_refresh, defaults);
}

/// A session that was refreshed 12, 4 and 1 seconds before rules_start.
struct busy_session {
  session_record row = row_at(rules_start - 1h);
  recent_rotations recent;

  busy_session() {
    for (const auto ago : {12s, 4s, 1s})
      recent.note(row.id, row.refreshed_at = rules_start - ago, 10s);
  }
  [[nodiscard]] refresh_decision judge(std::uint32_t age, std::chrono::milliseconds after = 0ms) const {
    return judge_refresh(age, row, recent, rules_start + after, defaults);
  }
};

TEST(judge_refresh, the_current_token_is_rotated_until_it_ends) {
  EXPECT_EQ(judge(0, 0ms), refresh_decision::rotate);
  EXPECT_EQ(judge(0, 30 * 24h - 1ms), refresh_decision::rotate);
  EXPECT_EQ(judge(0, 30 * 24h), refresh_decision::refuse);
}

TEST(judge_refresh, the_previous_token_repeats_within_ten_seconds_and_revokes_later) {
  EXPECT_EQ(judge(1, 0ms), refresh_decision::repeat);
  EXPECT_EQ(judge(1, 10s), refresh_decision::repeat);
  EXPECT_EQ(judge(1, 10s + 1ms), refresh_decision::revoke);
}

TEST(judge_refresh, an_older_token_is_refused_within_ten_seconds_of_its_own_replacement_and_revokes_later) {
  const busy_session busy;
  EXPECT_EQ(busy.judge(1), refresh_decision::repeat);
  EXPECT_EQ(busy.judge(2), refresh_decision::refuse) << "replaced 4 s ago: two rotations in one race";
  EXPECT_EQ(busy.judge(2, 6s), refresh_decision::refuse);
  EXPECT_EQ(busy.judge(2, 6s + 1ms), refresh_decision::revoke) << "however fresh the newest is";
  EXPECT_EQ(busy.judge(3), refresh_decision::revoke) << "replaced 12 s ago";
  EXPECT_EQ(busy.judge(4), refresh_decision::revoke) << "replaced before that";
}

TEST(judge_refresh, an_older_token_of_which_nothing_is_known_was_replaced_long_ago) {
  EXPECT_EQ(judge(2, 0ms), refresh_decision::revoke);
  EXPECT_EQ(judge(1'000, 0ms), refresh_decision::revoke);
}

TEST(recent_rotations, are_of_one_session_and_as_many_as_there_is_room_for) {
  const auto one = row_at(rules_start, 1).id;
  const auto other = row_at(rules_start, 2).id;
  recent_rotations recent;
  EXPECT_FALSE(recent.replaced_at(one, 1));
  recent.note(one, rules_start, 10s);
  recent.note(other, rules_start + 1s, 10s);
  recent.note(one, rules_start + 2s, 10s);
  EXPECT_EQ(recent.replaced_at(one, 1), rules_start + 2s);
  EXPECT_EQ(recent.replaced_at(one, 2), rules_start);
  EXPECT_FALSE(recent.replaced_at(one, 3));
  EXPECT_FALSE(recent.replaced_at(other, 2));
  for (std::size_t i = 0; i < recent_rotations::max_kept; ++i)
    recent.note(one, rules_start + 3s, 10s);
  EXPECT_FALSE(recent.replaced_at(other, 1));
  EXPECT_FALSE(recent.replaced_at(one, recent_rotations::max_kept + 1));
}

TEST(judge_refresh, an_unknown_token_changes_nothing) {
  EXPECT_EQ(judge(unknown, 0ms), refresh_decision::refuse);
  EXPECT_EQ(judge(unknown, 24h), refresh_decision::refuse);
}

TEST(judge_refresh, in_an_ended_session_there_is_nothing_to_revoke) {
  for (const std::uint32_t age : {0U, 1U, 2U})
    EXPECT_EQ(judge(age, 31 * 24h), refresh_decision::refuse);
}

TEST(judge_refresh, a_clock_that_ran_back_makes_no_thief) {
  EXPECT_EQ(judge(1, -1h), refresh_decision::repeat);
  EXPECT_EQ(judge(0, -1h), refresh_decision::rotate);
  EXPECT_EQ(busy_session().judge(2, -1h), refresh_decision::refuse);
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
