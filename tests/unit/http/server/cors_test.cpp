#include "http/server/cors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weappd::http::test {
namespace {

using testing::HasSubstr;
using testing::Not;

cors_options for_one() {
  cors_options values;
  values.origins = {"https://app.example"};
  return values;
}

request preflight_from(const std::string& origin) {
  request wanted;
  wanted.verb = method::options;
  wanted.origin = origin;
  wanted.cors_method = "POST";
  return wanted;
}

TEST(cors_policy, lets_nobody_in_by_default) {
  const cors_policy policy{cors_options{}};
  EXPECT_EQ(policy.fields_for("https://app.example"), "");
  EXPECT_EQ(policy.fields_for(""), "");
  EXPECT_EQ(policy.answer_options(preflight_from("https://app.example"), "GET, OPTIONS").fields,
            "Allow: GET, OPTIONS\r\n");
}

TEST(cors_policy, answers_a_known_origin_with_itself) {
  const cors_policy policy(for_one());
  EXPECT_EQ(policy.fields_for("https://app.example"),
            "Access-Control-Allow-Origin: https://app.example\r\n"
            "Access-Control-Expose-Headers: X-Request-Id, RateLimit, RateLimit-Policy, Retry-After, "
            "Idempotency-Replayed\r\n"
            "Vary: Origin\r\n");
}

TEST(cors_policy, compares_origins_to_the_letter) {
  const cors_policy policy(for_one());
  for (const auto* other : {"https://app.example.evil", "http://app.example", "https://app.example:8443",
                            "https://APP.example", "null", "*", "https://app.exampl"})
    EXPECT_EQ(policy.fields_for(other), "Vary: Origin\r\n") << other;
}

TEST(cors_policy, says_that_answers_differ_by_origin_also_to_who_sends_none) {
  EXPECT_EQ(cors_policy(for_one()).fields_for(""), "Vary: Origin\r\n");
}

TEST(cors_policy, with_a_star_gives_everybody_the_same_answer) {
  cors_options values;
  values.origins = {"https://app.example", "*"};
  values.expose = {};
  const cors_policy policy(values);
  EXPECT_EQ(policy.fields_for("https://x.example"), "Access-Control-Allow-Origin: *\r\n");
  EXPECT_EQ(policy.fields_for(""), "");
}

TEST(cors_policy, allows_credentials_only_when_told_so) {
  auto values = for_one();
  EXPECT_THAT(std::string(cors_policy(values).fields_for("https://app.example")),
              Not(HasSubstr("Credentials")));
  values.credentials = true;
  EXPECT_THAT(std::string(cors_policy(values).fields_for("https://app.example")),
              HasSubstr("Access-Control-Allow-Credentials: true\r\n"));
  EXPECT_THAT(std::string(cors_policy(values).fields_for("https://evil.example")),
              Not(HasSubstr("Credentials")));
}

TEST(cors_policy, allows_by_preflight_what_both_resource_and_configuration_know) {
  auto values = for_one();
  values.methods = {"POST", "DELETE"};
  values.headers = {"Authorization", "X-Own"};
  values.max_age_s = 77;
  const auto answer =
      cors_policy(values).answer_options(preflight_from("https://app.example"), "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.fields, "Allow: GET, HEAD, POST, OPTIONS\r\n"
                           "Access-Control-Allow-Methods: POST\r\n"
                           "Access-Control-Allow-Headers: Authorization, X-Own\r\n"
                           "Access-Control-Max-Age: 77\r\n");
}

TEST(cors_policy, tells_strangers_and_plain_OPTIONS_only_what_there_is) {
  const cors_policy policy(for_one());
  EXPECT_EQ(policy.answer_options(preflight_from("https://evil.example"), "GET").fields, "Allow: GET\r\n");
  auto plain = preflight_from("https://app.example");
  plain.cors_method.clear();
  EXPECT_EQ(policy.answer_options(plain, "GET").fields, "Allow: GET\r\n");
}

} // namespace
} // namespace weappd::http::test
