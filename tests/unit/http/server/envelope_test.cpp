#include "http/server/envelope.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weappd::http::test {
namespace {

using nlohmann::json;

TEST(envelope, of_a_success_repeats_the_status_and_holds_the_data) {
  const auto answer = success(201, "id-12345", [](weappd::json::writer& data) {
    data.begin_object();
    data.member("name", "a \"quoted\" name");
    data.end_object();
  });
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.error_name, "");
  EXPECT_EQ(json::parse(answer.body), json::parse(R"({"code":201,"message":"ok",
      "data":{"name":"a \"quoted\" name"},"request_id":"id-12345"})"));
}

TEST(envelope, of_a_failure_has_code_and_sentence_and_no_data) {
  for (const auto& info : all_errors()) {
    const auto answer = failure(info.code, "id-12345", false);
    EXPECT_EQ(answer.status, info.http_status);
    EXPECT_EQ(answer.error_name, info.name);
    EXPECT_EQ(answer.content_type, "application/json; charset=utf-8");
    const json expected{{"code", info.public_code},
                        {"message", info.sentence},
                        {"data", nullptr},
                        {"request_id", "id-12345"}};
    EXPECT_EQ(json::parse(answer.body), expected);
  }
}

TEST(envelope, of_a_failure_is_a_problem_of_rfc_9457_on_wish) {
  for (const auto& info : all_errors()) {
    const auto answer = failure(info.code, "id-12345", true);
    EXPECT_EQ(answer.status, info.http_status);
    EXPECT_EQ(answer.content_type, "application/problem+json");
    const auto body = json::parse(answer.body);
    for (const auto* member : {"type", "title", "status", "detail", "instance", "code", "request_id"})
      EXPECT_TRUE(body.contains(member)) << member;
    EXPECT_EQ(body["status"], info.http_status);
    EXPECT_EQ(body["code"], info.public_code);
  }
}

TEST(envelope, of_a_failure_names_each_field_and_what_is_wrong_with_it) {
  for (const bool problem : {false, true}) {
    const auto answer =
        failure(ec::invalid_parameter, "id-12345", problem,
                {{.field = "nickname", .word = "too_long"}, {.field = "", .word = "bad_json"}});
    EXPECT_EQ(json::parse(answer.body)["details"], json::parse(R"([{"field":"nickname","problem":"too_long"},
        {"field":"body","problem":"bad_json"}])"));
  }
}

TEST(envelope, of_a_failure_may_have_a_further_member) {
  for (const bool problem : {false, true}) {
    const auto answer = failure(ec::challenge_required, "id-12345", problem, {},
                                {.name = "challenge", .json = R"({"kind":"captcha"})"});
    EXPECT_EQ(json::parse(answer.body)["challenge"], json::parse(R"({"kind":"captcha"})"));
    EXPECT_EQ(json::parse(answer.body)["code"], describe(ec::challenge_required).public_code);
  }
}

TEST(envelope, says_when_to_come_back_exactly_where_the_table_says_so) {
  for (const auto& info : all_errors()) {
    const auto answer = failure(info.code, "id-12345", false);
    EXPECT_EQ(answer.fields.find("Retry-After: " + std::to_string(info.retry_after_s) + "\r\n") !=
                  std::string::npos,
              info.retry_after_s != 0)
        << info.name;
  }
}

TEST(envelope, of_a_401_names_a_way_to_authenticate) {
  EXPECT_EQ(failure(ec::invalid_code, "id-12345", false).fields, "WWW-Authenticate: Bearer\r\n");
  EXPECT_EQ(failure(ec::invalid_refresh_token, "id-12345", false).fields, "WWW-Authenticate: Bearer\r\n");
}

} // namespace
} // namespace weappd::http::test
