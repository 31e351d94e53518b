#include "config/templates/placeholders.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace weappd::templates {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(variable_text, puts_values_where_the_names_are) {
  const auto text = variable_text::parse("{{who}} paid {{ amount }} for {{who}}{{_1}}.");
  ASSERT_TRUE(text);
  EXPECT_THAT(text->names(), ElementsAre("who", "amount", "_1"));
  EXPECT_FALSE(text->is_literal());
  EXPECT_EQ(text->render({{"who", "张三"}, {"amount", "¥1"}, {"_1", ""}}), "张三 paid ¥1 for 张三.");
  EXPECT_EQ(text->render({{"amount", "{{who}}"}}), " paid {{who}} for .")
      << "a value is never a text to parse";
}

TEST(variable_text, without_variables_is_itself) {
  for (const auto* plain : {"", "abc", "{", "}", "{a}", "a { b } c", "{ {a} }"}) {
    const auto text = variable_text::parse(plain);
    ASSERT_TRUE(text) << plain;
    EXPECT_TRUE(text->is_literal()) << plain;
    EXPECT_THAT(text->names(), IsEmpty()) << plain;
    EXPECT_EQ(text->render({}), plain);
  }
}

TEST(variable_text, with_unbalanced_braces_or_bad_names_is_none) {
  for (const auto* text : {"{{", "}}", "{{a", "a}}", "{{a}", "{{a}}}}", "{{{{a}}}}", "{{a {{b}}", "{{}}",
                           "{{ }}", "{{1a}}", "{{a b}}", "{{a.b}}", "{{a-b}}", "{{é}}", "{{{a}}}", "{{a\t}}"})
    EXPECT_FALSE(is_variable_text(text)) << text;
}

TEST(variable_name, begins_with_a_letter_and_has_up_to_64_characters) {
  for (const std::string& name :
       {std::string("a"), std::string("_"), std::string("Z9_a"), std::string(64, 'a')})
    EXPECT_TRUE(is_variable_name(name)) << name;
  for (const std::string& name : {std::string(), std::string("9a"), std::string("a-b"), std::string(65, 'a')})
    EXPECT_FALSE(is_variable_name(name)) << name;
}

} // namespace
} // namespace weappd::templates
