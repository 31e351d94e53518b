#include "messages/bans.hpp"

#include <gtest/gtest.h>

namespace weappd {
namespace {

TEST(address_text, shows_whom_a_key_stands_for) {
  EXPECT_EQ(address_text({0, 0xffff'c000'0201}), "192.0.2.1");
  EXPECT_EQ(address_text({0, 0xffff'0000'0000}), "0.0.0.0");
  EXPECT_EQ(address_text({0x2001'0db8'0000'0001, 0}), "2001:db8:0:1::/64");
  EXPECT_EQ(address_text({0, 0}), "::/64");
}

TEST(ban_list, finds_who_is_on_it) {
  const ban_list list(
      {{{0, 1}, timestamp(std::chrono::milliseconds(5))}, {{0, 3}, timestamp(std::chrono::milliseconds(7))}});
  EXPECT_EQ(list.until({0, 0}), nullptr);
  EXPECT_EQ(list.until({0, 2}), nullptr);
  EXPECT_EQ(list.until({0, 4}), nullptr);
  EXPECT_EQ(list.until({1, 1}), nullptr);
  ASSERT_NE(list.until({0, 3}), nullptr);
  EXPECT_EQ(*list.until({0, 3}), timestamp(std::chrono::milliseconds(7)));
  EXPECT_EQ(ban_list().until({0, 3}), nullptr);
}

TEST(ban_list, of_what_was_stored_has_those_in_force_in_order) {
  const timestamp now(std::chrono::milliseconds(100));
  const auto ban = [&](std::uint64_t n, int ms) {
    return address_ban{.who = {0, n}, .since = now, .until = now + std::chrono::milliseconds(ms)};
  };
  const auto list = list_in_force({{ban(9, 1), ban(2, 0), ban(1, 5)}}, now);
  EXPECT_EQ(list.size(), 2u);
  EXPECT_NE(list.until({0, 1}), nullptr);
  EXPECT_NE(list.until({0, 9}), nullptr);
}

} // namespace
} // namespace weappd
