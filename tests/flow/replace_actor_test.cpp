#include "http/server/request_actor.hpp"
#include "tests/flow/answers.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"

#include <gtest/gtest.h>

#include <atomic>

/// The seams of the wiring: a test puts an actor or a route of its own into the real server in one line.
namespace weappd {
namespace {

// -- an actor

rate_limiter_actor::behavior_type refuse_everybody(std::uint32_t retry_after_s) {
  return {
      [](get_status) { return status_report{}; },
      [=](const acquire&) {
        return verdict{.allowed = false, .reset_s = retry_after_s, .retry_after_s = retry_after_s};
      },
      [](const use_limits&) { return done{}; },
  };
}

TEST(replace_actor, a_rate_limiter_of_the_test_takes_the_place_of_ours) {
  extension other;
  other.actors = [](factories& make) {
    make.rate_limiter = [](caf::actor_system& system, const services_ptr&, std::size_t) {
      return system.spawn(refuse_everybody, 42U);
    };
  };
  kit::test_server server({}, other);
  const auto answer = server.phone().login(server.wechat().make_code());
  EXPECT_TRUE(failed_with(answer, 429, 9000060001));
  EXPECT_EQ(answer.header("Retry-After"), "42");
  EXPECT_EQ(server.http().get("/healthz").status, 200);
}

wechat_gateway_actor::behavior_type everybody_is(const std::string& name) {
  return {
      [](get_status) { return status_report{}; },
      [=](const exchange_code&) -> caf::result<code_exchanged> {
        return code_exchanged{openid(name), std::nullopt, secret("Y2FuYXJ5LWtleS0xMjM0NQ==")};
      },
      [](const fetch_access_token&) -> caf::result<access_token_fetched> {
        return access_token_fetched{secret("a-token"), std::chrono::seconds(7200)};
      },
      [](const send_to_user&) -> caf::result<send_result> {
        send_result taken;
        taken.what = send_result::outcome::accepted;
        return taken;
      },
      [](const fetch_templates&) -> caf::result<templates_fetched> { return templates_fetched{}; },
      [](const list_followers&) -> caf::result<followers_listed> { return followers_listed{}; },
      [](const describe_followers&) -> caf::result<followers_described> { return followers_described{}; },
  };
}

TEST(replace_actor, a_gateway_of_the_test_makes_wechat_unnecessary) {
  extension other;
  other.actors = [](factories& make) {
    make.wechat_gateway = [](caf::actor_system& system, const services_ptr&) {
      return system.spawn(everybody_is, std::string("o-the-same"));
    };
  };
  kit::test_server server({}, other);
  auto one = server.phone();
  auto another = server.phone();
  ASSERT_TRUE(succeeded(one.login("code-1")));
  ASSERT_TRUE(succeeded(another.login("code-2")));
  EXPECT_EQ(one.user_id, another.user_id);
  EXPECT_EQ(server.wechat().calls_of(kit::code_exchange), 0u);
}

// -- a route

void get_greeting(http::request_actor& self) {
  self.succeed(200, [](json::writer& data) {
    data.begin_object();
    data.member("hello", "world");
    data.end_object();
  });
}

TEST(replace_actor, a_route_of_the_test_joins_ours) {
  extension other;
  other.routes = [](std::vector<http::route>& routes) {
    routes.push_back({.name = "greeting", .pattern = "/api/v1/greeting", .handle = get_greeting});
  };
  kit::test_server server({}, other);
  const auto answer = server.http().get("/api/v1/greeting");
  ASSERT_TRUE(succeeded(answer));
  EXPECT_EQ(data_of(answer)["hello"], "world");
  EXPECT_EQ(answer.header("RateLimit-Policy").substr(0, 8), "\"per_ip\"")
      << "an open route is limited by address";
}

// -- by the configuration

TEST(chosen_actor, a_limiter_that_allows_all_does) {
  kit::test_server server([](options& values) {
    values.limits = {{"everybody", {.key = "global", .limit = 1, .window_s = 60}}};
    values.actors["rate_limiter"].implementation = "allow_all";
  });
  for (int i = 0; i < 5; ++i) {
    const auto answer = server.http().get("/api/v1/users/me");
    EXPECT_TRUE(failed_with(answer, 401, 1000030003));
    EXPECT_EQ(answer.header("RateLimit"), "") << "nothing is counted";
  }
}

TEST(chosen_actor, the_simulated_gateway_needs_no_wechat_and_no_socket_to_it) {
  kit::test_server server([](options& values) {
    values.actors["wechat_gateway"].implementation = "simulated";
    values.wechat.base_url = "http://127.0.0.1:1"; // nobody is there
  });
  kit::http_client simulator(server.server().simulator_port());
  const auto made = simulator.post_json("/_sim/codes", nlohmann::json{{"openid", "o-simulated"}});
  ASSERT_EQ(made.status, 200) << made.body;
  auto phone = server.phone();
  EXPECT_TRUE(succeeded(phone.login(made.json().value("code", ""))));
  EXPECT_TRUE(succeeded(phone.me()));
  EXPECT_EQ(server.wechat().calls_of(kit::code_exchange), 0u) << "that is another simulator";
}

TEST(chosen_actor, a_name_that_nobody_knows_does_not_start) {
  EXPECT_THROW(kit::test_server server(
                   [](options& values) { values.actors["session"].implementation = "unheard_of"; }),
               std::runtime_error);
}

// -- an actor of an extension

using counter_actor = service_actor::extend<caf::replies_to<done>::with<std::uint64_t>>;

counter_actor::behavior_type counter(counter_actor::stateful_pointer<std::uint64_t> self) {
  self->state = 0;
  return {[](get_status) { return status_report{}; },
          [self](const done&) {
            if (++self->state == 3)
              throw std::runtime_error("a defect");
            return self->state;
          }};
}

void get_count(http::request_actor& self) {
  self.ask(self.parts().further_as<counter_actor>("counter"), done{}, [&self](std::uint64_t count) {
    self.succeed(200, [count](json::writer& data) {
      data.begin_object();
      data.member("count", count);
      data.end_object();
    });
  });
}

TEST(further_actor, is_found_by_its_name_and_started_again_when_it_dies) {
  extension other;
  other.further_actors["counter"] = [](caf::actor_system& system, const services_ptr&) {
    return caf::actor_cast<service_actor>(system.spawn(counter));
  };
  other.routes = [](std::vector<http::route>& routes) {
    routes.push_back({.name = "count", .pattern = "/api/v1/count", .handle = get_count});
  };
  kit::test_server server({}, other);
  const auto count = [&] { return server.http().get("/api/v1/count"); };
  EXPECT_EQ(data_of(count())["count"], 1);
  EXPECT_EQ(data_of(count())["count"], 2);
  EXPECT_EQ(count().status, 503) << "it dies over this question";
  EXPECT_TRUE(kit::eventually([&] { return count().status == 200; }));
  EXPECT_EQ(server.http().get("/readyz").json()["checks"]["counter"]["state"], "ok");
}

} // namespace
} // namespace weappd
