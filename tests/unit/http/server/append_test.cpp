#include "http/server/append.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace weappd::http {
namespace {

std::string text_of(const decimal& number) {
  return std::string(std::string_view(number));
}

TEST(append, writes_numbers_at_their_limits) {
  EXPECT_EQ(text_of(decimal(0)), "0");
  EXPECT_EQ(text_of(decimal(std::numeric_limits<std::int64_t>::min())), "-9223372036854775808");
  EXPECT_EQ(text_of(decimal(std::numeric_limits<std::uint64_t>::max())), "18446744073709551615");
}

TEST(append, puts_all_parts_behind_what_is_there) {
  std::string out = "a";
  append_all(out, {});
  append_all(out, {"b", std::string_view(), "", decimal(12), std::string(300, 'c')});
  EXPECT_EQ(out, "ab12" + std::string(300, 'c'));
}

} // namespace
} // namespace weappd::http
