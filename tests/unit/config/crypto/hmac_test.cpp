#include "config/crypto/hmac.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weappd::crypto {
namespace {

std::string hex(const std::array<std::uint8_t, 32>& bytes) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const auto b : bytes) {
    text += digits[b >> 4];
    text += digits[b & 15];
  }
  return text;
}

struct vector {
  std::string key;
  std::string text;
  std::string mac;
};

// RFC 4231 sections 4.2 to 4.8 (4.6 is about truncation, which we do not do).
const vector rfc_4231[] = {
    {std::string(20, '\x0b'), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"Jefe", "what do ya want for nothing?",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {std::string(20, '\xaa'), std::string(50, '\xdd'),
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {"\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19",
     std::string(50, '\xcd'), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First",
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {std::string(131, '\xaa'),
     "This is a test using a larger than block-size key and a larger than block-size data. The key needs to "
     "be "
     "hashed before being used by the HMAC algorithm.",
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

TEST(hmac_sha256, agrees_with_rfc_4231) {
  for (const auto& [key, text, mac] : rfc_4231)
    EXPECT_EQ(hex(hmac_sha256(key)(text)), mac) << text;
}

TEST(hmac_sha256, the_key_stays_for_the_next_text) {
  hmac_sha256 mac("Jefe");
  const auto first = mac("what do ya want for nothing?");
  EXPECT_NE(mac("something else"), first);
  EXPECT_EQ(mac("what do ya want for nothing?"), first);
}

TEST(hmac_sha256, two_texts_count_as_one_wherever_they_are_cut) {
  hmac_sha256 mac("Jefe");
  const std::string text = "what do ya want for nothing?";
  for (std::size_t cut = 0; cut <= text.size(); ++cut)
    EXPECT_EQ(hex(mac(text.substr(0, cut), text.substr(cut))), rfc_4231[1].mac) << cut;
}

TEST(hmac_sha256, an_empty_key_is_a_key) {
  // python3 -c 'import hmac; print(hmac.new(b"", b"", "sha256").hexdigest())'
  constexpr auto expected = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad";
  EXPECT_EQ(hex(hmac_sha256({})({})), expected);
  EXPECT_EQ(hex(hmac_sha256("")("")), expected);
}

TEST(digest, is_equal_only_to_itself) {
  const digest a = hmac_sha256("k")("a");
  EXPECT_TRUE(equal(a, digest(a)));
  for (std::size_t bit = 0; bit < 256; ++bit) {
    digest other = a;
    other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ (1u << bit % 8));
    EXPECT_FALSE(equal(a, other)) << bit;
  }
}

TEST(derive_key, agrees_with_rfc_5869_case_3) {
  // Section A.3: zero-length salt and info; the first 32 of its 42 bytes.
  EXPECT_EQ(hex(derive_key(std::string(22, '\x0b'), "")),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(derive_key, each_purpose_and_each_master_has_its_own_key) {
  EXPECT_NE(derive_key("master", "openid"), derive_key("master", "code"));
  EXPECT_NE(derive_key("master", "openid"), derive_key("Master", "openid"));
  EXPECT_EQ(derive_key("master", "openid"), derive_key("master", "openid"));
}

} // namespace
} // namespace weappd::crypto
