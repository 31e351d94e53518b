#include "actors/session_router.hpp"

#include "actors/session.hpp"
#include "messages/error.hpp"
#include "tests/kit/actors/error_of.hpp"
#include "tests/kit/actors/fake_parts.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;

/// One router whose sessions are fakes: at most 16 awake, idle after 800 s, so a tick is 100 s.
struct session_router_test : ::testing::Test {
  static constexpr int cap = 16;
  static constexpr int overshoot = 2; // an eighth

  static options small() {
    auto config = world_options();
    config.session.idle_s = 800;
    config.session.max_awake = cap;
    config.pools.session_router = 1;
    return config;
  }
  world w{small()};
  scripted_users_ptr users = std::make_shared<scripted_users>();
  session_router_actor router = w.spawn(session_router, w.services(), wake_fake());

  session_factory wake_fake() {
    return [all = users](caf::local_actor& parent, user_id user) -> session_actor {
      return parent.spawn(fake_session, all, user);
    };
  }
  static get_profile profile_of(std::uint64_t user) { return {{{user}, {}}}; }
  /// The number of the actor that answers for this user, or 0.
  int ask(std::uint64_t user) {
    const auto answer = w.ask<profile>(router, profile_of(user));
    return answer ? std::stoi(answer->user->nickname) : 0;
  }
  int awake() const {
    int sum = 0;
    for (const auto& [user, count] : users->awake)
      sum += count;
    return sum;
  }
  bool is_awake(std::uint64_t user) const { return users->awake[{user}] == 1; }
  /// Until idle users sleep, and the last answer to fall_asleep is under way.
  void advance_until_idle() { w.advance(900s); }
};

TEST_F(session_router_test, nobody_is_awake_before_the_first_message) {
  EXPECT_EQ(users->woken, 0);
  const auto status = w.ask<status_report>(router, get_status{});
  EXPECT_EQ(status->state, health::ok);
  EXPECT_EQ(status->detail, "0 of 16 sessions awake");
}

TEST_F(session_router_test, a_user_is_woken_once_and_gets_every_kind_of_message) {
  const caller who{{7}, {}};
  EXPECT_EQ(ask(7), 1);
  EXPECT_TRUE(
      w.ask<token_grant>(router, open_session{.user = {7}, .app = {}, .device = {}, .session_key = {}}));
  EXPECT_TRUE(w.ask<token_grant>(router, resume_session{{7}, {}, {}}));
  EXPECT_TRUE(w.ask<token_grant>(router, refresh_session{{7}, {}, {}}));
  EXPECT_TRUE(w.ask<profile>(router, change_profile{who, {}, {}}));
  EXPECT_TRUE(w.ask<session_list>(router, list_sessions{who}));
  EXPECT_TRUE(w.ask<done>(router, close_session{who, {}}));
  EXPECT_TRUE(w.ask<done>(router, logout{who, false}));
  EXPECT_TRUE(w.ask<done>(router, set_user_status{{7}, user_status::locked}));
  EXPECT_EQ(users->woken, 1);
}

TEST_F(session_router_test, each_user_has_an_actor_of_their_own) {
  EXPECT_EQ(ask(7), 1);
  EXPECT_EQ(ask(8), 2);
  EXPECT_EQ(ask(7), 1);
}

TEST_F(session_router_test, an_idle_user_sleeps_and_one_who_is_used_does_not) {
  ask(1);
  ask(2);
  for (int i = 0; i < 8; ++i) {
    w.advance(100s);
    ask(2);
  }
  EXPECT_TRUE(is_awake(1)) << "not before 800 s";
  w.advance(100s);
  EXPECT_FALSE(is_awake(1));
  EXPECT_TRUE(is_awake(2));
  EXPECT_EQ(ask(1), 3) << "woken again by the next message";
}

TEST_F(session_router_test, a_message_sent_while_the_user_falls_asleep_is_answered_by_a_new_actor) {
  users->sleep_delay = 10s;
  ask(1);
  advance_until_idle();
  auto answer = w.send<profile>(router, profile_of(1));
  w.run();
  EXPECT_FALSE(answer.arrived()) << "held back";
  w.advance(10s);
  EXPECT_EQ(answer.take()->user->nickname, "2");
  EXPECT_EQ(users->most_awake_of_one, 1) << "never two at once";
}

TEST_F(session_router_test, a_user_who_does_not_want_to_sleep_gets_what_was_held_back) {
  users->sleep_delay = 10s;
  users->sleeps = false;
  ask(1);
  advance_until_idle();
  auto answer = w.send<profile>(router, profile_of(1));
  w.advance(10s);
  EXPECT_EQ(answer.take()->user->nickname, "1");
  EXPECT_EQ(ask(1), 1);
}

