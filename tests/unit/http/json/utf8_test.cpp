#include "http/json/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weappd::json {
namespace {

std::string encode(char32_t c) {
  const auto tail = [c](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80)
    return {static_cast<char>(c)};
  if (c < 0x800)
    return {static_cast<char>(0xC0 | c >> 6), tail(0)};
  if (c < 0x10000)
    return {static_cast<char>(0xE0 | c >> 12), tail(6), tail(0)};
  return {static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
}

TEST(utf8, decodes_every_code_point_and_no_surrogate) {
  for (char32_t c = 0; c <= 0x10FFFF; ++c) {
    const auto text = encode(c);
    const auto read = decode_utf8(text);
    if (c >= 0xD800 && c <= 0xDFFF) {
      ASSERT_EQ(read.size, 0u) << std::hex << static_cast<unsigned>(c);
    } else {
      ASSERT_EQ(read.value, c);
      ASSERT_EQ(read.size, text.size());
    }
  }
}

TEST(utf8, refuses_every_overlong_form_and_everything_beyond_unicode) {
  for (const auto* text :
       {"\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
        "\xff", "\x80", "\xc3", "\xe4\xbd", "\xf0\x9f\x98", "\xc3\x28", "\xe4\x28\xa0"})
    EXPECT_FALSE(is_utf8(text)) << text;
}

TEST(utf8, finds_a_bad_byte_wherever_it_stands) {
  for (std::size_t at = 0; at < 40; ++at) {
    std::string text(40, 'a');
    EXPECT_TRUE(is_utf8(text));
    text[at] = '\xff';
    EXPECT_FALSE(is_utf8(text)) << at;
  }
}

} // namespace
} // namespace weappd::json
