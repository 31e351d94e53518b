#include "actors/session.hpp"

#include "messages/refresh_token.hpp"
#include "tests/unit/actors/session_fixture.hpp"

#include <set>
#include <string>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;

struct session_refresh_test : session_fixture {};

TEST_F(session_refresh_test, a_refresh_gives_a_new_pair_and_keeps_the_session) {
  const auto first = open();
  w.advance(1h);
  const auto second = refresh(first);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->session, first.session);
  EXPECT_FALSE(second->refresh_token == first.refresh_token);
  EXPECT_FALSE(second->access_token == first.access_token);
  EXPECT_EQ(second->access_ttl, 2h);
  EXPECT_EQ(second->refresh_ttl, 30 * 24h);
  EXPECT_TRUE(refresh(*second));
}

TEST_F(session_refresh_test, sixty_four_racing_refreshes_get_one_equal_pair) {
  const auto first = open();
  store.delay = 3ms;
  std::vector<pending<token_grant>> answers;
  for (int i = 0; i < 64; ++i)
    answers.push_back(w.send<token_grant>(user, refresh_of(first)));
  w.advance(1s);
  std::set<std::string> pairs;
  for (auto& answer : answers) {
    const auto grant = answer.take();
    ASSERT_TRUE(grant);
    EXPECT_EQ(grant->access_ttl, 2h);
    pairs.insert(grant->access_token.reveal() + grant->refresh_token.reveal());
  }
  EXPECT_EQ(pairs.size(), 1u);
  EXPECT_EQ(store.count("rotate_refresh_token"), 1);
}

TEST_F(session_refresh_test, the_old_token_gets_the_same_pair_within_the_window_also_after_a_restart) {
  const auto first = open();
  const auto second = refresh(first);
  w.advance(10s);
  w.kill(user);
  user = wake();
  const auto again = refresh(first);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->refresh_token, second->refresh_token);
  EXPECT_EQ(again->access_token, second->access_token);
  EXPECT_TRUE(w.events().named("session.refresh_reused").empty());
}

TEST_F(session_refresh_test, a_repetition_tells_what_is_left_of_the_life_of_the_pair) {
  const auto first = open();
  const auto second = refresh(first);
  w.advance(9s);
  const auto again = refresh(first);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->access_ttl, second->access_ttl - 9s);
  EXPECT_EQ(again->refresh_ttl, second->refresh_ttl - 9s);
  w.wall().jump(-1h);
  EXPECT_EQ(refresh(first)->access_ttl, 2h) << "a clock that ran back makes no life longer";
}

TEST_F(session_refresh_test, the_old_token_after_the_window_is_theft_and_ends_the_session) {
  const auto first = open();
  const auto other_device = open("tablet");
  const auto second = refresh(first);
  w.advance(10s + 1ms);
  EXPECT_EQ(error_of(refresh(first)), ec::invalid_refresh_token);
  EXPECT_EQ(error_of(refresh(*second)), ec::invalid_refresh_token);
  EXPECT_EQ(error_of(me(*second)), ec::invalid_access_token);
  EXPECT_EQ(store.find_session(somebody, first.session), nullptr);
  EXPECT_TRUE(me(other_device)) << "only the stolen session ends";
  const auto events = w.events().named("session.refresh_reused");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].level, event_level::warn);
  EXPECT_EQ(events[0].fields.at("user_id"), to_string(somebody));
  EXPECT_EQ(events[0].fields.at("session_id"), to_string(first.session));
}

TEST_F(session_refresh_test, a_token_from_three_refreshes_ago_is_theft_too) {
  const auto first = open();
  auto newest = first;
  for (int i = 0; i < 3; ++i)
    newest = *refresh(newest);
  EXPECT_EQ(error_of(refresh(first)), ec::invalid_refresh_token);
  EXPECT_TRUE(me(newest)) << "within the window it may be a slow request of an honest client";
  w.advance(11s);
  EXPECT_EQ(error_of(refresh(first)), ec::invalid_refresh_token);
  EXPECT_EQ(error_of(me(newest)), ec::invalid_access_token);
}

TEST_F(session_refresh_test, an_old_token_is_theft_also_within_ten_seconds_of_somebodys_refresh) {
  const auto first = open();
  const auto second = *refresh(first);
  w.advance(1h);
  const auto third = *refresh(second);
  EXPECT_EQ(error_of(refresh(first)), ec::invalid_refresh_token);
  EXPECT_EQ(error_of(me(third)), ec::invalid_access_token) << "the session has ended";
  EXPECT_EQ(w.events().named("session.refresh_reused").size(), 1u);
}

TEST_F(session_refresh_test, three_requests_that_race_over_two_rotations_are_no_theft) {
  const auto first = open();
  w.advance(1h);
  const auto second = *refresh(first);
  w.advance(4s);
  const auto third = *refresh(second);
  w.advance(4s);
  EXPECT_EQ(error_of(refresh(first)), ec::invalid_refresh_token) << "too late for its pair";
  EXPECT_TRUE(me(third)) << "and no harm done";
  w.advance(3s);
  EXPECT_EQ(error_of(refresh(first)), ec::invalid_refresh_token);
  EXPECT_EQ(error_of(me(third)), ec::invalid_access_token) << "11 s after it was replaced";
}

