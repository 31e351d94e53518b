#include "messages/refresh_token.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weappd {
namespace {

constexpr user_id user{0x0123456789abcdef};

session_id some_session() {
  session_id id;
  for (std::size_t i = 0; i < id.bytes.size(); ++i)
    id.bytes[i] = static_cast<std::uint8_t>(0xF0 + i);
  return id;
}

refresh_secret some_secret() {
  refresh_secret bytes;
  bytes.fill(0xAB);
  return bytes;
}

TEST(refresh_token_text, has_the_documented_bytes) {
  // python3: base64.urlsafe_b64encode(bytes.fromhex('0123456789abcdef') + bytes(range(0xF0,0x100)) +
  // b'\xab'*32)
  EXPECT_EQ(compose_refresh_token(user, some_session(), some_secret()).reveal(),
            "ASNFZ4mrze_w8fLz9PX29_j5-vv8_f7_q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s");
}

TEST(refresh_token_text, gives_back_the_address_it_was_made_with) {
  const auto token = compose_refresh_token(user, some_session(), some_secret());
  EXPECT_EQ(token.size(), refresh_token_length);
  const auto parts = parse_refresh_token(token.reveal());
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->user, user);
  EXPECT_EQ(parts->session, some_session());
}

TEST(refresh_token_text, of_every_other_length_is_refused) {
  const auto token = compose_refresh_token(user, some_session(), some_secret()).reveal();
  for (std::size_t size = 0; size < token.size(); ++size)
    EXPECT_FALSE(parse_refresh_token(std::string_view(token).substr(0, size))) << size;
  EXPECT_FALSE(parse_refresh_token(token + "A"));
  EXPECT_FALSE(parse_refresh_token(token + "="));
}

TEST(refresh_token_text, in_another_alphabet_is_refused) {
  const auto token = compose_refresh_token(user, some_session(), some_secret()).reveal();
  for (const char wrong : {'+', '/', '=', ' ', '\0', '\n', '.', '\x80'})
    for (std::size_t i = 0; i < token.size(); ++i) {
      auto changed = token;
      changed[i] = wrong;
      EXPECT_FALSE(parse_refresh_token(changed)) << i;
    }
}

TEST(refresh_token_text, with_stray_bits_in_the_last_character_is_refused) {
  auto token = compose_refresh_token(user, some_session(), some_secret()).reveal();
  ASSERT_EQ(token.back(), 's'); // the two lowest bits of 's' (44) are unused
  for (const char stray : {'t', 'u', 'v'}) {
    token.back() = stray;
    EXPECT_FALSE(parse_refresh_token(token)) << stray;
  }
}

TEST(refresh_token_text, of_an_impossible_user_is_refused) {
  const auto with_user = [](std::uint64_t value) {
    return parse_refresh_token(compose_refresh_token({value}, some_session(), some_secret()).reveal());
  };
  EXPECT_FALSE(with_user(0));
  EXPECT_FALSE(with_user(std::uint64_t{1} << 63));
  EXPECT_TRUE(with_user(1));
  EXPECT_TRUE(with_user((std::uint64_t{1} << 63) - 1));
}

} // namespace
} // namespace weappd
