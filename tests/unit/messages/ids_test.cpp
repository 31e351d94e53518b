#include "messages/ids.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>

namespace weappd {
namespace {

TEST(user_id, is_a_decimal_text_and_back) {
  for (const std::uint64_t value : {1ULL, 42ULL, 9'223'372'036'854'775'807ULL}) {
    const auto text = to_string(user_id{value});
    EXPECT_EQ(text, std::to_string(value));
    EXPECT_EQ(parse_user_id(text), user_id{value});
  }
}

TEST(user_id, any_other_text_is_refused) {
  for (const auto* text :
       {"", "0", "01", "-1", "+1", " 1", "1 ", "1.0", "1e3", "0x1", "abc", "12a", "9223372036854775808",
        "18446744073709551615", "18446744073709551616", "99999999999999999999", "111111111111111111111"})
    EXPECT_FALSE(parse_user_id(text)) << text;
  EXPECT_FALSE(parse_user_id(std::string_view("1\0", 2)));
}

TEST(user_id, ids_of_one_worker_in_a_row_spread_over_all_shards) {
  // One id in each of 4,096 milliseconds; the lowest bits choose the shard.
  std::array<int, 8> shards{};
  for (std::uint64_t i = 0; i < 4'096; ++i)
    ++shards[std::hash<user_id>{}(user_id{(1'000'000 + i) << 22}) % shards.size()];
  for (const auto users : shards)
    EXPECT_NEAR(users, 512, 128);
}

TEST(session_id, is_32_lower_case_hexadecimal_digits_and_back) {
  session_id id;
  for (std::size_t i = 0; i < id.bytes.size(); ++i)
    id.bytes[i] = static_cast<std::uint8_t>(i * 17);
  EXPECT_EQ(to_string(id), "00112233445566778899aabbccddeeff");
  EXPECT_EQ(parse_session_id("00112233445566778899aabbccddeeff"), id);
}

TEST(session_id, any_other_text_is_refused) {
  for (const auto* text : {"", "00112233445566778899aabbccddeef", "00112233445566778899aabbccddeeff0",
                           "00112233445566778899AABBCCDDEEFF", "00112233445566778899aabbccddeefg",
                           "00112233-4455-6677-8899-aabbccddeeff", " 0112233445566778899aabbccddeeff"})
    EXPECT_FALSE(parse_session_id(text)) << text;
}

TEST(personal_data, prints_as_stars_and_compares_as_text) {
  const openid who("o6zAJs_canary"), same("o6zAJs_canary"), other("o6zAJs_other");
  std::ostringstream out;
  out << who << ' ' << to_string(who);
  EXPECT_EQ(out.str(), "*** ***");
  EXPECT_EQ(who, same);
  EXPECT_NE(who, other);
  EXPECT_EQ(who.reveal(), "o6zAJs_canary");
}

} // namespace
} // namespace weappd
