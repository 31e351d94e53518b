#include "http/captcha/siteverify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace weappd {
namespace {

http_outcome answered(std::string body, int status = 200) {
  http_outcome outcome;
  outcome.status = status;
  outcome.body = secret(std::move(body));
  outcome.request_written = true;
  return outcome;
}

captcha_verdict verdict_on(const std::string& body, int status = 200) {
  return judge_siteverify(answered(body, status)).verdict;
}

TEST(siteverify, is_one_form_that_is_never_sent_twice) {
  captcha_options service;
  service.url = "https://captcha.example/siteverify";
  service.service_secret = secret("s&cret=1");
  service.timeout_ms = 1'234;
  const auto call = siteverify_call(service, {.response = secret("a+b/c="), .address = "2001:db8::1"});
  EXPECT_EQ(call.method, http_method::post);
  EXPECT_EQ(call.url.reveal(), "https://captcha.example/siteverify");
  EXPECT_EQ(call.body.reveal(), "secret=s%26cret%3D1&response=a%2Bb%2Fc%3D&remoteip=2001%3Adb8%3A%3A1");
  EXPECT_EQ(call.content_type, "") << "a form's";
  EXPECT_EQ(call.total_timeout, std::chrono::milliseconds(1'234));
  EXPECT_FALSE(call.repeatable);
  EXPECT_EQ(siteverify_call(service, {.response = secret("r"), .address = ""}).body.reveal(),
            "secret=s%26cret%3D1&response=r");
}

TEST(siteverify, passes_only_what_the_service_calls_a_success) {
  EXPECT_EQ(verdict_on(R"({"success":true})"), captcha_verdict::passed);
  EXPECT_EQ(verdict_on(R"({"success":true,"challenge_ts":"2026-01-01T00:00:00Z","hostname":"h"})"),
            captcha_verdict::passed);
}

TEST(siteverify, does_not_take_a_score_for_a_judgement) {
  for (const auto* body :
       {R"({"success":true,"score":0.0,"action":"login"})", R"({"success":true,"score":0.9})",
        R"({"success":true,"score":null})", R"({"success":false,"score":0.9})"})
    EXPECT_EQ(verdict_on(body), captcha_verdict::unclear) << body;
}

TEST(siteverify, refuses_what_is_the_fault_of_the_response) {
  for (const auto* body :
       {R"({"success":false})", R"({"success":false,"error-codes":[]})",
        R"({"success":false,"error-codes":["invalid-input-response"]})",
        R"({"success":false,"error-codes":["missing-input-response","invalid-input-response"]})"})
    EXPECT_EQ(verdict_on(body), captcha_verdict::refused) << body;
}

TEST(siteverify, does_not_judge_what_may_be_the_fault_of_somebody_else) {
  for (const auto* body :
       {R"({"success":false,"error-codes":["timeout-or-duplicate"]})",
        R"({"success":false,"error-codes":["invalid-input-secret"]})",
        R"({"success":false,"error-codes":["internal-error"]})",
        R"({"success":false,"error-codes":["invalid-input-response","bad-request"]})",
        R"({"success":false,"error-codes":["something-new"]})", R"({"success":false,"error-codes":[7]})",
        R"({"success":false,"error-codes":"x"})"})
    EXPECT_EQ(verdict_on(body), captcha_verdict::unclear) << body;
}

TEST(siteverify, does_not_judge_by_an_answer_that_makes_no_sense) {
  for (const auto* body :
       {"", "true", "<html>", "{", R"({"success":"true"})", R"({"success":1})", R"({"ok":true})",
        R"({"success":null})", R"({"success":false,"success":true})", R"([{"success":true}])"})
    EXPECT_EQ(verdict_on(body), captcha_verdict::unclear) << body;
  for (const auto status : {0, 201, 204, 301, 400, 403, 404, 429, 500, 503})
    EXPECT_EQ(verdict_on(R"({"success":true})", status), captcha_verdict::unclear) << status;
  for (const auto failure :
       {http_failure::connect, http_failure::timeout_before_send, http_failure::timeout_after_send,
        http_failure::tls, http_failure::too_large, http_failure::stopped, http_failure::other}) {
    auto outcome = answered(R"({"success":true})");
    outcome.failure = failure;
    EXPECT_EQ(judge_siteverify(outcome).verdict, captcha_verdict::unclear) << to_string(failure);
  }
}

TEST(siteverify, tells_the_log_why_but_nothing_that_the_service_wrote) {
  EXPECT_EQ(judge_siteverify(answered(R"({"success":false,"error-codes":["invalid-input-secret"]})")).detail,
            "invalid-input-secret");
  EXPECT_THAT(judge_siteverify(answered(R"({"success":false,"error-codes":["written by them"]})")).detail,
              testing::Not(testing::HasSubstr("written")));
  EXPECT_EQ(judge_siteverify(answered("", 503)).detail, "status 503");
}

} // namespace
} // namespace weappd
