#include "actors/login_desk.hpp"

#include "actors/session.hpp"
#include "actors/session_router.hpp"
#include "messages/error.hpp"
#include "tests/kit/actors/error_of.hpp"
#include "tests/kit/actors/fake_parts.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;

login login_with(const std::string& code, const char* app = "demo") {
  return {.app = {app}, .code = secret(code), .device = {"phone", "ios"}};
}

/// One desk, real sessions, a store in memory and a WeChat that spends each code once.
struct login_desk_test : ::testing::Test {
  world w;
  fake_parts parts;
  memory_store& store;
  scripted_wechat& wechat;
  login_actor desk;

  explicit login_desk_test(options config = world_options())
      : w(std::move(config)), parts(w), store(*parts.store), wechat(*parts.wechat) {
    for (std::size_t i = 0; i < w.directory().users.size(); ++i)
      w.directory().users[i].set(w.spawn(session_router, w.services(),
                                         [this](caf::local_actor& parent, user_id user) -> session_actor {
                                           return parent.spawn(session, w.services(), user);
                                         }));
    desk = start();
  }
  login_actor start() { return w.spawn(login_desk, w.services(), 3u); }
  caf::expected<token_grant> log_in(const std::string& code, const char* app = "demo") {
    return w.ask<token_grant>(desk, login_with(code, app));
  }
  std::vector<caf::expected<token_grant>> log_in_at_once(const std::vector<std::string>& codes) {
    std::vector<pending<token_grant>> under_way;
    for (const auto& code : codes)
      under_way.push_back(w.send<token_grant>(desk, login_with(code)));
    w.advance(1s);
    std::vector<caf::expected<token_grant>> answers;
    for (auto& answer : under_way)
      answers.push_back(answer.take());
    return answers;
  }
  static std::string tokens_of(const token_grant& grant) {
    return grant.access_token.reveal() + grant.refresh_token.reveal();
  }
  session_router_actor router_of(const token_grant& grant) { return w.directory().router_of(grant.user->id); }
  caf::expected<token_grant> refresh(const token_grant& grant) {
    return w.ask<token_grant>(router_of(grant),
                              refresh_session{grant.user->id, grant.session, grant.refresh_token});
  }
  bool works(const token_grant& grant) {
    return bool(w.ask<profile>(router_of(grant), get_profile{{grant.user->id, grant.session}}));
  }
  bool set_status(const token_grant& grant, user_status status) {
    return bool(w.ask<done>(router_of(grant), set_user_status{grant.user->id, status}));
  }
};

// -- the good way

TEST_F(login_desk_test, a_user_of_an_official_account_logs_in_without_a_session_key) {
  const auto in_program = log_in("c1");
  wechat.on_exchange = [](const exchange_code&) {
    auto identity = identity_of("openid-of-follower", "one-person");
    identity.session_key = secret();
    return identity;
  };
  const auto grant = log_in("c2", "demo_oa");
  ASSERT_TRUE(in_program && grant);
  EXPECT_NE(grant->user->id, in_program->user->id);
  EXPECT_EQ(store.users.at(grant->user->id).session_keys.at({"demo_oa"}), "");
}

TEST_F(login_desk_test, a_code_gives_a_session_that_works) {
  const auto grant = log_in("c1");
  ASSERT_TRUE(grant);
  EXPECT_TRUE(grant->is_new_user);
  const auto user = grant->user->id;
  EXPECT_EQ(store.find_session(user, grant->session)->device.name, "phone");
  const auto router = w.directory().users.pick(user.value);
  EXPECT_TRUE(w.ask<profile>(router, get_profile{{user, grant->session}}));
}

TEST_F(login_desk_test, sixty_four_logins_with_one_code_make_one_exchange_and_get_equal_answers) {
  wechat.delay = 20ms;
  store.delay = 3ms;
  const auto answers = log_in_at_once(std::vector<std::string>(64, "c1"));
  std::set<std::string> different;
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->is_new_user);
    different.insert(tokens_of(*answer));
  }
  EXPECT_EQ(different.size(), 1u);
  EXPECT_EQ(wechat.exchanges, 1);
  EXPECT_EQ(store.users.size(), 1u);
  EXPECT_EQ(store.count_sessions(answers[0]->user->id), 1u);
}

