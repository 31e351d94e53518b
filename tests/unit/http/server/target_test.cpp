#include "http/server/target.hpp"

#include <gtest/gtest.h>

namespace weappd::http {
namespace {

TEST(target, is_acceptable_if_it_can_mean_one_thing_only) {
  for (const auto* good : {"/", "/a", "/a/", "/a/b?c=d", "/?", "/a?b=//../x", "/...", "/a..b", "/..a",
                           "/%41%2d", "/a;b=c,d", "/~!$&'()*+,;=:@", "/a?b[]=1", "/%e4%bd%a0"})
    EXPECT_TRUE(is_acceptable_target(good)) << good;
}

TEST(target, is_refused_if_somebody_could_see_another_path_in_it) {
  for (const auto* wrong :
       {"",      "a",         "*",         "http://a/", "//",     "//a",       "/a//b",
        "/.",    "/..",       "/a/..",     "/a/../b",   "/a/./b", "/%2e",      "/%2E%2e/b",
        "/.%2e", "/a/%2e./b", "/a/..%2fb", "/a/..%5cb", "/%2f",   "/a%2f%2fb", "/a/..?b",
        "/%00",  "/%",        "/%4",       "/%zz",      "/%%41",  "/a?%",      "/a?b=%00",
        "/a#b",  "/a b",      "/a\\b",     "/<",        "/>",     "/\"",       "/^",
        "/`",    "/{",        "/|",        "/}",        "/\x7f",  "/\x1f",     "/\xe4\xbd\xa0"})
    EXPECT_FALSE(is_acceptable_target(wrong)) << wrong;
}

/// Something encoded behind the path makes the judge look at every byte; the verdict must stay the same.
TEST(target, means_the_same_whether_it_is_seen_at_once_or_byte_by_byte) {
  constexpr std::string_view alphabet = "/.a?";
  for (std::size_t number = 0; number < 4 * 4 * 4 * 4 * 4 * 4; ++number) {
    std::string target = "/";
    for (auto rest = number; rest != 0; rest /= alphabet.size())
      target += alphabet[rest % alphabet.size()];
    const auto longer = target + (target.find('?') == std::string::npos ? "?%61" : "%61");
    ASSERT_EQ(is_acceptable_target(target), is_acceptable_target(longer)) << target;
  }
}

TEST(target, is_decoded_strictly) {
  EXPECT_EQ(percent_decode("a%20b+c"), "a b+c");
  EXPECT_EQ(percent_decode("%e4%BD%a0"), "\xe4\xbd\xa0");
  EXPECT_EQ(percent_decode(""), "");
  for (const auto* wrong : {"%", "%4", "%zz", "%00", "%0a", "%7f", "%ff", "%c0%af", "%ed%a0%80"})
    EXPECT_EQ(percent_decode(wrong), std::nullopt) << wrong;
}

TEST(target, finds_a_parameter_of_its_query) {
  using state = query_value::state;
  const auto found = find_query_value("page=2&sort=-created_at&q=a%26b+c&empty=&flag", "q");
  EXPECT_EQ(found.what, state::found);
  EXPECT_EQ(found.text, "a&b c");
  for (const auto* name : {"empty", "flag"}) {
    const auto value = find_query_value("page=2&empty=&flag", name);
    EXPECT_EQ(value.what, state::found) << name;
    EXPECT_EQ(value.text, "") << name;
  }
  EXPECT_EQ(find_query_value("p%61ge=2", "page").text, "2");
  EXPECT_EQ(find_query_value("page=2", "pag").what, state::absent);
  EXPECT_EQ(find_query_value("", "page").what, state::absent);
}

TEST(target, refuses_a_query_that_could_be_read_in_two_ways) {
  for (const auto* query : {"page=1&page=1", "page=1&p%61ge=2", "page=%zz", "page=%ff", "%zz=1&page=1"}) {
    const auto value = find_query_value(query, "page");
    EXPECT_EQ(value.what, query_value::state::malformed) << query;
    EXPECT_EQ(value.text, "") << query;
  }
}

} // namespace
} // namespace weappd::http
