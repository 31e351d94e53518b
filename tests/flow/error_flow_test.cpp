#include "tests/flow/answers.hpp"
#include "tests/kit/server/test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// What every endpoint has in common, as far as a well-formed request can see it.
namespace weappd {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

struct error_flow : testing::Test {
  kit::test_server server;
  kit::http_client http = server.http();
};

TEST_F(error_flow, an_unknown_path_is_not_found_in_the_envelope) {
  const auto answer = http.get("/api/v1/nothing");
  EXPECT_TRUE(failed_with(answer, 404, 9000040001));
  EXPECT_EQ(answer.header("Content-Type"), "application/json; charset=utf-8");
  EXPECT_TRUE(has_members(answer.json(), {"code", "message", "data", "request_id"}));
}

TEST_F(error_flow, a_wrong_method_is_told_the_right_ones) {
  const auto answer = http.get("/api/v1/auth/login");
  EXPECT_TRUE(failed_with(answer, 405, 9000100003));
  EXPECT_EQ(answer.header("Allow"), "POST, OPTIONS");
  EXPECT_EQ(http.request("DELETE", "/api/v1/users/me").header("Allow"), "GET, HEAD, PATCH, OPTIONS");
}

TEST_F(error_flow, a_body_of_another_type_is_refused) {
  const auto post = [&](const std::string& type) {
    return http.request("POST", "/api/v1/auth/login", R"({"code":"x"})", {{"Content-Type", type}});
  };
  EXPECT_TRUE(failed_with(post("text/plain"), 415, 9000100002));
  EXPECT_TRUE(failed_with(post("application/json; charset=gbk"), 415, 9000100002));
  EXPECT_TRUE(failed_with(post("application/json; charset=utf-8"), 401, 1000030001))
      << "only the code is wrong";
}

TEST_F(error_flow, a_body_that_is_no_json_is_a_bad_parameter) {
  const auto post = [&](std::string_view body) { return http.request("POST", "/api/v1/auth/login", body); };
  EXPECT_TRUE(refused_field(post("{"), "body", "bad_json"));
  EXPECT_TRUE(refused_field(post("[]"), "body", "bad_json"));
  EXPECT_TRUE(refused_field(post(R"({"code":"a","code":"b"})"), "code", "duplicate_field"));
  EXPECT_TRUE(refused_field(post("{\"code\":\"\xff\"}"), "body", "bad_utf8"));
  EXPECT_TRUE(refused_field(post(R"({"code":NaN})"), "body", "bad_json"));
}

TEST_F(error_flow, a_body_above_the_limit_is_refused) {
  kit::test_server small([](options& values) { values.http.max_body_bytes = 1'000; });
  auto client = small.http();
  EXPECT_TRUE(
      failed_with(client.request("POST", "/api/v1/auth/login", std::string(1'001, ' ')), 413, 9000100001));
  EXPECT_TRUE(refused_field(client.request("POST", "/api/v1/auth/login", std::string(1'000, ' ')), "body",
                            "bad_json"));
}

TEST_F(error_flow, whoever_asks_for_problem_json_gets_it) {
  const kit::field_list wants{{"Accept", "application/problem+json"}};
  const auto answer = http.request("POST", "/api/v1/auth/login", R"({"code":7})", wants);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
  const auto body = answer.json();
  EXPECT_TRUE(
      has_members(body, {"type", "title", "status", "detail", "instance", "code", "request_id", "details"}));
  EXPECT_EQ(body["status"], 400);
  EXPECT_EQ(body["code"], 1000010001);
  EXPECT_EQ(body["request_id"], answer.header("X-Request-Id"));
  EXPECT_EQ(body["details"], (nlohmann::json{{{"field", "code"}, {"problem", "wrong_type"}}}));

  const auto not_found = http.get("/api/v1/nothing", wants);
  EXPECT_EQ(not_found.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(not_found.json()["status"], 404);
  const auto no_token = http.get("/api/v1/users/me", wants);
  EXPECT_EQ(no_token.json()["code"], 1000030003);
}

TEST_F(error_flow, a_success_is_no_problem) {
  const auto answer = http.post_json("/api/v1/auth/login", {{"code", server.wechat().make_code()}},
                                     {{"Accept", "application/problem+json"}});
  EXPECT_TRUE(succeeded(answer));
  EXPECT_EQ(answer.header("Content-Type"), "application/json; charset=utf-8");
}

TEST_F(error_flow, a_good_request_id_of_the_client_is_kept) {
  for (const char* id :
       {"abcdefgh", "A.b-c_9-and-more", "0123456789012345678901234567890123456789012345678901234567890123"}) {
    const auto answer = http.get("/api/v1/users/me", {{"X-Request-Id", id}});
    EXPECT_EQ(answer.header("X-Request-Id"), id);
    EXPECT_EQ(answer.json()["request_id"], id);
  }
}

TEST_F(error_flow, another_request_id_is_replaced) {
  std::set<std::string> made;
  for (const auto& id : {std::string("short"), std::string(65, 'a'), std::string("with space"),
                         std::string("a<script>b"), std::string()}) {
    const auto answer = http.get("/api/v1/users/me", {{"X-Request-Id", id}});
    const auto given = answer.header("X-Request-Id");
    EXPECT_THAT(given, MatchesRegex("[A-Za-z0-9._-]{8,64}")) << id;
    EXPECT_TRUE(made.insert(given).second) << "one id for two requests";
  }
}

TEST_F(error_flow, every_answer_has_a_request_id) {
  for (const char* path : {"/healthz", "/readyz", "/api/v1/users/me", "/nothing"})
    EXPECT_FALSE(http.get(path).header("X-Request-Id").empty()) << path;
}

TEST_F(error_flow, a_failure_tells_nothing_of_the_inside) {
  for (const auto& answer : {http.get("/api/v1/nothing"), http.get("/api/v1/users/me"),
                             http.request("POST", "/api/v1/auth/login", "{")}) {
    EXPECT_THAT(answer.body, Not(HasSubstr("/http/")));
    EXPECT_THAT(answer.body, Not(HasSubstr(server.folder().path().string())));
    EXPECT_EQ(answer.header("Server"), "");
  }
}

TEST_F(error_flow, an_allowed_origin_may_read_the_answer) {
  kit::test_server open([](options& values) { values.http.cors.origins = {"https://app.example.com"}; });
  auto client = open.http();
  EXPECT_EQ(client.get("/api/v1/users/me", {{"Origin", "https://app.example.com"}})
                .header("Access-Control-Allow-Origin"),
            "https://app.example.com");
  EXPECT_EQ(client.get("/api/v1/users/me", {{"Origin", "https://evil.example.com"}})
                .header("Access-Control-Allow-Origin"),
            "");
  const auto preflight =
      client.request("OPTIONS", "/api/v1/users/me", {},
                     {{"Origin", "https://app.example.com"}, {"Access-Control-Request-Method", "PATCH"}});
  EXPECT_EQ(preflight.status, 204);
  EXPECT_THAT(preflight.header("Access-Control-Allow-Methods"), HasSubstr("PATCH"));
}

TEST_F(error_flow, nobody_is_allowed_across_origins_by_default) {
  EXPECT_EQ(http.get("/api/v1/users/me", {{"Origin", "https://app.example.com"}})
                .header("Access-Control-Allow-Origin"),
            "");
}

} // namespace
} // namespace weappd