TEST_F(login_desk_test, sixty_four_first_logins_of_one_person_make_one_user) {
  wechat.on_exchange = [](const exchange_code&) { return identity_of("mei"); };
  wechat.delay = 20ms;
  store.delay = 3ms;
  std::vector<std::string> codes;
  for (int i = 0; i < 64; ++i)
    codes.push_back("c" + std::to_string(i));
  const auto answers = log_in_at_once(codes);
  int new_users = 0;
  std::set<std::string> different;
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->user->id, answers[0]->user->id);
    new_users += answer->is_new_user ? 1 : 0;
    different.insert(tokens_of(*answer));
  }
  EXPECT_EQ(store.users.size(), 1u);
  EXPECT_EQ(new_users, 1);
  EXPECT_EQ(different.size(), 64u);
  EXPECT_EQ(wechat.exchanges, 64);
}

TEST_F(login_desk_test, the_second_login_of_a_person_is_no_new_user) {
  wechat.on_exchange = [](const exchange_code&) { return identity_of("mei"); };
  const auto first = log_in("c1");
  const auto second = log_in("c2");
  EXPECT_EQ(second->user->id, first->user->id);
  EXPECT_FALSE(second->is_new_user);
  EXPECT_NE(second->session, first->session);
}

TEST_F(login_desk_test, one_unionid_in_two_apps_is_one_user) {
  wechat.on_exchange = [](const exchange_code& m) { return identity_of("mei-in-" + m.app.value, "mei"); };
  const auto demo = log_in("c1", "demo");
  const auto shop = log_in("c2", "shop");
  EXPECT_EQ(demo->user->id, shop->user->id);
  EXPECT_EQ(store.users.size(), 1u);
}

TEST_F(login_desk_test, the_same_text_is_another_code_in_another_app) {
  wechat.on_exchange = [](const exchange_code& m) { return identity_of("somebody-in-" + m.app.value); };
  const auto demo = log_in("c1", "demo");
  log_in("c1", "shop");
  EXPECT_EQ(wechat.exchanges, 2);
  // Nor do an app and a code share their letters.
  log_in("1", "demoX");
  log_in("X1", "demo");
  EXPECT_EQ(wechat.exchanges, 4);
}

// -- memory

TEST_F(login_desk_test, the_same_code_within_five_minutes_gets_the_same_answer) {
  const auto first = log_in("c1");
  w.advance(300s - 1ms);
  const auto again = log_in("c1");
  ASSERT_TRUE(again);
  EXPECT_EQ(tokens_of(*again), tokens_of(*first));
  EXPECT_EQ(wechat.exchanges, 1);
  EXPECT_EQ(store.count_sessions(first->user->id), 1u);
}

TEST_F(login_desk_test, a_code_that_is_sent_again_tells_what_is_left_of_the_life_of_its_tokens) {
  const auto first = log_in("c1");
  EXPECT_EQ(first->access_ttl, 2h);
  EXPECT_EQ(first->refresh_ttl, 30 * 24h);
  w.advance(100s);
  const auto again = log_in("c1");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->access_ttl, 2h - 100s);
  EXPECT_EQ(again->refresh_ttl, 30 * 24h - 100s);
  EXPECT_TRUE(again->is_new_user) << "the answer that was lost would have said so";
}

TEST_F(login_desk_test, after_a_refresh_the_code_gives_the_newest_pair_and_nobody_looks_like_a_thief) {
  const auto first = log_in("c1");
  const auto refreshed = refresh(*refresh(*first));
  w.advance(1min);
  const auto again = log_in("c1");
  ASSERT_TRUE(again);
  EXPECT_EQ(tokens_of(*again), tokens_of(*refreshed));
  EXPECT_EQ(again->session, first->session);
  EXPECT_TRUE(refresh(*again));
  EXPECT_TRUE(works(*again));
  EXPECT_TRUE(w.events().named("session.refresh_reused").empty());
}

