#include "config/crypto/flat_claims.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weappd::crypto {
namespace {

TEST(flat_claims, reads_strings_and_integers_in_any_order_and_with_spaces) {
  flat_claims claims;
  ASSERT_TRUE(claims.read(" { \"b\" : 7 ,\n\t\"a\":\"x y\" , \"n\":-12, \"z\":0,\"e\":\"\" } "));
  EXPECT_EQ(claims.all().size(), 5u);
  EXPECT_EQ(claims.text("a"), "x y");
  EXPECT_EQ(claims.text("e"), "");
  EXPECT_EQ(claims.number("b"), 7);
  EXPECT_EQ(claims.number("n"), -12);
  EXPECT_EQ(claims.number("z"), 0);
}

TEST(flat_claims, a_member_of_the_other_type_or_that_is_missing_is_not_there) {
  flat_claims claims;
  ASSERT_TRUE(claims.read(R"({"a":"1","b":1})"));
  EXPECT_FALSE(claims.number("a"));
  EXPECT_FALSE(claims.text("b"));
  EXPECT_FALSE(claims.text("c"));
}

TEST(flat_claims, forgets_what_it_read_before) {
  flat_claims claims;
  ASSERT_TRUE(claims.read(R"({"a":"1"})"));
  ASSERT_TRUE(claims.read("{}"));
  EXPECT_FALSE(claims.text("a"));
}

TEST(flat_claims, refuses_everything_that_we_never_write) {
  flat_claims claims;
  for (const std::string json : {"",
                                 " ",
                                 "{",
                                 "}",
                                 "{}x",
                                 "[]",
                                 "1",
                                 "null",
                                 R"("a")",
                                 R"({"a"})",
                                 R"({"a":})",
                                 R"({"a":1,})",
                                 R"({,"a":1})",
                                 R"({"a":1 "b":2})",
                                 R"({a:1})",
                                 R"({'a':1})",
                                 R"({"a":"x)",
                                 R"({"a":"\n"})",
                                 R"({"a":"x\"y"})",
                                 R"({"a":"\u0041"})",
                                 R"({"\u0061":1})",
                                 "{\"a\":\"\x01\"}",
                                 "{\"a\":\"\x7f\"}",
                                 "{\"a\":\"\xc3\xa4\"}",
                                 R"({"a":{}})",
                                 R"({"a":{"b":1}})",
                                 R"({"a":[]})",
                                 R"({"a":["x"]})",
                                 R"({"a":true})",
                                 R"({"a":null})",
                                 R"({"a":1.0})",
                                 R"({"a":1e3})",
                                 R"({"a":1E3})",
                                 R"({"a":01})",
                                 R"({"a":-01})",
                                 R"({"a":-})",
                                 R"({"a":+1})",
                                 R"({"a":0x1})",
                                 R"({"a":1e308})",
                                 R"({"a":1234567890123456789})",
                                 R"({"a":NaN})",
                                 R"({"a":1,"a":1})",
                                 R"({"a":1,"b":2,"a":"x"})",
                                 R"({"a":1}{"b":2})",
                                 R"({"a":1}/**/)"})
    EXPECT_FALSE(claims.read(json)) << json;
  EXPECT_FALSE(claims.read(std::string_view("{\"a\":1}\0", 8)));
}

TEST(flat_claims, a_good_text_that_is_cut_anywhere_is_refused) {
  flat_claims claims;
  const std::string good = R"({"iss":"weappd","iat":12,"sub":"x"})";
  ASSERT_TRUE(claims.read(good));
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(claims.read(good.substr(0, size))) << size;
}

TEST(flat_claims, holds_sixteen_members_and_no_more) {
  flat_claims claims;
  std::string json = "{";
  for (std::size_t i = 0; i < flat_claims::max_members; ++i)
    json += "\"m" + std::to_string(i) + "\":1,";
  json.pop_back();
  EXPECT_TRUE(claims.read(json + "}"));
  EXPECT_FALSE(claims.read(json + ",\"one more\":1}"));
}

} // namespace
} // namespace weappd::crypto