TEST_F(session_refresh_test, a_session_that_has_slept_takes_what_it_does_not_remember_for_long_ago) {
  const auto first = open();
  const auto third = *refresh(*refresh(first));
  sleep_and_wake();
  EXPECT_EQ(error_of(refresh(first)), ec::invalid_refresh_token);
  EXPECT_EQ(error_of(me(third)), ec::invalid_access_token);
}

TEST_F(session_refresh_test, a_session_is_resumed_with_its_first_token_alone_and_until_its_end) {
  const auto grant = open();
  const auto other = open("tablet");
  const auto resume = [&](const secret& token) {
    return w.ask<token_grant>(user, resume_session{somebody, grant.session, token, false});
  };
  const auto second = *refresh(grant);
  EXPECT_EQ(error_of(resume(other.refresh_token)), ec::invalid_code);
  EXPECT_EQ(error_of(resume(second.refresh_token)), ec::invalid_code);
  sleep_and_wake();
  EXPECT_EQ(resume(grant.refresh_token)->refresh_token, second.refresh_token);
  w.advance(30 * 24h);
  EXPECT_EQ(error_of(resume(grant.refresh_token)), ec::invalid_code);
}

TEST_F(session_refresh_test, a_session_of_nobody_is_not_resumed) {
  const auto nobody = wake({4711});
  EXPECT_EQ(error_of(w.ask<token_grant>(nobody, resume_session{{4711}, {}, secret("x"), false})),
            ec::invalid_code);
}

TEST_F(session_refresh_test, an_invented_token_harms_nobody) {
  const auto grant = open();
  w.advance(1min);
  auto invented = refresh_of(grant);
  invented.refresh_token = compose_refresh_token(somebody, grant.session, {});
  EXPECT_EQ(error_of(w.ask<token_grant>(user, invented)), ec::invalid_refresh_token);
  invented.session.bytes.fill(1);
  EXPECT_EQ(error_of(w.ask<token_grant>(user, invented)), ec::invalid_refresh_token);
  EXPECT_TRUE(refresh(grant));
}

TEST_F(session_refresh_test, a_session_unused_for_thirty_days_is_over) {
  const auto grant = open();
  w.advance(30 * 24h);
  EXPECT_EQ(error_of(refresh(grant)), ec::invalid_refresh_token);
  EXPECT_EQ(error_of(me(grant)), ec::invalid_access_token);
}

TEST_F(session_refresh_test, a_session_ends_at_its_absolute_age_and_its_last_tokens_with_it) {
  auto grant = open();
  for (int day = 0; day < 179; ++day) {
    w.advance(24h);
    grant = *refresh(grant);
  }
  EXPECT_EQ(grant.refresh_ttl, 24h);
  w.advance(23h);
  grant = *refresh(grant);
  EXPECT_EQ(grant.access_ttl, 1h);
  w.advance(1h);
  EXPECT_EQ(error_of(refresh(grant)), ec::invalid_refresh_token);
  EXPECT_EQ(error_of(me(grant)), ec::invalid_access_token);
}

TEST_F(session_refresh_test, a_refresh_the_store_refused_can_be_repeated_with_the_same_token) {
  const auto grant = open();
  store.failure = ec::storage_unavailable;
  EXPECT_EQ(error_of(refresh(grant)), ec::storage_unavailable);
  store.failure = ec::none;
  w.advance(1min);
  EXPECT_TRUE(refresh(grant));
}

TEST_F(session_refresh_test, when_the_store_dies_over_a_write_memory_is_not_believed_any_more) {
  const auto grant = open();
  store.delay = 5ms;
  auto answer = w.send<token_grant>(user, refresh_of(grant));
  auto behind = w.send<profile>(user, get_profile{by(grant)});
  w.run();                                  // the store has rotated; its answer is under way
  w.kill(w.directory().store_writer.get()); // it never answers: CAF forgets promises
  w.advance(patience(*w.services()) - 1ms);
  EXPECT_FALSE(answer.arrived());
  w.advance(1ms);
  EXPECT_EQ(error_of(answer.take()), ec::storage_unavailable);
  EXPECT_EQ(error_of(behind.take()), ec::storage_unavailable);
  store.delay = 0ms;
  parts.start_store(w);
  user = wake();
  const auto again = refresh(grant);
  ASSERT_TRUE(again) << "the rotation was stored, so this is a repetition";
  EXPECT_EQ(store.count("rotate_refresh_token"), 1);
  EXPECT_TRUE(me(*again));
}

TEST_F(session_refresh_test, one_that_is_killed_finishes_what_it_has_begun) {
  const auto grant = open();
  store.delay = 5ms;
  auto under_way = w.send<profile>(user, change_profile{by(grant), "Mei", {}});
  auto behind = w.send<profile>(user, get_profile{by(grant)});
  w.run();
  w.kill(user); // not before the store has answered: it takes no message until then
  w.advance(5ms);
  EXPECT_TRUE(under_way.take());
  EXPECT_EQ(behind.take()->user->nickname, "Mei");
  EXPECT_EQ(error_of(me(grant)), ec::overloaded);
}

TEST_F(session_refresh_test, a_row_that_somebody_else_rotated_is_read_again) {
  const auto grant = open();
  store.find_session(somebody, grant.session)->refresh_hash.bytes.fill(9);
  EXPECT_EQ(error_of(refresh(grant)), ec::storage_unavailable);
  w.run();
  EXPECT_EQ(code_of(me(grant).error()), ec::overloaded) << "it has quit";
  user = wake();
  EXPECT_EQ(error_of(refresh(grant)), ec::invalid_refresh_token);
}

} // namespace
} // namespace weappd
