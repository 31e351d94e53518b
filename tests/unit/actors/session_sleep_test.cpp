#include "actors/session.hpp"

#include "tests/unit/actors/session_fixture.hpp"

namespace weappd {
namespace {

using namespace std::chrono_literals;

struct session_sleep_test : session_fixture {};

// -- last seen, sleep

TEST_F(session_sleep_test, last_seen_is_stored_at_most_once_in_five_minutes) {
  const auto grant = open();
  for (int i = 0; i < 100; ++i) {
    w.advance(6s);
    ASSERT_TRUE(me(grant));
  }
  EXPECT_EQ(store.count("touch_sessions"), 2);
  EXPECT_EQ(store.find_session(somebody, grant.session)->last_seen_at, w.now());
}

TEST_F(session_sleep_test, a_store_that_refuses_last_seen_is_not_asked_at_every_request) {
  const auto grant = open();
  store.failure = ec::storage_unavailable;
  for (int i = 0; i < 100; ++i) {
    w.advance(6s);
    ASSERT_TRUE(me(grant));
  }
  EXPECT_EQ(store.count("touch_sessions"), 2);
  store.failure = ec::none;
  const auto seen = w.now();
  EXPECT_TRUE(w.ask<sleep_answer>(user, fall_asleep{})->asleep);
  EXPECT_EQ(store.find_session(somebody, grant.session)->last_seen_at, seen);
}

TEST_F(session_sleep_test, a_clock_set_back_does_not_stop_last_seen_for_long) {
  const auto grant = open();
  w.wall().jump(-24h);
  ASSERT_TRUE(me(grant));
  EXPECT_EQ(store.count("touch_sessions"), 1);
}

TEST_F(session_sleep_test, falling_asleep_stores_last_seen_before_it_is_answered) {
  const auto grant = open();
  w.advance(1min);
  ASSERT_TRUE(me(grant));
  const auto seen = w.now();
  store.delay = 5ms;
  auto answer = w.send<sleep_answer>(user, fall_asleep{});
  w.run();
  EXPECT_FALSE(answer.arrived());
  w.advance(5ms);
  EXPECT_TRUE(answer.take()->asleep);
  EXPECT_EQ(store.find_session(somebody, grant.session)->last_seen_at, seen);
  EXPECT_EQ(code_of(me(grant).error()), ec::overloaded) << "it has quit";
}

TEST_F(session_sleep_test, one_that_was_not_used_falls_asleep_without_the_store) {
  w.advance(1min);
  EXPECT_TRUE(w.ask<sleep_answer>(user, fall_asleep{})->asleep);
  EXPECT_EQ(store.count("touch_sessions"), 0);
}

TEST_F(session_sleep_test, a_broken_store_keeps_nobody_awake) {
  open();
  store.failure = ec::storage_unavailable;
  EXPECT_TRUE(w.ask<sleep_answer>(user, fall_asleep{})->asleep);
}

// -- loading

TEST_F(session_sleep_test, messages_wait_in_order_until_the_user_is_loaded) {
  const auto grant = open();
  store.delay = 5ms;
  user = wake();
  auto first = w.send<profile>(user, change_profile{by(grant), "Mei", {}});
  auto second = w.send<profile>(user, get_profile{by(grant)});
  w.run();
  EXPECT_FALSE(second.arrived());
  w.advance(10ms);
  EXPECT_TRUE(first.take());
  EXPECT_EQ(second.take()->user->nickname, "Mei");
}

TEST_F(session_sleep_test, a_user_that_does_not_exist_is_refused_and_not_kept) {
  user = wake({4711});
  auto refresh_answer = w.send<token_grant>(user, refresh_session{{4711}, {}, secret("x")});
  auto profile_answer = w.send<profile>(user, get_profile{{{4711}, {}}});
  auto lock_answer = w.send<done>(user, set_user_status{{4711}, user_status::locked});
  w.run();
  EXPECT_EQ(error_of(refresh_answer.take()), ec::invalid_refresh_token);
  EXPECT_EQ(error_of(profile_answer.take()), ec::invalid_access_token);
  EXPECT_EQ(error_of(lock_answer.take()), ec::not_found);
  EXPECT_EQ(error_of(w.ask<profile>(user, get_profile{{{4711}, {}}})), ec::overloaded) << "it has quit";
}

TEST_F(session_sleep_test, without_a_store_everything_waiting_is_refused_and_the_next_wake_works) {
  const auto grant = open();
  store.failure = ec::storage_unavailable;
  user = wake();
  auto first = w.send<profile>(user, get_profile{by(grant)});
  auto second = w.send<token_grant>(user, refresh_of(grant));
  w.run();
  EXPECT_EQ(error_of(first.take()), ec::storage_unavailable);
  EXPECT_EQ(error_of(second.take()), ec::storage_unavailable);
  store.failure = ec::none;
  user = wake();
  EXPECT_TRUE(me(grant));
}

TEST_F(session_sleep_test, a_store_that_is_not_started_yet_is_an_unavailable_store) {
  w.directory().store_writer.set({});
  EXPECT_EQ(error_of(w.ask<token_grant>(user, login_of())), ec::storage_unavailable);
  for (std::size_t i = 0; i < w.directory().store_readers.size(); ++i)
    w.directory().store_readers[i].set({});
  user = wake();
  EXPECT_EQ(error_of(w.ask<token_grant>(user, login_of())), ec::storage_unavailable);
}

} // namespace
} // namespace weappd
