// The program through HTTP, and its part in the test kit: both from the installed package alone.
#include "tests/kit/actors/fault_injector.hpp"
#include "tests/kit/actors/whole_world.hpp"
#include "tests/kit/net/raw_http.hpp"
#include "tests/kit/server/running_weappd.hpp"

#include <gtest/gtest.h>

namespace kit = weappd::kit;

namespace {

struct my_server : testing::Test {
  /// `choose` is of actors.<role>.implementation.
  std::vector<std::string> serve(const std::vector<std::string>& choose) const {
    std::vector<std::string> words{"--simulate", "--set", "simulator.port=0"};
    for (const auto& one : choose)
      words.insert(words.end(), {"--set", "actors." + one});
    return kit::serve_in(folder, words);
  }

  kit::temporary_folder folder;
};

TEST_F(my_server, has_an_endpoint_and_an_actor_of_its_own) {
  kit::running_weappd program(MY_SERVER, {.arguments = serve({})});
  kit::http_client client(program.port());
  for (int visits = 1; visits <= 5; ++visits) {
    const auto answer = client.get("/api/v1/visits");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.json()["data"]["visits"], visits);
  }
  EXPECT_EQ(client.get("/readyz").json()["checks"]["visits"]["state"], "ok");
}

TEST_F(my_server, limits_in_its_own_way_when_the_configuration_says_so) {
  kit::running_weappd program(MY_SERVER, {.arguments = serve({"rate_limiter.implementation=three"})});
  kit::http_client client(program.port());
  // Each limiter of the pool has its own count; one address always asks the same one.
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(client.get("/api/v1/visits").status, 200);
  const auto refused = client.get("/api/v1/visits");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("Retry-After"), "42");
  EXPECT_EQ(client.get("/healthz").status, 200);
}

TEST_F(my_server, knows_the_names_of_its_implementations) {
  kit::process wrong(MY_SERVER, {.arguments = serve({"rate_limiter.implementation=four"})});
  const auto end = wrong.wait();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->code, 2);
  EXPECT_NE(wrong.errors().find("there is no 'four' for this role; allowed: standard, allow_all, three"),
            std::string::npos)
      << wrong.errors();
  kit::process options(MY_SERVER, {.arguments = {"print-options"}});
  EXPECT_NE(options.read_rest().find("| `rate_limiter` | standard, allow_all, three |"), std::string::npos);
}

weappd::rate_limiter_actor::behavior_type nobody_passes() {
  return {[](weappd::get_status) { return weappd::status_report{}; },
          [](const weappd::acquire&) { return weappd::verdict{.allowed = false}; },
          [](const weappd::use_limits&) { return weappd::done{}; }};
}

TEST(test_kit, runs_all_actors_in_virtual_time_with_one_of_ours) {
  weappd::whole_world world;
  world.make.rate_limiter = [](caf::actor_system& in, const weappd::services_ptr&, std::size_t) {
    return in.spawn(nobody_passes);
  };
  world.start();
  const auto verdict = world.ask<weappd::verdict>(world.directory().rate_limiters.pick(0), weappd::acquire{});
  ASSERT_TRUE(verdict);
  EXPECT_FALSE(verdict->allowed);
}

TEST(test_kit, lets_something_go_wrong_between_actors) {
  weappd::whole_world world;
  const auto plan = std::make_shared<weappd::fault_plan<weappd::wechat_gateway_actor>>(1);
  plan->next<weappd::exchange_code>(weappd::fault::lose_question);
  world.make.wechat_gateway = weappd::with_faults(world.make.wechat_gateway, plan);
  world.start();
  const auto log_in = [&] {
    const auto desk = world.directory().logins.pick(0);
    return world.ask<weappd::token_grant>(desk, weappd::login{{"demo"}, weappd::secret("code"), {}});
  };
  EXPECT_FALSE(log_in());
  EXPECT_TRUE(log_in());
}

} // namespace
