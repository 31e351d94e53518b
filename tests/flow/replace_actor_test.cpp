#include "http/server/request_actor.hpp"
#include "tests/flow/answers.hpp"
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
  replacements other;
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
  replacements other;
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
  replacements other;
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

} // namespace
} // namespace weappd
