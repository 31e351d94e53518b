#include "config/templates/code_points.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weappd::templates {
namespace {

TEST(code_points, are_counted_whatever_they_take) {
  EXPECT_EQ(count_code_points(""), 0u);
  EXPECT_EQ(count_code_points("abc"), 3u);
  EXPECT_EQ(count_code_points("é元🎉"), 3u);
  EXPECT_EQ(count_code_points("\xf4\x8f\xbf\xbf"), 1u) << "U+10FFFF is the last";
}

TEST(code_points, of_a_text_that_is_not_utf_8_cannot_be_counted) {
  for (const auto* text : {"\x80", "a\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                           "\xf0\x80\x80\xaf", "\xff", "\xc3(", "\xe5\x85"})
    EXPECT_FALSE(count_code_points(text)) << text;
}

TEST(code_points, are_never_cut_in_two) {
  const std::string text = "aé元🎉";
  EXPECT_EQ(bytes_of_code_points(text, 0), 0u);
  EXPECT_EQ(bytes_of_code_points(text, 1), 1u);
  EXPECT_EQ(bytes_of_code_points(text, 2), 3u);
  EXPECT_EQ(bytes_of_code_points(text, 3), 6u);
  EXPECT_EQ(bytes_of_code_points(text, 4), 10u);
  EXPECT_EQ(bytes_of_code_points(text, 5), 10u);
  EXPECT_EQ(bytes_of_code_points("a\xff", 5), 1u);
}

TEST(code_points, that_break_the_line_are_found) {
  EXPECT_TRUE(is_one_line(""));
  EXPECT_TRUE(is_one_line("a b 元🎉\xc2\xa0"));
  for (const auto* text : {"a\nb", "\r", "\t", "\x7f", "\x1b[31m", "\xc2\x80", "\xc2\x9f", "\xe2\x80\xa8",
                           "\xe2\x80\xa9", "\xff"})
    EXPECT_FALSE(is_one_line(text)) << text;
  EXPECT_FALSE(is_one_line(std::string("a\0b", 3)));
}

} // namespace
} // namespace weappd::templates
