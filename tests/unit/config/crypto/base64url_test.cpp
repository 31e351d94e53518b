#include "config/crypto/base64url.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weappd::crypto {
namespace {

struct pair {
  std::string bytes;
  std::string text;
};
// RFC 4648 section 10, without the padding; the last two are where the URL alphabet differs.
const pair vectors[] = {{"", ""},
                        {"f", "Zg"},
                        {"fo", "Zm8"},
                        {"foo", "Zm9v"},
                        {"foob", "Zm9vYg"},
                        {"fooba", "Zm9vYmE"},
                        {"foobar", "Zm9vYmFy"},
                        {"\xfb\xff", "-_8"},
                        {"\xff\xef\xbe", "_---"}};

TEST(base64url, agrees_with_rfc_4648_both_ways) {
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64url_encode(bytes), text);
    EXPECT_EQ(base64url_decode(text), bytes) << text;
  }
}

TEST(base64url, appends_to_what_is_there) {
  std::string out = "a.";
  base64url_append(out, "foob");
  EXPECT_EQ(out, "a.Zm9vYg");
}

TEST(base64url, decodes_into_a_buffer_that_was_longer) {
  std::string out = "something that was here before";
  ASSERT_TRUE(base64url_decode("Zm9v", out));
  EXPECT_EQ(out, "foo");
}

TEST(base64url, every_byte_string_of_up_to_two_bytes_comes_back) {
  for (unsigned i = 0; i < 65'536; ++i) {
    const std::string two{static_cast<char>(i >> 8), static_cast<char>(i & 255)};
    ASSERT_EQ(base64url_decode(base64url_encode(two)), two);
    ASSERT_EQ(base64url_decode(base64url_encode(two.substr(1))), two.substr(1));
  }
}

TEST(base64url, refuses_padding_space_other_alphabets_and_impossible_lengths) {
  for (const std::string text : {"Zg==", "Zm8=", "Zm9v\n", " Zm9v", "Zm 9v", "+_8", "-/8", "Z", "Zm9vY",
                                 "Zm9v.Zg", "Zm9\x80", "\xff\xff\xff\xff"})
    EXPECT_FALSE(base64url_decode(text)) << text;
  EXPECT_FALSE(base64url_decode(std::string_view("Zm9\0", 4)));
}

TEST(base64url, no_byte_string_has_a_second_text) {
  // Of the 64 last characters of "Z?", 4 leave no stray bits; of "Zm?", 16.
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  int of_two = 0, of_three = 0;
  for (const char c : alphabet) {
    of_two += base64url_decode(std::string("Z") + c).has_value();
    of_three += base64url_decode(std::string("Zm") + c).has_value();
  }
  EXPECT_EQ(of_two, 4);
  EXPECT_EQ(of_three, 16);
}

} // namespace
} // namespace weappd::crypto
