#include "tests/kit/net/wire_case.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace weappd::kit {
namespace {

TEST(wire_case, undoes_every_escape_and_refuses_others) {
  EXPECT_EQ(unescape(R"(a\r\n\t\\\x41\xff)"), "a\r\n\t\\A\xff");
  EXPECT_EQ(unescape(R"(\0b)"), std::string("\0b", 2));
  EXPECT_EQ(unescape(R"(<\{3*ab}>)"), "<ababab>");
  for (const auto* wrong : {R"(\q)", R"(\)", R"(\xg1)", R"(\{3ab})", R"(\{x*ab})", R"(\{3*ab)"})
    EXPECT_THROW(unescape(wrong), std::invalid_argument) << wrong;
}

TEST(wire_case, that_is_not_in_the_format_is_an_error_and_does_not_vanish) {
  const auto folder = std::filesystem::path(testing::TempDir()) / "weappd_wire_case_test";
  const auto load_text = [&folder](const std::string& text) {
    std::filesystem::create_directories(folder);
    std::ofstream(folder / "one.http") << text;
    return load_wire_cases(folder);
  };
  const auto good = load_text("# H1: a title\n# why\n< 100\n< 400 bad_host\n< close\n> GET\\r\n> \\n\n");
  ASSERT_EQ(good.size(), 1u);
  EXPECT_EQ(good[0].title, "H1: a title");
  EXPECT_EQ(good[0].bytes, "GET\r\n");
  EXPECT_EQ(good[0].answers.at(0).error, "bad_host");
  EXPECT_TRUE(good[0].may_continue);
  EXPECT_TRUE(good[0].closes);
  for (const auto* wrong :
       {"# t\n< 200\n> x\n", "# t\n< close\n> x\n", "< 200\n< close\n> x\n", "# t\n< 200\n< close\n",
        "# t\n< 200\n< close\n> x\nnonsense\n", "# t\n< abc\n< close\n> x\n", "# t\n< 200\n< close\n> \\q\n"})
    EXPECT_THROW(load_text(wrong), std::runtime_error) << wrong;
  std::filesystem::remove_all(folder);
}

} // namespace
} // namespace weappd::kit