TEST_F(login_desk_test, the_code_of_a_session_that_has_ended_is_a_used_code) {
  const auto first = log_in("c1");
  ASSERT_TRUE(w.ask<done>(router_of(*first), logout{{first->user->id, first->session}, false}));
  EXPECT_EQ(error_of(log_in("c1")), ec::invalid_code);
  EXPECT_EQ(error_of(log_in("c1")), ec::invalid_code);
  EXPECT_EQ(wechat.exchanges, 1);
  EXPECT_EQ(store.count_sessions(first->user->id), 0u);
}

TEST_F(login_desk_test, a_user_locked_since_the_first_answer_is_refused_until_unlocked) {
  const auto first = log_in("c1");
  ASSERT_TRUE(set_status(*first, user_status::locked));
  EXPECT_EQ(error_of(log_in("c1")), ec::user_blocked);
  ASSERT_TRUE(set_status(*first, user_status::active));
  const auto again = log_in("c1");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->session, first->session);
}

TEST_F(login_desk_test, a_session_that_cannot_be_asked_makes_a_repetition_fail_and_not_the_next) {
  ASSERT_TRUE(log_in("c1"));
  auto& routers = w.directory().users;
  const auto started = std::vector{routers[0].get(), routers[1].get()};
  routers[0].set({});
  routers[1].set({});
  EXPECT_EQ(error_of(log_in("c1")), ec::overloaded);
  routers[0].set(started[0]);
  routers[1].set(started[1]);
  EXPECT_TRUE(log_in("c1"));
  EXPECT_EQ(wechat.exchanges, 1);
}

struct short_lived_access_test : login_desk_test {
  static options one_minute() {
    auto config = world_options();
    config.auth.access_ttl_s = 60;
    return config;
  }
  short_lived_access_test() : login_desk_test(one_minute()) {}
};

TEST_F(short_lived_access_test, a_code_never_gives_a_dead_access_token) {
  const auto first = log_in("c1");
  w.advance(60s - 1ms);
  EXPECT_EQ(tokens_of(*log_in("c1")), tokens_of(*first));
  w.advance(1ms);
  const auto again = log_in("c1");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->session, first->session);
  EXPECT_EQ(again->access_ttl, 60s);
  EXPECT_FALSE(again->access_token == first->access_token);
  EXPECT_TRUE(again->is_new_user);
  EXPECT_TRUE(refresh(*again));
}

TEST_F(short_lived_access_test, racing_repetitions_get_one_pair_and_the_first_client_is_no_thief) {
  const auto first = log_in("c1");
  w.advance(2min);
  store.delay = 3ms;
  const auto answers = log_in_at_once(std::vector<std::string>(64, "c1"));
  std::set<std::string> different;
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer);
    different.insert(tokens_of(*answer));
  }
  EXPECT_EQ(different.size(), 1u);
  EXPECT_EQ(store.count("rotate_refresh_token"), 1);
  store.delay = 0ms;
  const auto refreshed = refresh(*first);
  ASSERT_TRUE(refreshed) << "within the window its token is only the one before";
  EXPECT_EQ(tokens_of(*refreshed), tokens_of(*answers[0]));
  EXPECT_TRUE(refresh(*answers[0]));
  EXPECT_TRUE(works(*first));
}

TEST_F(login_desk_test, after_five_minutes_the_answer_is_forgotten) {
  ASSERT_TRUE(log_in("c1"));
  w.advance(300s);
  EXPECT_EQ(w.ask<status_report>(desk, get_status{})->detail, "0 logins under way, 0 codes remembered");
  EXPECT_EQ(error_of(log_in("c1")), ec::invalid_code) << "what WeChat says of a used code";
  EXPECT_EQ(wechat.exchanges, 2);
}

TEST_F(login_desk_test, a_final_refusal_of_wechat_is_remembered) {
  for (const auto refusal : {ec::invalid_code, ec::user_blocked}) {
    wechat.exchanges = 0;
    wechat.on_exchange = [=](const exchange_code&) { return make_error(refusal, "40029"); };
    const auto code = "c" + std::to_string(static_cast<int>(refusal));
    EXPECT_EQ(error_of(log_in(code)), refusal);
    EXPECT_EQ(error_of(log_in(code)), refusal);
    EXPECT_EQ(wechat.exchanges, 1);
  }
}

