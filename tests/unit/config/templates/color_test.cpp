#include "config/templates/color.hpp"

#include "config/templates/color_names.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace weappd::templates {
namespace {

TEST(color, is_what_css_takes_in_any_case) {
  for (const auto* text : {"#07c",
                           "#07C160",
                           "#ffffff",
                           "rgb(0,0,0)",
                           "rgb(255, 255, 255)",
                           "RGB( 1 , 2 , 3 )",
                           "rgb(0%, 50%, 100%)",
                           "rgba(1,2,3,0)",
                           "rgba(1,2,3,1)",
                           "rgba(1,2,3,0.5)",
                           "rgba(1,2,3,.5)",
                           "rgba(1,2,3,1.0)",
                           "rgba(10%,20%,30%,50%)",
                           "hsl(0,0%,0%)",
                           "hsl(360, 100%, 50%)",
                           "HSLA(120,100%,50%,0.3)",
                           "red",
                           "Red",
                           "REBECCAPURPLE",
                           "darkslategrey",
                           "transparent",
                           "currentColor",
                           "currentcolor"})
    EXPECT_TRUE(is_color(text)) << text;
}

TEST(color, is_nothing_else) {
  for (const auto* text : {"",
                           "#",
                           "#ab",
                           "#abcd",
                           "#abcde",
                           "#abcdefg",
                           "#ggg",
                           "# abc",
                           "07c160",
                           "rgb",
                           "rgb(",
                           "rgb()",
                           "rgb(1,2)",
                           "rgb(1,2,3",
                           "rgb(1,2,3,4)",
                           "rgb(256,0,0)",
                           "rgb(-1,0,0)",
                           "rgb(1.5,0,0)",
                           "rgb(1 2 3)",
                           "rgb(1,,3)",
                           "rgb(0%,50%,1)",
                           "rgb(101%,0%,0%)",
                           "rgba(1,2,3)",
                           "rgba(1,2,3,2)",
                           "rgba(1,2,3,1.1)",
                           "rgba(1,2,3,-0.1)",
                           "rgba(1,2,3,.)",
                           "rgba(1,2,3,0.)",
                           "rgba(1,2,3,101%)",
                           "rgba(1,2,3,4,5)",
                           "hsl(361,0%,0%)",
                           "hsl(1,2,3)",
                           "hsl(1,2%,101%)",
                           "hsla(1,2%,3%)",
                           "hsv(1,2%,3%)",
                           "reddish",
                           "red ",
                           " red",
                           "rgb(1,2,3);",
                           "url(x)",
                           "inherit",
                           "rgb(00000001,2,3)"})
    EXPECT_FALSE(is_color(text)) << text;
  EXPECT_FALSE(is_color("rgb(1," + std::string(100, ' ') + "2,3)")) << "is bounded";
}

TEST(color, names_are_148_and_sorted_for_the_search) {
  EXPECT_EQ(color_names.size(), 148u);
  EXPECT_TRUE(std::ranges::is_sorted(color_names));
  EXPECT_EQ(std::ranges::adjacent_find(color_names), color_names.end());
  for (const auto name : color_names)
    EXPECT_TRUE(is_color(name)) << name;
}

} // namespace
} // namespace weappd::templates
