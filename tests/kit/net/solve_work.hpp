#pragma once

#include <openssl/sha.h>

#include <array>
#include <cstdint>
#include <string>

namespace weappd::kit {

/// How many zero bits SHA-256(challenge ":" number) begins with, counted bit by bit.
inline unsigned zero_bits(const std::string& challenge, const std::string& number) {
  const auto text = challenge + ':' + number;
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash{};
  SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), hash.data());
  unsigned zeros = 0;
  while (zeros < 256 && (hash[zeros / 8] >> (7 - zeros % 8) & 1) == 0)
    ++zeros;
  return zeros;
}

/// The first number, from `from` on, whose hash begins with at least `least` zero bits, and at most `most`.
inline std::string solve_work(const std::string& challenge, unsigned least, unsigned most = 256,
                              std::uint64_t from = 0) {
  for (auto number = from;; ++number) {
    auto text = std::to_string(number);
    const auto zeros = zero_bits(challenge, text);
    if (zeros >= least && zeros <= most)
      return text;
  }
}

} // namespace weappd::kit
