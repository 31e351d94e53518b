#include "http/server/media_type.hpp"

#include <gtest/gtest.h>

namespace weappd::http {
namespace {

TEST(media_type, is_json_with_or_without_its_only_charset) {
  for (const auto* good : {"application/json", "Application/JSON", "application/json;charset=utf-8",
                           "application/json ; charset=\"UTF-8\"", "application/json;"})
    EXPECT_TRUE(is_json(good)) << good;
  for (const auto* wrong : {"", "text/plain", "application/jsonx", "application/json; charset=gbk",
                            "application/json; charset=utf-8; x=y", "application/problem+json",
                            "application/json, text/plain", "json"})
    EXPECT_FALSE(is_json(wrong)) << wrong;
}

TEST(media_type, of_a_problem_must_be_asked_for_by_name) {
  for (const auto* good : {"application/problem+json", "text/html, Application/Problem+JSON;q=0.5",
                           "application/problem+json ; q=1, */*"})
    EXPECT_TRUE(accepts_problem_json(good)) << good;
  for (const auto* wrong : {"", "*/*", "application/*", "application/json", "application/problem+json;q=0",
                            "application/problem+json; q=0.000", "application/problem+jsonx"})
    EXPECT_FALSE(accepts_problem_json(wrong)) << wrong;
}

TEST(media_type, knows_no_content_coding_but_identity) {
  EXPECT_TRUE(is_identity(""));
  EXPECT_TRUE(is_identity("Identity"));
  EXPECT_FALSE(is_identity("gzip"));
  EXPECT_FALSE(is_identity("identity, gzip"));
}

} // namespace
} // namespace weappd::http