TEST_F(login_desk_test, a_passing_failure_of_wechat_is_forgotten_at_once) {
  for (const auto failure : {ec::wechat_unavailable, ec::wechat_timeout, ec::wechat_misconfigured}) {
    wechat.on_exchange = [=](const exchange_code&) { return make_error(failure); };
    const auto code = "c" + std::to_string(static_cast<int>(failure));
    EXPECT_EQ(error_of(log_in(code)), failure);
    wechat.on_exchange = [](const exchange_code& m) { return identity_of(m.code.reveal()); };
    EXPECT_TRUE(log_in(code));
  }
}

struct forgetful_desk_test : login_desk_test {
  static options ten_codes() {
    auto config = world_options();
    config.auth.code_memory_max = 20;
    config.pools.login_desk = 2;
    return config;
  }
  forgetful_desk_test() : login_desk_test(ten_codes()) {}
};

TEST_F(forgetful_desk_test, the_oldest_code_is_forgotten_first) {
  for (int i = 0; i < 11; ++i)
    ASSERT_TRUE(log_in("c" + std::to_string(i)));
  EXPECT_EQ(w.ask<status_report>(desk, get_status{})->detail, "0 logins under way, 10 codes remembered");
  EXPECT_TRUE(log_in("c1"));
  EXPECT_EQ(wechat.exchanges, 11);
  EXPECT_EQ(error_of(log_in("c0")), ec::invalid_code);
  EXPECT_EQ(wechat.exchanges, 12);
}

// -- bounds

TEST_F(login_desk_test, only_so_many_wait_for_one_code) {
  wechat.delay = 20ms;
  const auto answers = log_in_at_once(std::vector<std::string>(max_waiters_per_code + 1, "c1"));
  EXPECT_EQ(error_of(answers.back()), ec::overloaded);
  for (std::size_t i = 0; i < max_waiters_per_code; ++i)
    ASSERT_TRUE(answers[i]);
}

TEST_F(login_desk_test, only_so_many_codes_are_under_way) {
  wechat.delay = 20ms;
  std::vector<std::string> codes;
  for (std::size_t i = 0; i <= max_logins_under_way; ++i)
    codes.push_back("c" + std::to_string(i));
  const auto answers = log_in_at_once(codes);
  EXPECT_EQ(error_of(answers.back()), ec::overloaded);
  EXPECT_EQ(wechat.exchanges, static_cast<int>(max_logins_under_way));
  for (std::size_t i = 0; i < max_logins_under_way; ++i)
    ASSERT_TRUE(answers[i]);
  wechat.delay = 0ms;
  EXPECT_TRUE(log_in(codes.back())) << "the refused code is not spent";
}

// -- parts that fail

TEST_F(login_desk_test, without_a_store_the_code_is_not_spent) {
  store.failure = ec::storage_unavailable;
  EXPECT_EQ(error_of(log_in("c1")), ec::storage_unavailable);
  EXPECT_EQ(wechat.exchanges, 0);
  store.failure = ec::none;
  EXPECT_TRUE(log_in("c1"));
}

TEST_F(login_desk_test, a_login_that_failed_after_the_exchange_goes_on_from_there) {
  log_in("c0");
  store.failure = ec::storage_unavailable;
  EXPECT_EQ(error_of(log_in("c1")), ec::storage_unavailable);
  EXPECT_EQ(wechat.exchanges, 2);
  EXPECT_EQ(error_of(log_in("c1")), ec::storage_unavailable);
  store.failure = ec::none;
  EXPECT_TRUE(log_in("c1"));
  EXPECT_EQ(wechat.exchanges, 2);
}

TEST_F(login_desk_test, a_user_locked_here_is_refused_and_can_log_in_when_unlocked) {
  const auto user = log_in("c0")->user->id;
  wechat.on_exchange = [](const exchange_code&) { return identity_of("openid-of-c0"); };
  const auto router = w.directory().users.pick(user.value);
  ASSERT_TRUE(w.ask<done>(router, set_user_status{user, user_status::locked}));
  EXPECT_EQ(error_of(log_in("c1")), ec::user_blocked);
  ASSERT_TRUE(w.ask<done>(router, set_user_status{user, user_status::active}));
  EXPECT_TRUE(log_in("c1"));
}