TEST_F(session_router_test, one_that_dies_while_it_falls_asleep_loses_no_message) {
  users->sleep_delay = 10s;
  caf::actor_addr first;
  w.kill(router);
  router =
      w.spawn(session_router, w.services(), [&](caf::local_actor& parent, user_id user) -> session_actor {
        session_actor made = parent.spawn(fake_session, users, user);
        if (!first)
          first = made->address();
        return made;
      });
  ask(1);
  advance_until_idle();
  auto answer = w.send<profile>(router, profile_of(1));
  w.run();
  w.kill(caf::actor_cast<caf::strong_actor_ptr>(first)); // forgets that it owes an answer to fall_asleep
  EXPECT_EQ(answer.take()->user->nickname, "2");
  EXPECT_EQ(ask(1), 2);
}

TEST_F(session_router_test, one_that_dies_is_woken_by_the_next_message) {
  std::vector<session_actor> made;
  w.kill(router);
  router =
      w.spawn(session_router, w.services(), [&](caf::local_actor& parent, user_id user) -> session_actor {
        made.push_back(parent.spawn(fake_session, users, user));
        return made.back();
      });
  EXPECT_EQ(ask(1), 1);
  w.kill(made[0]);
  EXPECT_EQ(ask(1), 2);
  made.clear();
}

TEST_F(session_router_test, only_so_many_messages_are_held_back_for_one_user) {
  users->sleep_delay = 10s;
  ask(1);
  advance_until_idle();
  std::vector<pending<profile>> held;
  for (std::size_t i = 0; i < max_held_messages; ++i)
    held.push_back(w.send<profile>(router, profile_of(1)));
  w.run();
  EXPECT_EQ(error_of(w.ask<profile>(router, profile_of(1))), ec::overloaded);
  w.advance(10s);
  for (auto& answer : held)
    EXPECT_EQ(answer.take()->user->nickname, "2");
}

TEST_F(session_router_test, at_the_bound_the_one_unused_for_longest_sleeps) {
  for (std::uint64_t user = 1; user <= cap; ++user)
    ask(user);
  w.advance(100s); // within a tick the order is not kept
  ask(1);
  ask(100);
  EXPECT_EQ(awake(), cap);
  EXPECT_TRUE(is_awake(1));
  EXPECT_FALSE(is_awake(2));
  EXPECT_TRUE(is_awake(100));
}

TEST_F(session_router_test, a_thousand_users_need_no_more_room_than_the_bound) {
  for (std::uint64_t user = 1; user <= 1'000; ++user) {
    ASSERT_GT(ask(user), 0);
    ASSERT_LE(awake(), cap);
  }
}

TEST_F(session_router_test, when_nobody_can_sleep_new_users_are_refused_and_known_ones_served) {
  users->sleep_delay = 10s;
  for (std::uint64_t user = 1; user <= cap + overshoot; ++user)
    ASSERT_GT(ask(user), 0);
  EXPECT_EQ(error_of(w.ask<profile>(router, profile_of(100))), ec::overloaded);
  EXPECT_GT(ask(cap), 0);
  w.advance(10s);
  EXPECT_EQ(awake(), cap);
  EXPECT_GT(ask(100), 0);
}

TEST_F(session_router_test, many_idle_users_fall_asleep_a_few_at_a_time) {
  users->sleep_delay = 1s;
  for (std::uint64_t user = 1; user <= cap; ++user)
    ask(user);
  advance_until_idle();
  EXPECT_EQ(awake(), cap);
  w.advance(1s);
  EXPECT_EQ(awake(), cap - overshoot);
  w.advance(cap / overshoot * 1s);
  EXPECT_EQ(awake(), 0);
}

TEST_F(session_router_test, users_who_do_not_want_to_sleep_are_asked_again_for_each_new_user) {
  users->sleeps = false;
  for (std::uint64_t user = 1; user <= cap + overshoot; ++user)
    ASSERT_GT(ask(user), 0);
  EXPECT_EQ(error_of(w.ask<profile>(router, profile_of(100))), ec::overloaded);
  users->sleeps = true;
  EXPECT_EQ(error_of(w.ask<profile>(router, profile_of(100))), ec::overloaded);
  EXPECT_GT(ask(100), 0) << "the refused one has made room for the next";
  EXPECT_EQ(awake(), cap);
}

TEST_F(session_router_test, its_sessions_end_with_it) {
  ask(1);
  ask(2);
  caf::anon_send_exit(router, caf::exit_reason::user_shutdown);
  w.run();
  EXPECT_EQ(awake(), 0);
}

TEST_F(session_router_test, its_sessions_end_also_when_it_is_killed) {
  ask(1);
  ask(2);
  w.kill(router);
  EXPECT_EQ(awake(), 0);
}

TEST_F(session_router_test, a_session_that_is_waited_for_elsewhere_ends_with_it_too) {
  std::vector<session_actor> made; // as the clock holds one whose question to the store may still time out
  w.kill(router);
  router =
      w.spawn(session_router, w.services(), [&](caf::local_actor& parent, user_id user) -> session_actor {
        made.push_back(parent.spawn(fake_session, users, user));
        return made.back();
      });
  ask(1);
  w.kill(router);
  EXPECT_EQ(awake(), 0) << "or the next router would wake a second actor for the same user";
  made.clear();
}

