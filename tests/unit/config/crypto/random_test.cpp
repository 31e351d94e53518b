#include "config/crypto/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace weappd::crypto {
namespace {

TEST(system_random, gives_other_bytes_each_time) {
  system_random random;
  std::set<std::array<std::uint8_t, 16>> seen;
  for (int i = 0; i < 1'000; ++i) {
    std::array<std::uint8_t, 16> bytes{};
    random.fill(bytes);
    seen.insert(bytes);
  }
  EXPECT_EQ(seen.size(), 1'000u);
}

TEST(system_random, fills_the_whole_span_and_nothing_beside_it) {
  system_random random;
  std::array<std::uint8_t, 66> bytes{};
  std::array<bool, 66> touched{};
  for (int i = 0; i < 64; ++i) { // a byte that is always 0 by chance: 2^-512
    random.fill(std::span(bytes).subspan(1, 64));
    for (std::size_t k = 0; k < bytes.size(); ++k)
      touched[k] = touched[k] || bytes[k] != 0;
  }
  EXPECT_FALSE(touched.front());
  EXPECT_FALSE(touched.back());
  for (std::size_t k = 1; k <= 64; ++k)
    EXPECT_TRUE(touched[k]) << k;
}

TEST(system_random, takes_an_empty_span) {
  system_random random;
  random.fill({});
  std::array<std::uint8_t, 1> one{};
  random.fill(std::span(one).first(0));
  EXPECT_EQ(one[0], 0);
}

} // namespace
} // namespace weappd::crypto
