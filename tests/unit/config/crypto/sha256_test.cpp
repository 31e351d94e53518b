#include "config/crypto/sha256.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace weappd::crypto {
namespace {

std::string hex_of_hash(const digest& bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const auto byte : bytes)
    out.append({digits[byte >> 4], digits[byte & 15]});
  return out;
}

// The examples of FIPS 180-4: printf abc | sha256sum
TEST(sha256, is_what_the_standard_says) {
  EXPECT_EQ(hex_of_hash(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_of_hash(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_of_hash(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(sha256, of_two_texts_is_that_of_both_together) {
  EXPECT_EQ(sha256("ab", "c"), sha256("abc"));
  EXPECT_EQ(sha256("", "abc"), sha256("abc"));
  EXPECT_EQ(sha256(std::string_view("a\0b", 3), "c"), sha256(std::string_view("a\0bc", 4)));
}

} // namespace
} // namespace weappd::crypto
