#include "tests/flow/answers.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>

/// The listener for operators.
namespace weappd {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

const std::string operator_token = "canary-operator-token-0123456789abcdef";

struct admin : testing::Test {
  using fields = kit::field_list;

  kit::http_response get(const std::string& path) { return operators().get(path, with_token()); }
  kit::http_response post(const std::string& path, const nlohmann::json& body = nlohmann::json::object()) {
    return operators().post_json(path, body, with_token());
  }
  kit::http_client operators() { return kit::http_client(server.server().admin_port()); }
  static fields with_token(const std::string& token = operator_token) {
    return {{"Authorization", "Bearer " + token}};
  }
  nlohmann::json role(const std::string& name) {
    const auto all = data_of(get("/admin/v1/actors"));
    for (const auto& one : all["items"])
      if (one["role"] == name)
        return one;
    return {};
  }

  kit::test_server server{[](options& values) {
    values.admin.port = 0;
    values.admin.token = secret(operator_token);
  }};
};

TEST_F(admin, wants_its_token) {
  for (const auto& headers : {fields{}, with_token("wrong"), with_token(operator_token + "x"),
                              fields{{"Authorization", "Basic " + operator_token}}}) {
    const auto answer = operators().get("/admin/v1/actors", headers);
    EXPECT_TRUE(failed_with(answer, 401, 1000030003));
  }
  EXPECT_EQ(get("/admin/v1/actors").status, 200);
  EXPECT_EQ(operators().get("/healthz").status, 200) << "health is for everybody";
}

TEST_F(admin, the_token_of_a_user_is_none) {
  auto phone = server.phone();
  ASSERT_TRUE(succeeded(phone.login(server.wechat().make_code())));
  EXPECT_EQ(operators().get("/admin/v1/actors", with_token(phone.access_token)).status, 401);
  EXPECT_EQ(server.http().get("/api/v1/users/me", with_token()).status, 401);
}

TEST_F(admin, is_not_on_the_public_listener) {
  EXPECT_EQ(server.http().get("/admin/v1/actors", with_token()).status, 404);
  EXPECT_EQ(operators().get("/api/v1/users/me").status, 404);
}

TEST_F(admin, locks_a_user_at_once_and_unlocks_again) {
  auto phone = server.phone();
  ASSERT_TRUE(succeeded(phone.login(server.wechat().make_code())));
  const auto locked = post("/admin/v1/users/" + phone.user_id + "/lock");
  ASSERT_TRUE(succeeded(locked));
  EXPECT_EQ(data_of(locked)["status"], "locked");
  EXPECT_EQ(phone.me().status, 403);
  EXPECT_EQ(data_of(get("/admin/v1/sessions?user_id=" + phone.user_id))["status"], "locked");
  ASSERT_TRUE(succeeded(post("/admin/v1/users/" + phone.user_id + "/unlock")));
  EXPECT_EQ(data_of(get("/admin/v1/sessions?user_id=" + phone.user_id))["status"], "active");
  server.stop();
  EXPECT_THAT(server.log(), HasSubstr(R"("event":"admin.user_locked","user_id":")" + phone.user_id));
  EXPECT_THAT(server.log(), HasSubstr(R"("operator":true)"));
  EXPECT_THAT(server.log(), Not(HasSubstr(operator_token)));
}

TEST_F(admin, knows_no_user_who_is_not_there) {
  for (const auto* path : {"/admin/v1/users/4711/lock", "/admin/v1/users/nobody/lock"})
    EXPECT_TRUE(failed_with(post(path), 404, 2000040002)) << path;
  EXPECT_TRUE(failed_with(get("/admin/v1/sessions?user_id=4711"), 404, 2000040002));
}

TEST_F(admin, shows_the_sessions_of_a_user) {
  auto phone = server.phone();
  ASSERT_TRUE(succeeded(phone.login(server.wechat().make_code("o-two"))));
  auto tablet = server.phone();
  ASSERT_TRUE(succeeded(tablet.login(server.wechat().make_code("o-two"))));
  const auto answer = get("/admin/v1/sessions?user_id=" + phone.user_id);
  ASSERT_TRUE(succeeded(answer));
  EXPECT_EQ(data_of(answer)["items"].size(), 2u);
  EXPECT_EQ(data_of(answer)["items"][0]["app"], "demo");
  EXPECT_THAT(answer.body, Not(HasSubstr("o-two"))) << "an openid is nobody's business";
  EXPECT_TRUE(failed_with(get("/admin/v1/sessions"), 400, 1000010001));
  EXPECT_TRUE(failed_with(get("/admin/v1/sessions?user_id=x"), 400, 1000010001));
  EXPECT_TRUE(failed_with(get("/admin/v1/sessions?user_id=1&more=2"), 400, 1000010001));
}

TEST_F(admin, shows_every_role_and_who_was_started_again) {
  EXPECT_EQ(role("session_router")["instances"], 4);
  EXPECT_EQ(role("session_router")["running"], 4);
  EXPECT_EQ(role("store_writer")["restarts"], 0);
  const auto routers = role("session_router");
  EXPECT_GT(routers["answer_us"]["median"], 0);
  EXPECT_GE(routers["answer_us"]["longest"], routers["answer_us"]["median"]);
  caf::anon_send_exit(server.server().parts().store_writer.get(), caf::exit_reason::kill);
  EXPECT_TRUE(kit::eventually([&] { return role("store_writer")["restarts"] == 1; }));
  EXPECT_EQ(role("store_writer")["running"], 1);
  EXPECT_EQ(role("store_writer")["deaths_last_minute"], 1);
}

TEST_F(admin, shows_what_every_role_does_and_how_long_that_takes) {
  auto phone = server.phone();
  ASSERT_TRUE(succeeded(phone.login(server.wechat().make_code())));
  for (int i = 0; i < 100; ++i)
    ASSERT_EQ(phone.me().status, 200);
  const auto routers = role("session_router");
  EXPECT_GT(routers["handled_per_s"], 1.0);
  EXPECT_GE(routers["busy"], 0.0);
  EXPECT_GE(routers["busiest"], routers["busy"]);
  EXPECT_LE(routers["busiest"], 1.0);
  EXPECT_GT(routers["wait_us"]["p50"], 0.0);
  EXPECT_GE(routers["wait_us"]["p99"], routers["wait_us"]["p50"]);
  EXPECT_GT(routers["service_us"]["p99"], 0.0);
  EXPECT_LT(routers["service_us"]["p50"], 1e6);
  EXPECT_EQ(routers["queued"], 0);
  EXPECT_TRUE(kit::eventually([&] { return role("session_router")["in_flight"] == 0; }));
  EXPECT_EQ(routers["shed"], 0);
  EXPECT_GT(role("store_writer")["service_us"]["p99"], 0.0) << "on a thread of its own";
  const auto all = data_of(get("/admin/v1/actors"));
  for (const auto& one : all["items"])
    EXPECT_TRUE(one.contains("queued")) << one["role"] << " has no meter";
}

TEST_F(admin, what_waits_for_wechat_is_in_flight) {
  server.wechat().set_fault(kit::code_exchange, {{"times", -1}, {"delay_ms", 4000}});
  auto login =
      std::async(std::launch::async, [phone = server.phone(), code = server.wechat().make_code()]() mutable {
        return phone.login(code).status;
      });
  EXPECT_TRUE(kit::eventually([&] { return role("wechat_gateway")["in_flight"] == 1; }));
  EXPECT_TRUE(kit::eventually([&] { return role("login_desk")["in_flight"] == 1; }));
  EXPECT_EQ(login.get(), 200);
  EXPECT_TRUE(kit::eventually([&] { return role("wechat_gateway")["in_flight"] == 0; }));
}

TEST_F(admin, the_figures_of_roles_are_metrics_too) {
  auto phone = server.phone();
  ASSERT_TRUE(succeeded(phone.login(server.wechat().make_code())));
  ASSERT_EQ(phone.me().status, 200);
  const auto metrics = operators().get("/metrics");
  ASSERT_EQ(metrics.status, 200);
  for (const auto* line :
       {R"(weappd_role_instances{role="store_reader"} 2)", R"(weappd_role_shed_total{role="login_desk"} 0)",
        R"(weappd_role_restarts_total{role="store_writer"} 0)"})
    EXPECT_THAT(metrics.body, HasSubstr(line));
  for (const auto* series : {"handled_total{", "busy_seconds_total{", "busy{",
                             "wait_seconds{quantile=\"0.99\",", "service_seconds{quantile=\"0.5\","})
    EXPECT_THAT(metrics.body, HasSubstr("weappd_role_" + std::string(series) + "role=\"session_router\"}"));
}

TEST_F(admin, reloads_and_says_what_came_of_it) {
  auto changed = kit::test_options(server.folder());
  server.server().reload_from([&] { return loaded_options{changed, {}}; });
  (void)post("/admin/v1/reload");
  changed.limits.at("login").limit += 1;
  changed.http.max_in_flight += 1;
  const auto answer = post("/admin/v1/reload");
  ASSERT_TRUE(succeeded(answer));
  EXPECT_EQ(data_of(answer)["reloaded"], true);
  EXPECT_EQ(data_of(answer)["applied"], nlohmann::json::array({"limits.login.limit"}));
  EXPECT_THAT(data_of(answer)["needs_restart"], Contains("http.max_in_flight"));

  server.server().reload_from([&] { return loaded_options{changed, {{"http.port", "is what?"}}}; });
  const auto broken = post("/admin/v1/reload");
  EXPECT_EQ(data_of(broken)["reloaded"], false);
  EXPECT_EQ(data_of(broken)["problems"], nlohmann::json::array({"http.port: is what?"}));
}

TEST_F(admin, has_another_token_after_a_reload) {
  auto changed = kit::test_options(server.folder());
  server.server().reload_from([&] { return loaded_options{changed, {}}; });
  EXPECT_TRUE(succeeded(post("/admin/v1/reload"))) << "which turns the listener off, at the next start";
  EXPECT_EQ(get("/admin/v1/actors").status, 200);

  changed.admin = {.port = 0, .token = secret("canary-of-the-next-token-0123456789ab")};
  const auto answer = post("/admin/v1/reload");
  EXPECT_THAT(data_of(answer)["applied"], Contains("admin.token_file"));
  EXPECT_EQ(get("/admin/v1/actors").status, 401);
  const auto next = with_token("canary-of-the-next-token-0123456789ab");
  EXPECT_EQ(operators().get("/admin/v1/actors", next).status, 200);
  server.stop();
  EXPECT_THAT(server.log(), HasSubstr(R"("event":"admin.reload","request_id":")"));
  EXPECT_THAT(server.log(), Not(HasSubstr("canary")));
}

TEST_F(admin, is_let_in_when_the_server_is_full) {
  server.restart([](options& values) { values.http.max_in_flight = 1; });
  server.wechat().set_fault(kit::code_exchange, {{"times", -1}, {"delay_ms", 4000}});
  auto login =
      std::async(std::launch::async, [phone = server.phone(), code = server.wechat().make_code()]() mutable {
        return phone.login(code).status;
      });
  ASSERT_TRUE(kit::eventually([&] { return server.wechat().calls_of(kit::code_exchange) == 1; }));
  EXPECT_EQ(server.http().get("/api/v1/users/me").status, 503);
  EXPECT_EQ(get("/admin/v1/actors").status, 200);
  EXPECT_EQ(login.get(), 200);
}

TEST_F(admin, changes_the_level_of_the_log) {
  ASSERT_TRUE(succeeded(post("/admin/v1/log-level", {{"level", "error"}})));
  EXPECT_EQ(server.http().get("/healthz", {{"X-Request-Id", "not-in-the-log"}}).status, 200);
  ASSERT_TRUE(succeeded(post("/admin/v1/log-level", {{"level", "info"}})));
  EXPECT_EQ(server.http().get("/healthz", {{"X-Request-Id", "is-in-the-log"}}).status, 200);
  EXPECT_TRUE(failed_with(post("/admin/v1/log-level", {{"level", "loud"}}), 400, 1000010001));
  EXPECT_TRUE(failed_with(post("/admin/v1/log-level", {{"volume", 11}}), 400, 1000010001));
  server.stop();
  EXPECT_THAT(server.log(), HasSubstr("is-in-the-log"));
  EXPECT_THAT(server.log(), Not(HasSubstr("not-in-the-log")));
}

TEST_F(admin, drains_while_everything_is_served) {
  ASSERT_TRUE(kit::eventually([&] { return operators().get("/readyz").status == 200; }));
  ASSERT_TRUE(succeeded(post("/admin/v1/drain")));
  const auto ready = operators().get("/readyz");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.json()["status"], "draining");
  auto phone = server.phone();
  const auto answer = phone.login(server.wechat().make_code());
  EXPECT_TRUE(succeeded(answer));
  EXPECT_EQ(answer.header("Connection"), "close");
}

} // namespace
} // namespace weappd
