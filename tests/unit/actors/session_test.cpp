#include "actors/session.hpp"

#include "config/crypto/access_token.hpp"
#include "messages/refresh_token.hpp"
#include "tests/unit/actors/session_fixture.hpp"

#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;

struct session_test : session_fixture {};

// -- login

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

// -- profile

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

} // namespace
} // namespace weappd
