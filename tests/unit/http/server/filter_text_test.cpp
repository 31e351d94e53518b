#include "http/server/filter_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weappd::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using visitor_of_texts = void (*)(std::string_view, const text_visitor&);

std::vector<std::string> visited(visitor_of_texts visit, std::string_view text, std::size_t most = 1'000) {
  std::vector<std::string> all;
  visit(text, [&](std::string_view one) {
    all.emplace_back(one);
    return all.size() < most;
  });
  return all;
}

TEST(filter_text, of_a_query_are_its_names_and_values_decoded) {
  EXPECT_THAT(visited(visit_query, "a=1&b=%27+OR+1%3d1&=x&&c&d="),
              ElementsAre("a", "1", "b", "' OR 1=1", "x", "c", "d"));
  EXPECT_THAT(visited(visit_query, "a=b=c"), ElementsAre("a", "b=c"));
  EXPECT_THAT(visited(visit_query, "a=%zz%4&b=%e4%b8%ad"), ElementsAre("a", "%zz%4", "b", "中"))
      << "what is no encoding stays";
  EXPECT_THAT(visited(visit_query, ""), IsEmpty());
}

TEST(filter_text, of_a_document_are_its_names_and_texts_without_escapes) {
  EXPECT_THAT(visited(visit_json, R"({"a":"x","b":[1,"y",{"c":""}],"d":true})"),
              ElementsAre("a", "x", "b", "y", "c", "d"));
  EXPECT_THAT(visited(visit_json, R"({"a":"\u003cscript\u003E \"q\" \\ \/ \n\t\u4e2d\ud83d\ude00"})"),
              ElementsAre("a", "<script> \"q\" \\ / \n\t中😀"));
  EXPECT_THAT(visited(visit_json, R"({"a\"b":"c\\"})"), ElementsAre("a\"b", "c\\"));
}

TEST(filter_text, of_a_broken_document_is_what_can_be_had) {
  EXPECT_THAT(visited(visit_json, R"({"a":"x)"), ElementsAre("a", "x"));
  EXPECT_THAT(visited(visit_json, R"({"a":"x\)"), ElementsAre("a", "x\\"));
  EXPECT_THAT(visited(visit_json, R"("\ud83d!")"), ElementsAre("\xed\xa0\xbd!"));
  EXPECT_THAT(visited(visit_json, R"("\u12")"), ElementsAre("u12"));
  EXPECT_THAT(visited(visit_json, "\""), IsEmpty());
  EXPECT_THAT(visited(visit_json, "no quotes"), IsEmpty());
}

TEST(filter_text, is_left_when_that_was_enough) {
  EXPECT_THAT(visited(visit_json, R"({"a":"x","b":"y"})", 2), ElementsAre("a", "x"));
  EXPECT_THAT(visited(visit_query, "a=1&b=2", 3), ElementsAre("a", "1", "b"));
}

TEST(filter_text, without_disguise_has_no_comments_and_no_encoding) {
  EXPECT_EQ(without_disguise("1/**/UNION/* x */SELECT"), "1 UNION SELECT");
  EXPECT_EQ(without_disguise("1 /*!50000UNION*/ x"), "1  UNION  x") << "MySQL carries out what is in it";
  EXPECT_EQ(without_disguise("%3Cscript%3e"), "<script>");
  EXPECT_EQ(without_disguise("%2f**/x"), " x") << "decoded first";
  EXPECT_EQ(without_disguise("a /* open"), "a /* open");
  EXPECT_EQ(without_disguise("a+b %41"), "a+b A") << "a plus is a plus";
  EXPECT_EQ(without_disguise("%253C"), "%3C") << "once";
  EXPECT_EQ(without_disguise("a /**/ b /* open"), "a   b /* open");
  EXPECT_EQ(without_disguise("%3Ca%ff on\xc3\xa9\xc3"), "<a? on\xc3\xa9?")
      << "RE2 sees no byte that is not UTF-8";
}

/// Would take hours if each opening looked for its end.
TEST(filter_text, of_many_open_comments_is_read_once) {
  std::string open;
  while (open.size() < 32u << 20)
    open += "/*x";
  EXPECT_EQ(without_disguise(open), open);
}

TEST(filter_text, that_is_not_disguised_is_not_looked_at_twice) {
  for (const auto* text : {"", "50% off", "100%zz", "a * / b", "http://example.com/x?y=1"})
    EXPECT_EQ(without_disguise(text), std::nullopt) << text;
}

} // namespace
} // namespace weappd::http
