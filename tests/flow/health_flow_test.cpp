#include "tests/flow/answers.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

/// What operators and their tools see: health, readiness, metrics, and a server that is stopping.
namespace weappd {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

TEST(health_flow, healthz_says_who_and_when) {
  kit::test_server server;
  const auto answer = server.http().get("/healthz");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "application/json; charset=utf-8");
  const auto body = answer.json();
  EXPECT_TRUE(has_members(body, {"status", "service", "version", "time"}));
  EXPECT_EQ(body["status"], "ok");
  EXPECT_EQ(body["service"], "weappd");
  EXPECT_THAT(body["version"].get<std::string>(), MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"));
  EXPECT_THAT(body["time"].get<std::string>(),
              MatchesRegex("20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z"));
}

TEST(health_flow, readyz_names_every_needed_part) {
  kit::test_server server;
  auto http = server.http();
  ASSERT_TRUE(kit::eventually([&] { return http.get("/readyz").status == 200; }));
  EXPECT_EQ(http.get("/readyz").header("Retry-After"), "");
  const auto body = http.get("/readyz").json();
  EXPECT_EQ(body["status"], "ok");
  EXPECT_TRUE(has_members(body["checks"], {"store", "wechat", "wechat_token.demo", "wechat_token.demo_oa",
                                           "push", "templates.demo", "followers.demo_oa", "actors"}));
  for (const auto& [name, check] : body["checks"].items())
    EXPECT_EQ(check["state"], "ok") << name;
}

TEST(health_flow, readyz_names_an_actor_that_keeps_dying_while_the_server_serves) {
  kit::test_server server;
  auto http = server.http();
  ASSERT_TRUE(kit::eventually([&] { return http.get("/readyz").status == 200; }));
  auto& desk = server.server().parts().secret_checker;
  for (int death = 0; death < 6; ++death) {
    ASSERT_TRUE(kit::eventually([&] { return desk.get() != nullptr; }));
    const auto victim = desk.get();
    caf::anon_send_exit(victim, caf::exit_reason::kill);
    ASSERT_TRUE(kit::eventually([&] { return desk.get() != victim; }));
  }
  const auto answer = http.get("/readyz");
  EXPECT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.json()["checks"]["actors"]["state"], "degraded");
  EXPECT_THAT(answer.json()["checks"]["actors"]["detail"].get<std::string>(), HasSubstr("secret_checker"));

  caf::anon_send_exit(desk.get(), caf::exit_reason::kill); // now it waits for half a second
  kit::http_response meanwhile;
  ASSERT_TRUE(kit::eventually([&] {
    meanwhile = http.get("/readyz");
    return meanwhile.body.find("secret_checker is dead") != std::string::npos;
  }));
  EXPECT_EQ(meanwhile.status, 200) << meanwhile.body;
}

TEST(health_flow, metrics_are_off_the_public_listener_unless_configured) {
  kit::test_server server;
  EXPECT_TRUE(failed_with(server.http().get("/metrics"), 404, 9000040001));
  server.restart([](options& values) { values.http.metrics = true; });
  EXPECT_EQ(server.http().get("/metrics").status, 200);
}

TEST(health_flow, metrics_count_requests_by_route_and_status) {
  kit::test_server server([](options& values) { values.metrics.port = 0; });
  auto phone = server.phone();
  ASSERT_TRUE(succeeded(phone.login(server.wechat().make_code())));
  ASSERT_TRUE(succeeded(phone.me()));
  ASSERT_TRUE(succeeded(phone.me()));
  ASSERT_EQ(phone.request("PATCH", "/api/v1/users/me", "{").status, 400);
  ASSERT_EQ(phone.get("/api/v1/users/8").status, 404);

  kit::http_client operators(server.server().metrics_port());
  const auto answer = operators.get("/metrics");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_THAT(answer.body, HasSubstr(R"(weappd_http_requests_total{route="auth.login",status="2xx"} 1)"));
  EXPECT_THAT(answer.body, HasSubstr(R"(weappd_http_requests_total{route="users.me",status="2xx"} 2)"));
  EXPECT_THAT(answer.body,
              HasSubstr(R"(weappd_http_requests_total{route="users.me_change",status="4xx"} 1)"));
  EXPECT_THAT(answer.body, HasSubstr(R"(weappd_http_requests_total{route="none",status="4xx"} 1)"));
  EXPECT_THAT(answer.body, HasSubstr(R"(weappd_http_request_duration_seconds_count{route="users.me"} 2)"));
  EXPECT_THAT(answer.body, HasSubstr("weappd_http_in_flight "));
  EXPECT_THAT(answer.body, HasSubstr("weappd_http_connections "));
}

