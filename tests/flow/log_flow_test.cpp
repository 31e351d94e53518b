#include "config/crypto/base64url.hpp"
#include "tests/flow/answers.hpp"
#include "tests/flow/canaries.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

/// The log: one JSON object a line, traceable, and without anything that must stay secret.
namespace weappd {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<nlohmann::json> lines_of(const std::string& log) {
  std::vector<nlohmann::json> lines;
  std::istringstream in(log);
  for (std::string line; std::getline(in, line);) {
    lines.push_back(nlohmann::json::parse(line, nullptr, false));
    EXPECT_TRUE(lines.back().is_object()) << line;
  }
  return lines;
}

const nlohmann::json* line_with(const std::vector<nlohmann::json>& lines, const std::string& event,
                                const std::string& request_id) {
  const auto found = std::ranges::find_if(lines, [&](const nlohmann::json& line) {
    return line.value("event", "") == event && line.value("request_id", "") == request_id;
  });
  return found == lines.end() ? nullptr : &*found;
}

TEST(log_flow, every_line_is_a_json_object_with_time_level_and_event) {
  kit::test_server server;
  auto phone = server.phone();
  phone.login(server.wechat().make_code());
  phone.login("nobody-made-this-code", {{"device", {{"name", "line\\nbreak \"quote\" 明"}}}});
  phone.get("/nothing?\"=%0a");
  server.stop();
  const auto lines = lines_of(server.log());
  EXPECT_GE(lines.size(), 5u);
  for (const auto& line : lines) {
    EXPECT_TRUE(line.contains("time") && line.contains("level") && line.contains("event")) << line;
  }
}

TEST(log_flow, an_access_line_has_request_id_trace_id_route_status_and_duration) {
  kit::test_server server;
  auto phone = server.phone();
  ASSERT_TRUE(succeeded(phone.login(server.wechat().make_code())));
  phone.get("/api/v1/users/me", {{"X-Request-Id", "my-request-0001"},
                                 {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}});
  phone.get("/api/v1/users/me", {{"X-Request-Id", "my-request-0002"}, {"traceparent", "00-nonsense"}});
  server.stop();
  const auto lines = lines_of(server.log());
  const auto* line = line_with(lines, "http.request", "my-request-0001");
  ASSERT_NE(line, nullptr) << server.log();
  EXPECT_EQ(line->value("trace_id", ""), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(line->value("method", ""), "GET");
  EXPECT_EQ(line->value("route", ""), "users.me");
  EXPECT_EQ(line->value("status", 0), 200);
  EXPECT_EQ(line->value("user_id", ""), phone.user_id);
  EXPECT_FALSE(line->contains("client_id"));
  EXPECT_GE(line->value("duration_us", -1), 0);
  const auto* without = line_with(lines, "http.request", "my-request-0002");
  ASSERT_NE(without, nullptr);
  EXPECT_FALSE(without->contains("trace_id")) << "an invalid traceparent counts as none";
}

TEST(log_flow, an_access_line_names_the_service_client) {
  kit::test_server server;
  auto shop = server.service();
  shop.get("/api/v1/messages", {{"X-Request-Id", "my-request-0001"}});
  // On the same connection: nobody was asked who it is, and it is nobody.
  shop.get("/api/v1/nothing", {{"X-Request-Id", "my-request-0002"}});
  shop.access_token = "nonsense";
  shop.get("/api/v1/messages", {{"X-Request-Id", "my-request-0003"}});
  server.stop();
  const auto lines = lines_of(server.log());
  const auto* line = line_with(lines, "http.request", "my-request-0001");
  ASSERT_NE(line, nullptr) << server.log();
  EXPECT_EQ(line->value("client_id", ""), "demo");
  EXPECT_FALSE(line->contains("user_id"));
  for (const auto& [id, status] : {std::pair("my-request-0002", 404), {"my-request-0003", 401}}) {
    const auto* without = line_with(lines, "http.request", id);
    ASSERT_NE(without, nullptr);
    EXPECT_EQ(without->value("status", 0), status);
    EXPECT_FALSE(without->contains("client_id")) << id;
  }
}

TEST(log_flow, a_failure_behind_a_request_is_logged_under_its_ids) {
  kit::test_server server;
  server.wechat().set_fault(kit::code_exchange,
                            {{"times", -1}, {"answer", {{"errcode", 40125}, {"errmsg", "x"}}}});
  kit::http_client http(server.port());
  const auto answer =
      http.post_json("/api/v1/auth/login", {{"code", server.wechat().make_code()}},
                     {{"X-Request-Id", "failing-0001"},
                      {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"}});
  ASSERT_EQ(answer.status, 502);
  server.stop();
  const auto lines = lines_of(server.log());
  const auto* failure = line_with(lines, "http.request_failed", "failing-0001");
  ASSERT_NE(failure, nullptr) << server.log();
  EXPECT_EQ(failure->value("trace_id", ""), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(failure->value("error", ""), "wechat_misconfigured");
  EXPECT_THAT(failure->value("detail", ""), HasSubstr("40125"));
  EXPECT_NE(line_with(lines, "http.request", "failing-0001"), nullptr);
}

TEST(log_flow, access_lines_can_be_switched_off) {
  kit::test_server server([](options& values) { values.log.access = false; });
  server.http().get("/healthz");
  server.stop();
  EXPECT_THAT(server.log(), Not(HasSubstr("http.request")));
  EXPECT_THAT(server.log(), HasSubstr("server.started"));
}

// -- canaries

TEST(canary_flow, a_disguised_canary_is_found) {
  const std::string text = "canary/with+odd=characters";
  for (const std::string before : {"", "a", "ab"}) {
    const auto wrapped = crypto::base64url_encode(before + text + "z");
    const auto forms = disguises(text);
    EXPECT_TRUE(std::ranges::any_of(
        forms, [&](const auto& form) { return wrapped.find(form) != std::string::npos; }));
  }
}

TEST(canary_flow, nothing_secret_or_personal_gets_into_log_metrics_or_failures) {
  const std::string app_secret = "canary-app-secret-4f2a9";
  const std::string wechat_token = "90_canary-wechat-token-77c1";
  const std::string session_key = "Y2FuYXJ5LWtleS0xMjM0NQ==";
  const std::string openid = "o-canary-openid-8d21";
  const std::string unionid = "u-canary-unionid-5e90";
  kit::test_server server([&](options& values) {
    values.apps["demo"].app_secret = secret(app_secret);
    values.http.metrics = true;
    values.log.level = "trace";
    values.wechat.total_timeout_ms = 300;
    values.wechat.busy_retry_ms = 1;
    values.token.retry_min_ms = 5;
  });
  server.wechat().set_fault(
      kit::token_fetch, {{"times", -1}, {"answer", {{"access_token", wechat_token}, {"expires_in", 7200}}}});
  server.restart(); // fetches that token
  std::vector<canary> canaries{{"app secret", app_secret},
                               {"WeChat's token", wechat_token},
                               {"session_key", session_key},
                               {"openid", openid},
                               {"unionid", unionid}};
  std::vector<std::string> failures;
  const auto note = [&](const kit::http_response& answer) {
    if (answer.status >= 400)
      failures.push_back(answer.body);
    return answer;
  };

  // A login that works, and everything that can be done with it.
  auto phone = server.phone();
  server.wechat().set_fault(
      kit::code_exchange,
      {{"times", -1}, {"answer", {{"openid", openid}, {"session_key", session_key}, {"unionid", unionid}}}});
  canaries.push_back({"login code", "canary-code-0001"});
  ASSERT_TRUE(succeeded(phone.login("canary-code-0001")));
  canaries.push_back({"access token", phone.access_token});
  canaries.push_back({"refresh token", phone.refresh_token});
  const auto first_refresh_token = phone.refresh_token;
  ASSERT_TRUE(succeeded(phone.refresh()));
  canaries.push_back({"second access token", phone.access_token});
  canaries.push_back({"second refresh token", phone.refresh_token});
  note(phone.me());
  note(phone.sessions());

  // Logins that fail in every way.
  int number = 0;
  for (const auto& fault : std::vector<nlohmann::json>{
           {{"answer", {{"errcode", -1}, {"errmsg", "busy " + app_secret}}}},
           {{"answer", {{"errcode", 40125}, {"errmsg", "invalid appsecret " + app_secret}}}},
           {{"answer", {{"errcode", 40029}, {"errmsg", "invalid code"}}}},
           {{"answer", {{"errcode", 40226}, {"errmsg", openid}}}},
           {{"answer", "<html>" + app_secret + "</html>"}},
           {{"answer", {{"openid", openid}}}},
           {{"status", 500}},
           {{"delay_ms", 2000}},
           {{"reset", true}}}) {
    auto now = fault;
    now["times"] = -1;
    server.wechat().set_fault(kit::code_exchange, now);
    const auto code = "canary-code-fails-" + std::to_string(number++);
    canaries.push_back({"login code", code});
    note(server.phone().login(code));
  }
  server.wechat().clear_fault(kit::code_exchange);

  // Secrets where they do not belong.
  auto http = server.http();
  const std::string misplaced = "canary-misplaced-c0ffee";
  canaries.push_back({"misplaced secret", misplaced});
  note(http.get("/api/v1/users/me?access_token=" + misplaced));
  note(http.get("/" + misplaced));
  note(http.get("/api/v1/users/me", {{"Authorization", "Bearer " + misplaced}}));
  note(http.get("/api/v1/users/me", {{"Cookie", misplaced}, {"X-Secret", misplaced}}));
  note(http.get("/api/v1/users/me", {{"traceparent", misplaced}}));
  note(http.request("DELETE", "/api/v1/auth/sessions/" + misplaced, {},
                    {{"Authorization", "Bearer " + phone.access_token}}));
  note(phone.refresh_with(misplaced));
  note(http.post_json("/api/v1/auth/login", {{"code", misplaced + " with space"}}));
  note(http.post_json("/api/v1/auth/login", {{"code", "x"}, {"app", misplaced}}));
  note(phone.change_me({{"avatar_url", misplaced}}));
  note(phone.change_me({{"nickname", misplaced}}));
  note(http.request("POST", "/api/v1/auth/login", "{\"code\":\"" + misplaced));

  ASSERT_GE(failures.size(), 15u);
  for (const auto& body : failures)
    expect_nowhere(canaries, "a failure", body);
  const auto metrics = http.get("/metrics");
  ASSERT_EQ(metrics.status, 200);
  expect_nowhere(canaries, "the metrics", metrics.body);
  server.stop();
  ASSERT_FALSE(server.log().empty());
  expect_nowhere(canaries, "the log", server.log());
}

TEST(canary_flow, tokens_openids_and_session_keys_are_not_readable_in_the_store) {
  kit::test_server server;
  const std::string session_key = "Y2FuYXJ5LWtleS0xMjM0NQ==";
  auto phone = server.phone();
  server.wechat().set_fault(kit::code_exchange, {{"times", -1},
                                                 {"answer",
                                                  {{"openid", "o-canary-openid-8d21"},
                                                   {"session_key", session_key},
                                                   {"unionid", "u-canary-unionid-5e90"}}}});
  ASSERT_TRUE(succeeded(phone.login("canary-code-0001")));
  const std::vector<canary> canaries{
      {"openid", "o-canary-openid-8d21"},   {"unionid", "u-canary-unionid-5e90"},
      {"session_key", session_key},         {"session_key, decoded", "canary-key-12345"},
      {"access token", phone.access_token}, {"refresh token", phone.refresh_token},
      {"login code", "canary-code-0001"}};
  server.stop();
  for (const auto& entry : std::filesystem::directory_iterator(server.folder().path())) {
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream bytes;
    bytes << file.rdbuf();
    expect_nowhere(canaries, entry.path().filename().string(), bytes.str());
  }
}

} // namespace
} // namespace weappd
