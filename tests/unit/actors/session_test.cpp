#include "actors/session.hpp"

#include "actors/logic/token_mint.hpp"
#include "config/crypto/access_token.hpp"
#include "messages/refresh_token.hpp"
#include "tests/kit/actors/fake_parts.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;

constexpr user_id somebody{1001};

template <class T>
ec error_of(const caf::expected<T>& answer) {
  return answer ? ec::none : code_of(answer.error());
}

struct session_test : ::testing::Test {
  world w;
  fake_parts parts{w};
  memory_store& store = *parts.store;
  session_actor user;

  session_test() {
    store.add_user(somebody, w.now());
    user = wake();
  }
  session_actor wake(user_id id = somebody) { return w.spawn(session, w.services(), id); }
  void sleep_and_wake() {
    EXPECT_TRUE(w.ask<sleep_answer>(user, fall_asleep{})->asleep);
    user = wake();
  }

  static open_session login_of(const char* device = "phone") {
    return {.user = somebody,
            .app = {"demo"},
            .device = {device, "ios"},
            .session_key = secret("key"),
            .is_new_user = false};
  }
  token_grant open(const char* device = "phone") { return *w.ask<token_grant>(user, login_of(device)); }
  static refresh_session refresh_of(const token_grant& grant) {
    return {somebody, grant.session, grant.refresh_token};
  }
  caf::expected<token_grant> refresh(const token_grant& grant) {
    return w.ask<token_grant>(user, refresh_of(grant));
  }
  static caller by(const token_grant& grant) { return {somebody, grant.session}; }
  caf::expected<profile> me(const token_grant& grant) { return w.ask<profile>(user, get_profile{by(grant)}); }
  session_list list(const token_grant& grant) { return *w.ask<session_list>(user, list_sessions{by(grant)}); }
  ec set_status(user_status status) { return error_of(w.ask<done>(user, set_user_status{somebody, status})); }
};

// -- login
// ----------------------------------------------------------------------------------------------------

TEST_F(session_test, a_login_is_stored_before_it_is_answered) {
  store.delay = 5ms;
  auto answer = w.send<token_grant>(user, login_of());
  w.advance(9ms); // 5 for loading; the write is under way
  EXPECT_FALSE(answer.arrived());
  w.advance(1ms);
  const auto grant = answer.take();
  ASSERT_TRUE(grant);
  const auto* row = store.find_session(somebody, grant->session);
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->device.name, "phone");
  EXPECT_EQ(store.users[somebody].session_keys[{"demo"}], "key");
}

TEST_F(session_test, a_grant_says_how_long_its_tokens_live_and_whose_they_are) {
  const auto grant = open();
  EXPECT_EQ(grant.access_ttl, 2h);
  EXPECT_EQ(grant.refresh_ttl, 30 * 24h);
  EXPECT_EQ(grant.user->id, somebody);
  EXPECT_EQ(grant.user->last_login_at, w.now());
  const auto parts_of_token = parse_refresh_token(grant.refresh_token.reveal());
  ASSERT_TRUE(parts_of_token);
  EXPECT_EQ(parts_of_token->session, grant.session);
  crypto::token_verifier verifier(w.keys().signing, w.config().auth.issuer, w.config().auth.audience);
  const auto now = std::chrono::floor<std::chrono::seconds>(w.now()).time_since_epoch().count();
  const auto verified = verifier.verify(grant.access_token.reveal(), now);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified.claims.user, to_string(somebody));
  EXPECT_EQ(verified.claims.session, to_string(grant.session));
}

TEST_F(session_test, the_refresh_token_itself_is_nowhere_in_the_store) {
  const auto grant = open();
  const auto* row = store.find_session(somebody, grant.session);
  EXPECT_EQ(row->refresh_hash, w.services()->mint->hash(grant.refresh_token));
  EXPECT_NE(row->refresh_hash, keyed_hash{});
}

TEST_F(session_test, one_login_too_many_closes_the_one_unseen_for_longest) {
  std::vector<token_grant> grants;
  for (std::uint32_t i = 0; i < w.config().auth.max_sessions_per_user; ++i) {
    grants.push_back(open());
    w.advance(1s);
  }
  EXPECT_TRUE(me(grants[0])); // seen now, so the second is unseen for longest
  w.advance(1s);
  const auto last = open();
  EXPECT_EQ(error_of(me(grants[1])), ec::invalid_access_token);
  EXPECT_EQ(error_of(refresh(grants[1])), ec::invalid_refresh_token);
  EXPECT_TRUE(me(grants[0]));
  EXPECT_TRUE(me(last));
  EXPECT_EQ(store.count_sessions(somebody), w.config().auth.max_sessions_per_user);
}

