#include "messages/push.hpp"
#include "messages/wechat.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace weappd {
namespace {

using namespace std::chrono_literals;

constexpr timestamp moment = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25) + 8h + 123ms;

message_event accepted() {
  return {.what = message_event::kind::accepted,
          .at = moment,
          .state = message_state::queued,
          .rule = "accepted"};
}

message_event attempt() {
  return {.what = message_event::kind::attempt,
          .at = moment + 1s,
          .state = message_state::queued,
          .rule = "retry_backoff",
          .attempt = 2,
          .errcode = -1,
          .outcome = "refused",
          .rid = "6741a2b3-01234567-89abcdef",
          .token_epoch = 1'764'057'600'123,
          .duration = 37ms,
          .next_at = moment + 2s};
}

message_event turn() {
  return {.what = message_event::kind::sending,
          .at = moment,
          .state = message_state::sending,
          .rule = "leased",
          .attempt = 3};
}

void expect_same(const message_event& a, const message_event& b) {
  EXPECT_EQ(a.what, b.what);
  EXPECT_EQ(a.at, b.at);
  EXPECT_EQ(a.state, b.state);
  EXPECT_EQ(a.rule, b.rule);
  EXPECT_EQ(a.attempt, b.attempt);
  EXPECT_EQ(a.errcode, b.errcode);
  EXPECT_EQ(a.outcome, b.outcome);
  EXPECT_EQ(a.rid, b.rid);
  EXPECT_EQ(a.token_epoch, b.token_epoch);
  EXPECT_EQ(a.duration, b.duration);
  EXPECT_EQ(a.next_at, b.next_at);
}

TEST(a_story, is_read_as_it_was_written) {
  std::string story;
  append_event(story, accepted());
  append_event(story, attempt());
  append_event(story, turn());
  const auto read = parse_story(story);
  ASSERT_EQ(read.size(), 3u);
  expect_same(read[0], accepted());
  expect_same(read[1], attempt());
  expect_same(read[2], turn());
}

TEST(a_story, tells_no_errcode_from_the_errcode_0) {
  for (const auto errcode : {std::optional<std::int64_t>(), std::optional<std::int64_t>(0)}) {
    auto taken = attempt();
    taken.outcome = "accepted";
    taken.errcode = errcode;
    std::string story;
    append_event(story, taken);
    ASSERT_EQ(parse_story(story).size(), 1u);
    expect_same(parse_story(story)[0], taken);
  }
}

TEST(a_story, of_an_older_program_has_no_errcode_where_no_answer_came) {
  const auto errcode_of = [](const std::string& outcome) {
    const auto read = parse_story("3\t1\t0\ta_rule\t-1\t" + outcome + "\t\t1\t0\t7\t30\n");
    EXPECT_EQ(read.size(), 1u);
    return read.empty() ? std::nullopt : read[0].errcode;
  };
  EXPECT_FALSE(errcode_of("unreached"));
  EXPECT_FALSE(errcode_of("unknown"));
  EXPECT_EQ(errcode_of("accepted"), 0);
}

TEST(a_story, is_made_longer_by_appending) {
  std::string first;
  std::string second;
  append_event(first, accepted());
  append_event(second, attempt());
  EXPECT_EQ(parse_story(first + second).size(), 2u);
}

TEST(a_story, that_was_cut_or_written_by_a_newer_program_loses_only_the_lines_that_make_no_sense) {
  std::string story;
  append_event(story, accepted());
  append_event(story, attempt());
  const auto whole = parse_story(story).size();
  for (std::size_t length = 0; length < story.size(); ++length)
    EXPECT_LE(parse_story(story.substr(0, length)).size(), whole) << length;
  EXPECT_EQ(parse_story("99\t1\t0\tx\t-1\n" + story).size(), 2u);
  EXPECT_EQ(parse_story("0\t1\t77\tx\t-1\n" + story).size(), 2u);
  EXPECT_EQ(parse_story("\n\nnonsense\n" + story + "0\tx").size(), 2u);
  EXPECT_TRUE(parse_story("").empty());
}

TEST(a_state, leads_only_where_the_contract_says) {
  using enum message_state;
  constexpr std::array all{queued, sending, sent, failed, expired, cancelled};
  const std::map<message_state, std::set<message_state>> moves{
      {queued, {sending, failed, expired, cancelled}},
      {sending, {sent, queued, failed, expired, cancelled}},
      {failed, {queued}}};
  for (const auto from : all)
    for (const auto to : all)
      EXPECT_EQ(may_move(from, to), moves.contains(from) && moves.at(from).contains(to))
          << to_string(from) << " -> " << to_string(to);
}

TEST(names_of_states, are_those_of_the_http_contract) {
  for (const auto* name : {"queued", "sending", "sent", "failed", "expired", "cancelled"}) {
    const auto state = parse_message_state(name);
    ASSERT_TRUE(state) << name;
    EXPECT_EQ(to_string(*state), name);
  }
  EXPECT_FALSE(parse_message_state(""));
  EXPECT_FALSE(parse_message_state("Queued"));
}

TEST(names_of_reasons, are_those_of_the_http_contract) {
  const std::array<std::pair<fail_reason, const char*>, 10> names{{
      {fail_reason::none, ""},
      {fail_reason::not_subscribed, "not_subscribed"},
      {fail_reason::not_following, "not_following"},
      {fail_reason::bad_openid, "bad_openid"},
      {fail_reason::bad_data, "bad_data"},
      {fail_reason::template_unusable, "template_unusable"},
      {fail_reason::no_permission, "no_permission"},
      {fail_reason::quota_exhausted, "quota_exhausted"},
      {fail_reason::retries_exhausted, "retries_exhausted"},
      {fail_reason::outcome_unknown, "outcome_unknown"},
  }};
  for (const auto& [reason, name] : names)
    EXPECT_EQ(to_string(reason), name);
}

TEST(names_of_answers_and_priorities, are_read_and_written_alike) {
  for (const auto* name : {"accept", "reject", "ban", "filter"})
    EXPECT_EQ(to_string(parse_consent_answer(name).value()), name);
  for (const auto* name : {"high", "normal", "bulk"})
    EXPECT_EQ(to_string(parse_message_priority(name).value()), name);
  EXPECT_FALSE(parse_consent_answer("acceptWithAudio"));
  EXPECT_FALSE(parse_message_priority("urgent"));
}

TEST(names_of_handlings, are_there_for_all) {
  EXPECT_EQ(to_string(handling::ok), "ok");
  EXPECT_EQ(to_string(handling::quota_exhausted), "quota_exhausted");
  EXPECT_EQ(to_string(handling::stop_mark_user), "stop_mark_user");
}

TEST(ids_of_messages, are_read_like_those_of_users) {
  EXPECT_EQ(parse_message_id("42").value().value, 42u);
  EXPECT_EQ(to_string(message_id{42}), "42");
  EXPECT_FALSE(parse_message_id("042"));
  EXPECT_FALSE(parse_message_id(""));
  EXPECT_FALSE(parse_message_id("9223372036854775808"));
}

} // namespace
} // namespace weappd
