#include "actors/factories.hpp"

#include "messages/error.hpp"
#include "tests/kit/actors/whole_world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;

caf::expected<token_grant> log_in(whole_world& w, const std::string& code) {
  return w.ask<token_grant>(w.directory().logins.pick(0),
                            login{.app = {"demo"}, .code = secret(code), .device = {}});
}

TEST(factories, make_a_server_on_which_a_user_can_log_in_and_read_the_profile) {
  whole_world w;
  w.start();
  const auto grant = log_in(w, "code-1");
  ASSERT_TRUE(grant);
  EXPECT_TRUE(grant->is_new_user);
  const auto user = grant->user->id;
  const auto mine = w.ask<profile>(w.directory().router_of(user), get_profile{.who = {user, grant->session}});
  ASSERT_TRUE(mine);
  EXPECT_EQ(mine->user->id, user);
  EXPECT_EQ(w.ask<status_report>(w.supervisor, get_status{})->state, health::ok);
}

TEST(factories, children_start_after_those_they_ask) {
  whole_world w;
  std::vector<std::string> names;
  for (const auto& child : all_children(w.make, w.services()))
    if (child.at_start)
      names.push_back(child.name);
  EXPECT_EQ(names, (std::vector<std::string>{"store_writer",          "store_reader/0",
                                             "store_reader/1",        "wechat_gateway",
                                             "token_refresher/demo",  "token_refresher/demo_oa",
                                             "session_router/0",      "session_router/1",
                                             "login_desk/0",          "login_desk/1",
                                             "template_pusher/0",     "template_pusher/1",
                                             "template_checker/demo", "follower_sync/demo_oa",
                                             "once_desk/0",           "once_desk/1",
                                             "secret_checker",        "service_desk",
                                             "housekeeper",           "ban_keeper",
                                             "captcha_verifier",      "challenge_desk",
                                             "rate_limiter/0",        "rate_limiter/1"}));
}

TEST(factories, one_replaced_member_puts_an_actor_of_the_test_into_the_server) {
  whole_world w;
  w.make.wechat_gateway = [](caf::actor_system& in, const services_ptr&) {
    return in.spawn([](wechat_gateway_actor::pointer) -> wechat_gateway_actor::behavior_type {
      return {
          [](get_status) { return status_report{}; },
          [](const exchange_code&) -> caf::result<code_exchanged> { return make_error(ec::user_blocked); },
          [](const fetch_access_token&) {
            return access_token_fetched{secret("t"), 2h};
          },
          [](const send_to_user&) { return send_accepted(); },
          [](const fetch_templates&) { return templates_fetched{}; },
          [](const list_followers&) { return followers_listed{}; },
          [](const describe_followers&) { return followers_described{}; }};
    });
  };
  w.start();
  EXPECT_EQ(code_of(log_in(w, "code-1").error()), ec::user_blocked);
}

TEST(factories, every_service_that_dies_is_there_again_and_a_login_works) {
  whole_world w;
  w.start();
  ASSERT_TRUE(log_in(w, "code-0"));
  auto& d = w.directory();
  w.kill(d.store_writer.get());
  w.kill(d.wechat.get());
  for (const auto& [app, refresher] : d.tokens)
    w.kill(refresher.get());
  w.kill(d.template_checkers.at(app_key{"demo"}).get());
  w.kill(d.follower_syncs.at(app_key{"demo_oa"}).get());
  w.kill(d.secret_checker.get());
  w.kill(d.service_desk.get());
  w.kill(d.housekeeper.get());
  w.kill(d.captcha_verifier.get());
  w.kill(d.challenge_desk.get());
  for (std::size_t i = 0; i < 2; ++i) {
    w.kill(d.store_readers[i].get());
    w.kill(d.users.pick(i));
    w.kill(d.logins.pick(i));
    w.kill(d.rate_limiters[i].get());
    w.kill(d.pushers[i].get());
    w.kill(d.once_desks.pick(i));
  }
  w.advance(1s);
  EXPECT_EQ(w.ask<status_report>(w.supervisor, get_status{})->state, health::ok);
  EXPECT_EQ(w.events().named("actor.restarted").size(), 23u);
  ASSERT_TRUE(log_in(w, "code-1"));
  EXPECT_TRUE(w.ask<token_lease>(d.tokens.at(app_key{"demo"}).get(), get_access_token{}));
  EXPECT_TRUE(w.ask<verdict>(d.rate_limiters.pick(0), acquire{})->allowed);
  EXPECT_TRUE(w.ask<once_verdict>(d.once_desks.pick(0), begin_once{}));
  EXPECT_EQ(w.ask<status_report>(d.template_checkers.at(app_key{"demo"}).get(), get_status{})->state,
            health::ok);
}

TEST(factories, a_login_and_the_requests_after_it_meet_in_one_session_actor) {
  whole_world w;
  auto woken = std::make_shared<std::vector<user_id>>();
  w.make.session = [woken, session = w.make.session](caf::local_actor& parent, const services_ptr& services,
                                                     user_id user) {
    woken->push_back(user);
    return session(parent, services, user);
  };
  w.start();
  for (int i = 0; i < 16; ++i) {
    w.advance(1ms); // ids of different milliseconds
    const auto grant = log_in(w, "code-" + std::to_string(i));
    ASSERT_TRUE(grant);
    const auto user = grant->user->id;
    ASSERT_TRUE(w.ask<profile>(w.directory().router_of(user), get_profile{.who = {user, grant->session}}));
  }
  EXPECT_EQ(woken->size(), 16u);
}

TEST(factories, when_the_supervisor_ends_nobody_is_left) {
  whole_world w;
  w.start();
  ASSERT_TRUE(log_in(w, "code-1"));
  EXPECT_GE(w.living(), 24u); // twenty-two services, a session, the supervisor
  caf::anon_send_exit(w.supervisor, caf::exit_reason::user_shutdown);
  w.run();
  EXPECT_EQ(w.living(), 0u);
}

} // namespace
} // namespace weappd
