#include "http/server/characters.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weappd::http {
namespace {

TEST(find_forbidden, finds_each_forbidden_byte_at_each_place_and_nothing_else) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const bool forbidden = (byte < 0x20 && byte != '\t') || byte == 0x7f;
    for (std::size_t at = 0; at < 24; ++at) {
      std::string text(24, at % 2 == 0 ? 'a' : '\xff');
      text[at] = c;
      ASSERT_EQ(find_forbidden(text, 0), forbidden ? at : text.size()) << byte << " at " << at;
      ASSERT_EQ(find_forbidden(text, at + 1), text.size());
    }
  }
}

TEST(characters, cut_and_trim_take_texts_apart) {
  std::string_view rest = "a,b,,c";
  EXPECT_EQ(cut(rest, ','), "a");
  EXPECT_EQ(cut(rest, ','), "b");
  EXPECT_EQ(cut(rest, ','), "");
  EXPECT_EQ(cut(rest, ','), "c");
  EXPECT_TRUE(rest.empty());
  EXPECT_EQ(trim(" \ta b\t "), "a b");
  EXPECT_EQ(trim(" \t"), "");
}

} // namespace
} // namespace weappd::http