TEST(health_flow, the_listener_for_operators_knows_health_and_nothing_else) {
  kit::test_server server([](options& values) { values.metrics.port = 0; });
  kit::http_client operators(server.server().metrics_port());
  EXPECT_EQ(operators.get("/healthz").status, 200);
  EXPECT_TRUE(kit::eventually([&] { return operators.get("/readyz").status == 200; }));
  EXPECT_EQ(operators.get("/api/v1/users/me").status, 404);
}

/// A server that is asked to stop while one login is under way. It waits for that login.
struct draining_flow : testing::Test {
  void SetUp() override {
    server.wechat().set_fault(kit::code_exchange, {{"times", -1}, {"delay_ms", 1500}});
    const auto code = server.wechat().make_code();
    login = std::async(std::launch::async, [this, code] { return server.phone().login(code); });
    ASSERT_TRUE(kit::eventually([&] { return server.wechat().calls_of(kit::code_exchange) == 1; }));
  }

  /// Stops the server; meanwhile `act` runs in another thread, from the moment when new clients are refused.
  template <class F>
  void stop_and(F&& act) {
    auto meanwhile = std::async(std::launch::async, [port = server.port(), &act] {
      EXPECT_TRUE(kit::eventually([&] { return refuses_connections(port); }));
      act();
    });
    server.server().stop();
    meanwhile.get();
  }

  static bool refuses_connections(std::uint16_t port) {
    try {
      kit::raw_connection attempt(port);
      return false;
    } catch (const std::system_error&) {
      return true;
    }
  }

  kit::test_server server{[](options& values) { values.metrics.port = 0; }};
  std::future<kit::http_response> login;
};

TEST_F(draining_flow, readyz_is_503_and_healthz_200_until_the_end) {
  kit::http_client operators(server.server().metrics_port());
  stop_and([&] {
    const auto ready = operators.get("/readyz");
    EXPECT_EQ(ready.status, 503);
    EXPECT_EQ(ready.json().value("status", ""), "draining") << ready.body;
    EXPECT_EQ(ready.header("Retry-After"), "1");
    EXPECT_EQ(operators.get("/healthz").status, 200) << "the process still answers";
  });
}

TEST_F(draining_flow, new_requests_on_open_connections_are_refused) {
  auto before = server.http();
  ASSERT_EQ(before.get("/healthz").status, 200);
  kit::raw_connection busy(server.port());
  busy.send("GET /api/v1/users/me HTTP/1.1\r\nHost: localhost\r\n"); // the end of its head comes later
  stop_and([&] {
    busy.send("\r\n");
    const auto answer = busy.read_response();
    EXPECT_TRUE(failed_with(answer, 503, 9000080002));
    EXPECT_EQ(answer.header("Retry-After"), "1");
    EXPECT_EQ(answer.header("Connection"), "close");
  });
}

TEST_F(draining_flow, a_request_that_was_taken_gets_its_answer) {
  stop_and([] {});
  const auto answer = login.get();
  EXPECT_TRUE(succeeded(answer));
  EXPECT_EQ(answer.header("Connection"), "close");
  server.restart();
  auto later = server.phone();
  later.access_token = text_of(answer, "access_token");
  EXPECT_TRUE(succeeded(later.me()));
}

TEST(stop_flow, an_open_connection_does_not_hold_up_a_stop) {
  kit::test_server server;
  auto http = server.http();
  ASSERT_EQ(http.get("/healthz").status, 200); // its connection stays open
  kit::raw_connection silent(server.port());
  kit::raw_connection halfway(server.port());
  halfway.send("GET /healthz HTTP/1.1\r\nHost: local");
  const auto begin = std::chrono::steady_clock::now();
  server.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST(stop_flow, a_server_starts_and_stops_many_times_on_one_store) {
  kit::test_server server;
  auto phone = server.phone();
  ASSERT_TRUE(succeeded(phone.login(server.wechat().make_code("o-patient"))));
  for (int i = 0; i < 10; ++i) {
    server.restart();
    auto later = server.phone();
    later.access_token = phone.access_token;
    ASSERT_TRUE(succeeded(later.me())) << "after restart " << i;
  }
}

} // namespace
} // namespace weappd
