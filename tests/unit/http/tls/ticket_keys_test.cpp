#include "http/tls/ticket_keys.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace weappd::http::test {
namespace {

using namespace std::chrono_literals;

/// 1, 1, 1, ... then 2, 2, 2, ...: each filling differs from all others.
class counting_random final : public crypto::random_source {
public:
  void fill(std::span<std::uint8_t> out) override { std::ranges::fill(out, ++count_); }

private:
  std::uint8_t count_ = 0;
};

struct ticket_keys_of_an_hour : ::testing::Test {
  counting_random random;
  ticket_keys keys{random, 1h};
  timestamp start{std::chrono::hours(500'000)};
};

TEST_F(ticket_keys_of_an_hour, seal_with_one_key_for_their_life) {
  const auto first = keys.sealing(start);
  EXPECT_EQ(keys.sealing(start + 1h - 1ms).name, first.name);
  EXPECT_NE(keys.sealing(start + 1h).name, first.name);
}

TEST_F(ticket_keys_of_an_hour, consist_of_bytes_of_the_random_source_alone) {
  const auto first = keys.sealing(start);
  EXPECT_EQ(first.name[15], 1);
  EXPECT_EQ(first.cipher[31], 2);
  EXPECT_EQ(first.mac[31], 3);
}

TEST_F(ticket_keys_of_an_hour, open_what_a_key_sealed_for_one_more_life) {
  const auto first = keys.sealing(start);
  const auto now = keys.opening(first.name, start + 59min);
  ASSERT_TRUE(now);
  EXPECT_FALSE(now->retired);
  EXPECT_EQ(now->key.cipher, first.cipher);
  const auto later = keys.opening(first.name, start + 2h - 1ms);
  ASSERT_TRUE(later);
  EXPECT_TRUE(later->retired) << "the client shall have a new ticket";
  EXPECT_EQ(later->key.mac, first.mac);
  EXPECT_FALSE(keys.opening(first.name, start + 2h));
}

TEST_F(ticket_keys_of_an_hour, forget_a_key_that_nobody_asked_for_in_time) {
  const auto first = keys.sealing(start);
  EXPECT_FALSE(keys.opening(first.name, start + 3h)) << "though it was never rotated meanwhile";
  EXPECT_FALSE(keys.opening(first.name, start + 3h + 1ms)) << "nor is it the retired one now";
}

TEST_F(ticket_keys_of_an_hour, know_two_keys_at_most) {
  const auto first = keys.sealing(start);
  const auto second = keys.sealing(start + 1h);
  const auto third = keys.sealing(start + 2h);
  EXPECT_FALSE(keys.opening(first.name, start + 2h));
  EXPECT_TRUE(keys.opening(second.name, start + 2h));
  EXPECT_TRUE(keys.opening(third.name, start + 2h));
}

TEST_F(ticket_keys_of_an_hour, do_not_know_the_name_of_a_stranger) {
  (void)keys.sealing(start);
  EXPECT_FALSE(keys.opening(ticket_key{}.name, start));
}

TEST_F(ticket_keys_of_an_hour, are_replaced_when_somebody_sets_the_clock_back) {
  const auto first = keys.sealing(start);
  EXPECT_NE(keys.sealing(start - 24h).name, first.name) << "else it would be in use for a day more";
}

} // namespace
} // namespace weappd::http::test