TEST_F(session_test, a_login_the_store_refused_changes_nothing_and_the_next_one_works) {
  const auto before = open();
  store.failure = ec::storage_unavailable;
  EXPECT_EQ(error_of(w.ask<token_grant>(user, login_of())), ec::storage_unavailable);
  EXPECT_TRUE(me(before)) << "what is in memory needs no store";
  store.failure = ec::none;
  EXPECT_EQ(list(before).items.size(), 1u);
  open();
  EXPECT_EQ(list(before).items.size(), 2u);
}

// -- refresh
// --------------------------------------------------------------------------------------------------

TEST_F(session_test, a_refresh_gives_a_new_pair_and_keeps_the_session) {
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

TEST_F(session_test, sixty_four_racing_refreshes_get_one_equal_pair) {
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

TEST_F(session_test, the_old_token_gets_the_same_pair_within_the_window_also_after_a_restart) {
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

TEST_F(session_test, the_old_token_after_the_window_is_theft_and_ends_the_session) {
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

TEST_F(session_test, a_token_from_three_refreshes_ago_is_theft_too) {
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

TEST_F(session_test, an_invented_token_harms_nobody) {
  const auto grant = open();
  w.advance(1min);
  auto invented = refresh_of(grant);
  invented.refresh_token = compose_refresh_token(somebody, grant.session, {});
  EXPECT_EQ(error_of(w.ask<token_grant>(user, invented)), ec::invalid_refresh_token);
  invented.session.bytes.fill(1);
  EXPECT_EQ(error_of(w.ask<token_grant>(user, invented)), ec::invalid_refresh_token);
  EXPECT_TRUE(refresh(grant));
}

TEST_F(session_test, a_session_unused_for_thirty_days_is_over) {
  const auto grant = open();
  w.advance(30 * 24h);
  EXPECT_EQ(error_of(refresh(grant)), ec::invalid_refresh_token);
  EXPECT_EQ(error_of(me(grant)), ec::invalid_access_token);
}

TEST_F(session_test, a_session_ends_at_its_absolute_age_and_its_last_tokens_with_it) {
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

TEST_F(session_test, a_refresh_the_store_refused_can_be_repeated_with_the_same_token) {
  const auto grant = open();
  store.failure = ec::storage_unavailable;
  EXPECT_EQ(error_of(refresh(grant)), ec::storage_unavailable);
  store.failure = ec::none;
  w.advance(1min);
  EXPECT_TRUE(refresh(grant));
}

TEST_F(session_test, when_the_store_dies_over_a_write_memory_is_not_believed_any_more) {
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

TEST_F(session_test, who_waits_for_a_session_that_dies_is_told_at_once) {
  const auto grant = open();
  store.delay = 5ms;
  auto under_way = w.send<profile>(user, change_profile{by(grant), "Mei", {}});
  auto behind = w.send<profile>(user, get_profile{by(grant)});
  w.run();
  w.kill(user); // not before the store has answered: it takes no message until then
  w.advance(5ms);
  EXPECT_TRUE(under_way.arrived());
  EXPECT_TRUE(behind.arrived());
}

TEST_F(session_test, a_row_that_somebody_else_rotated_is_read_again) {
  const auto grant = open();
  store.find_session(somebody, grant.session)->refresh_hash.bytes.fill(9);
  EXPECT_EQ(error_of(refresh(grant)), ec::storage_unavailable);
  w.run();
  EXPECT_EQ(code_of(me(grant).error()), ec::overloaded) << "it has quit";
  user = wake();
  EXPECT_EQ(error_of(refresh(grant)), ec::invalid_refresh_token);
}

// -- profile
// --------------------------------------------------------------------------------------------------

TEST_F(session_test, a_profile_is_handed_out_without_copies_and_without_the_store) {
  const auto grant = open();
  const auto calls = store.calls;
  const auto first = me(grant);
  const auto second = me(grant);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->user.get(), second->user.get());
  EXPECT_EQ(store.calls, calls);
}

TEST_F(session_test, a_session_id_of_nobody_is_refused) {
  open();
  caller stranger{somebody, {}};
  EXPECT_EQ(error_of(w.ask<profile>(user, get_profile{stranger})), ec::invalid_access_token);
  EXPECT_EQ(error_of(w.ask<profile>(user, change_profile{stranger, "x", {}})), ec::invalid_access_token);
  EXPECT_EQ(error_of(w.ask<session_list>(user, list_sessions{stranger})), ec::invalid_access_token);
  EXPECT_EQ(error_of(w.ask<done>(user, close_session{stranger, {}})), ec::invalid_access_token);
  EXPECT_EQ(error_of(w.ask<done>(user, logout{stranger, true})), ec::invalid_access_token);
}

TEST_F(session_test, what_is_left_out_of_a_change_stays) {
  const auto grant = open();
  w.advance(1s);
  const auto changed = w.ask<profile>(user, change_profile{by(grant), "Mei", std::nullopt});
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->user->nickname, "Mei");
  EXPECT_EQ(changed->user->updated_at, w.now());
  const auto avatar =
      w.ask<profile>(user, change_profile{by(grant), std::nullopt, "https://example.com/a.png"});
  EXPECT_EQ(avatar->user->nickname, "Mei");
  EXPECT_EQ(avatar->user->avatar_url, "https://example.com/a.png");
  EXPECT_EQ(store.users[somebody].user.nickname, "Mei");
  sleep_and_wake();
  EXPECT_EQ(me(grant)->user->avatar_url, "https://example.com/a.png");
}

TEST_F(session_test, a_change_that_changes_nothing_is_not_written) {
  const auto grant = open();
  const auto before = me(grant)->user->updated_at;
  w.advance(1s);
  EXPECT_EQ(w.ask<profile>(user, change_profile{by(grant), "", std::nullopt})->user->updated_at, before);
  EXPECT_EQ(store.count("save_user"), 0);
}

TEST_F(session_test, a_change_the_store_refused_is_not_shown) {
  const auto grant = open();
  store.failure = ec::storage_unavailable;
  EXPECT_EQ(error_of(w.ask<profile>(user, change_profile{by(grant), "Mei", {}})), ec::storage_unavailable);
  EXPECT_EQ(me(grant)->user->nickname, "");
}

// -- sessions
// -------------------------------------------------------------------------------------------------

TEST_F(session_test, sessions_are_listed_newest_first_and_the_own_one_is_marked) {
  const auto phone = open("phone");
  w.advance(1s);
  const auto tablet = open("tablet");
  w.advance(1s);
  const auto items = list(phone).items;
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].device.name, "tablet");
  EXPECT_FALSE(items[0].current);
  EXPECT_EQ(items[1].id, phone.session);
  EXPECT_TRUE(items[1].current);
  EXPECT_EQ(items[1].last_seen_at, w.now());
}

TEST_F(session_test, sessions_that_have_ended_are_not_listed) {
  open("old");
  w.advance(20 * 24h);
  const auto newer = open("new");
  w.advance(11 * 24h);
  EXPECT_EQ(list(newer).items.size(), 1u);
}

TEST_F(session_test, closing_another_login_refuses_it_at_once) {
  const auto phone = open("phone");
  const auto tablet = open("tablet");
  EXPECT_TRUE(w.ask<done>(user, close_session{by(phone), tablet.session}));
  EXPECT_EQ(error_of(me(tablet)), ec::invalid_access_token);
  EXPECT_EQ(error_of(refresh(tablet)), ec::invalid_refresh_token);
  EXPECT_EQ(store.find_session(somebody, tablet.session), nullptr);
  EXPECT_EQ(error_of(w.ask<done>(user, close_session{by(phone), tablet.session})), ec::session_not_found);
  EXPECT_TRUE(me(phone));
}

TEST_F(session_test, logout_ends_the_own_login_alone) {
  const auto phone = open("phone");
  const auto tablet = open("tablet");
  EXPECT_TRUE(w.ask<done>(user, logout{by(phone), false}));
  EXPECT_EQ(error_of(me(phone)), ec::invalid_access_token);
  EXPECT_TRUE(me(tablet));
}

TEST_F(session_test, logout_everywhere_ends_all_for_good) {
  const auto phone = open("phone");
  const auto tablet = open("tablet");
  EXPECT_TRUE(w.ask<done>(user, logout{by(phone), true}));
  EXPECT_EQ(store.count_sessions(somebody), 0u);
  sleep_and_wake();
  EXPECT_EQ(error_of(me(phone)), ec::invalid_access_token);
  EXPECT_EQ(error_of(refresh(tablet)), ec::invalid_refresh_token);
}

TEST_F(session_test, what_was_sent_before_a_revocation_was_answered_sees_the_revocation) {
  const auto phone = open("phone");
  const auto tablet = open("tablet");
  store.delay = 5ms;
  auto closed = w.send<done>(user, close_session{by(phone), tablet.session});
  auto seen = w.send<profile>(user, get_profile{by(tablet)});
  w.advance(1s);
  EXPECT_TRUE(closed.take());
  EXPECT_EQ(error_of(seen.take()), ec::invalid_access_token);
}

// -- lock
// -----------------------------------------------------------------------------------------------------

TEST_F(session_test, a_locked_user_is_refused_at_once_everywhere) {
  const auto grant = open();
  EXPECT_EQ(set_status(user_status::locked), ec::none);
  EXPECT_EQ(error_of(me(grant)), ec::user_blocked);
  EXPECT_EQ(error_of(refresh(grant)), ec::user_blocked);
  EXPECT_EQ(error_of(w.ask<token_grant>(user, login_of())), ec::user_blocked);
  EXPECT_EQ(error_of(w.ask<session_list>(user, list_sessions{by(grant)})), ec::user_blocked);
  EXPECT_EQ(w.events().named("user.locked").size(), 1u);
}

TEST_F(session_test, a_lock_outlives_sleep_and_an_unlock_gives_the_sessions_back) {
  const auto grant = open();
  set_status(user_status::locked);
  sleep_and_wake();
  EXPECT_EQ(error_of(me(grant)), ec::user_blocked);
  set_status(user_status::active);
  EXPECT_TRUE(me(grant));
  EXPECT_TRUE(refresh(grant));
  EXPECT_EQ(w.events().named("user.unlocked").size(), 1u);
}

TEST_F(session_test, an_invented_token_does_not_learn_that_the_user_is_locked) {
  const auto grant = open();
  set_status(user_status::locked);
  auto invented = refresh_of(grant);
  invented.refresh_token = compose_refresh_token(somebody, grant.session, {});
  EXPECT_EQ(error_of(w.ask<token_grant>(user, invented)), ec::invalid_refresh_token);
}

// -- last seen, sleep
// -----------------------------------------------------------------------------------------

TEST_F(session_test, last_seen_is_stored_at_most_once_in_five_minutes) {
  const auto grant = open();
  for (int i = 0; i < 100; ++i) {
    w.advance(6s);
    ASSERT_TRUE(me(grant));
  }
  EXPECT_EQ(store.count("touch_sessions"), 2);
  EXPECT_EQ(store.find_session(somebody, grant.session)->last_seen_at, w.now());
}

TEST_F(session_test, a_store_that_refuses_last_seen_is_not_asked_at_every_request) {
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

TEST_F(session_test, a_clock_set_back_does_not_stop_last_seen_for_long) {
  const auto grant = open();
  w.wall().jump(-24h);
  ASSERT_TRUE(me(grant));
  EXPECT_EQ(store.count("touch_sessions"), 1);
}

TEST_F(session_test, falling_asleep_stores_last_seen_before_it_is_answered) {
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

TEST_F(session_test, one_that_was_not_used_falls_asleep_without_the_store) {
  w.advance(1min);
  EXPECT_TRUE(w.ask<sleep_answer>(user, fall_asleep{})->asleep);
  EXPECT_EQ(store.count("touch_sessions"), 0);
}

TEST_F(session_test, a_broken_store_keeps_nobody_awake) {
  open();
  store.failure = ec::storage_unavailable;
  EXPECT_TRUE(w.ask<sleep_answer>(user, fall_asleep{})->asleep);
}

// -- loading
// --------------------------------------------------------------------------------------------------

TEST_F(session_test, messages_wait_in_order_until_the_user_is_loaded) {
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

TEST_F(session_test, a_user_that_does_not_exist_is_refused_and_not_kept) {
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

TEST_F(session_test, without_a_store_everything_waiting_is_refused_and_the_next_wake_works) {
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

TEST_F(session_test, a_store_that_is_not_started_yet_is_an_unavailable_store) {
  w.directory().store_writer.set({});
  EXPECT_EQ(error_of(w.ask<token_grant>(user, login_of())), ec::storage_unavailable);
  for (std::size_t i = 0; i < w.directory().store_readers.size(); ++i)
    w.directory().store_readers[i].set({});
  user = wake();
  EXPECT_EQ(error_of(w.ask<token_grant>(user, login_of())), ec::storage_unavailable);
}

} // namespace
} // namespace weappd