TEST_F(session_router_test, what_is_held_back_when_it_ends_is_refused) {
  users->sleep_delay = 10s;
  ask(1);
  advance_until_idle();
  auto answer = w.send<profile>(router, profile_of(1));
  w.run();
  w.kill(router);
  EXPECT_TRUE(answer.arrived());
  EXPECT_EQ(error_of(answer.take()), ec::overloaded);
  w.advance(10s); // the fake lives until it has answered
}

TEST_F(session_router_test, in_any_order_of_events_everybody_is_answered_and_nobody_is_awake_twice) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::uint32_t bound) { return random() % bound; };
    users->sleep_delay = std::chrono::milliseconds(below(3) * 40'000);
    std::vector<pending<profile>> answers;
    for (int step = 0; step < 100; ++step) {
      users->sleeps = below(4) != 0;
      answers.push_back(w.send<profile>(router, profile_of(1 + below(cap + overshoot + 4))));
      if (below(3) == 0)
        w.run();
      if (below(6) == 0)
        w.advance(std::chrono::seconds(below(400)));
    }
    users->sleeps = true;
    w.advance(2h);
    for (auto& answer : answers) {
      ASSERT_TRUE(answer.arrived()) << "seed " << seed;
      const auto code = error_of(answer.take());
      ASSERT_TRUE(code == ec::none || code == ec::overloaded) << "seed " << seed;
    }
    ASSERT_EQ(users->most_awake_of_one, 1) << "seed " << seed;
    ASSERT_EQ(awake(), 0) << "seed " << seed;
  }
}

/// The same with real sessions over a store.
TEST(session_router_and_sessions, a_profile_changed_before_sleep_is_there_after_it) {
  world w;
  fake_parts parts(w);
  parts.store->add_user({1}, w.now());
  const session_router_actor router =
      w.spawn(session_router, w.services(), [&w](caf::local_actor& parent, user_id user) -> session_actor {
        return parent.spawn(session, w.services(), user);
      });
  const auto grant = w.ask<token_grant>(
      router, open_session{.user = {1}, .app = {"demo"}, .device = {}, .session_key = secret("key")});
  ASSERT_TRUE(grant);
  const caller who{{1}, grant->session};
  ASSERT_TRUE(w.ask<profile>(router, change_profile{who, "Mei", {}}));
  const auto seen = w.now();
  w.advance(std::chrono::seconds(w.config().session.idle_s) * 2);
  EXPECT_EQ(parts.store->count("touch_sessions"), 1);
  EXPECT_EQ(parts.store->find_session({1}, grant->session)->last_seen_at, seen);
  EXPECT_EQ(w.ask<status_report>(router, get_status{})->detail, "0 of 100000 sessions awake");
  EXPECT_EQ(w.ask<profile>(router, get_profile{who})->user->nickname, "Mei");
  EXPECT_EQ(parts.store->count("load_user"), 2);
}

TEST(session_router_and_sessions, a_message_racing_with_sleep_sees_what_was_written) {
  world w;
  fake_parts parts(w);
  parts.store->add_user({1}, w.now());
  const session_router_actor router =
      w.spawn(session_router, w.services(), [&w](caf::local_actor& parent, user_id user) -> session_actor {
        return parent.spawn(session, w.services(), user);
      });
  const auto grant = w.ask<token_grant>(
      router, open_session{.user = {1}, .app = {"demo"}, .device = {}, .session_key = secret("key")});
  const caller who{{1}, grant->session};
  parts.store->delay = 3s;
  w.advance(std::chrono::seconds(w.config().session.idle_s) * 9 /
            8); // asked to fall asleep; last_seen is written
  auto changed = w.send<profile>(router, change_profile{who, "Mei", {}});
  auto read = w.send<profile>(router, get_profile{who});
  w.advance(9s);
  EXPECT_TRUE(changed.take());
  EXPECT_EQ(read.take()->user->nickname, "Mei");
}

TEST(session_router_and_sessions, a_user_of_nobody_takes_no_room) {
  world w;
  fake_parts parts(w);
  const session_router_actor router =
      w.spawn(session_router, w.services(), [&w](caf::local_actor& parent, user_id user) -> session_actor {
        return parent.spawn(session, w.services(), user);
      });
  for (std::uint64_t user = 1; user <= 100; ++user)
    EXPECT_EQ(error_of(w.ask<token_grant>(router, refresh_session{{user}, {}, secret("x")})),
              ec::invalid_refresh_token);
  EXPECT_EQ(w.ask<status_report>(router, get_status{})->detail, "0 of 100000 sessions awake");
}

} // namespace
} // namespace weappd