TEST_F(login_desk_test, a_dead_part_is_overload_and_the_next_login_finds_the_new_one) {
  w.kill(w.directory().wechat.get());
  EXPECT_EQ(error_of(log_in("c1")), ec::overloaded);
  parts.start_wechat(w);
  EXPECT_TRUE(log_in("c1"));
  w.kill(w.directory().store_writer.get());
  EXPECT_EQ(error_of(log_in("c2")), ec::overloaded);
  parts.start_store(w);
  EXPECT_TRUE(log_in("c2"));
  EXPECT_EQ(wechat.exchanges, 2);
}

TEST_F(login_desk_test, parts_that_are_not_started_yet_refuse_and_spend_nothing) {
  auto& peers = w.directory();
  const auto gateway = peers.wechat.get();
  peers.wechat.set({});
  EXPECT_EQ(error_of(log_in("c1")), ec::overloaded);
  peers.wechat.set(gateway);
  const auto routers = std::vector{peers.users[0].get(), peers.users[1].get()};
  peers.users[0].set({});
  peers.users[1].set({});
  EXPECT_EQ(error_of(log_in("c1")), ec::overloaded);
  peers.users[0].set(routers[0]);
  peers.users[1].set(routers[1]);
  EXPECT_TRUE(log_in("c1"));
  EXPECT_EQ(wechat.exchanges, 1);
}

TEST_F(login_desk_test, a_gateway_that_dies_over_an_exchange_is_not_waited_for_for_ever) {
  wechat.delay = 5s;
  auto answer = w.send<token_grant>(desk, login_with("c1"));
  w.advance(1s);
  w.kill(w.directory().wechat.get());
  parts.start_wechat(w);
  w.advance(patience(*w.services()));
  EXPECT_EQ(error_of(answer.take()), ec::handler_timeout);
  EXPECT_EQ(w.ask<status_report>(desk, get_status{})->detail, "0 logins under way, 0 codes remembered");
}

TEST_F(login_desk_test, who_waits_for_a_desk_that_dies_is_told_at_once) {
  wechat.delay = 5s;
  auto first = w.send<token_grant>(desk, login_with("c1"));
  auto second = w.send<token_grant>(desk, login_with("c1"));
  w.run();
  w.kill(desk);
  EXPECT_EQ(error_of(first.take()), ec::overloaded);
  EXPECT_EQ(error_of(second.take()), ec::overloaded);
}

// -- user ids

TEST_F(login_desk_test, a_new_user_gets_an_id_above_all_others_made_by_this_shard) {
  store.add_user({snowflake(9, {}).next(w.now() - 1h).id}, w.now());
  const auto newest = store.newest;
  const auto user = log_in("c1")->user->id;
  EXPECT_GT(user, newest);
  EXPECT_EQ(user.value >> 12 & 0x3FF, 3u) << "node 0, shard 3";
  EXPECT_EQ(snowflake::epoch + std::chrono::milliseconds(user.value >> 22), w.now());
}

TEST_F(login_desk_test, a_restart_with_a_clock_a_little_behind_waits_and_repeats_nothing) {
  const auto first = log_in("c1")->user->id;
  w.wall().jump(-1s);
  w.kill(desk);
  desk = start();
  auto answer = w.send<token_grant>(desk, login_with("c2"));
  w.advance(1s);
  EXPECT_FALSE(answer.arrived());
  w.advance(1ms);
  EXPECT_GT(answer.take()->user->id, first);
}

TEST_F(login_desk_test, a_clock_far_behind_is_told_to_the_operator_and_recovers) {
  log_in("c1");
  w.wall().jump(-1h);
  EXPECT_EQ(error_of(log_in("c2")), ec::overloaded);
  EXPECT_EQ(error_of(log_in("c3")), ec::overloaded);
  EXPECT_EQ(w.ask<status_report>(desk, get_status{})->state, health::degraded);
  EXPECT_EQ(w.events().named("login.clock_went_back").size(), 1u) << "once, not for each login";
  w.wall().jump(+1h + 1ms);
  EXPECT_TRUE(log_in("c2"));
  EXPECT_EQ(w.ask<status_report>(desk, get_status{})->state, health::ok);
}

} // namespace
} // namespace weappd
