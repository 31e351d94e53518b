#pragma once

#include "config/crypto/base64url.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <string>
#include <vector>

/// Values that must not be seen anywhere, and how one looks for them.
namespace weappd {

/// A secret in every dress in which it might get out.
inline std::vector<std::string> disguises(const std::string& text) {
  std::vector<std::string> all{text};
  std::string percent;
  std::string hex;
  constexpr char digits[] = "0123456789abcdef";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    hex += {digits[byte >> 4], digits[byte & 15]};
    if (std::isalnum(byte) != 0)
      percent += c;
    else
      (percent += '%') += {static_cast<char>(std::toupper(digits[byte >> 4])),
                           static_cast<char>(std::toupper(digits[byte & 15]))};
  }
  all.push_back(percent);
  all.push_back(hex);
  // In base64 a text looks different at each of three alignments; the characters at its ends are shared with
  // its neighbours.
  for (std::size_t shift = 0; shift < 3; ++shift) {
    auto url = crypto::base64url_encode(std::string(shift, '\0') + text).substr(shift + 1);
    url.resize(url.size() - 2);
    all.push_back(url);
    std::ranges::replace(url, '-', '+');
    std::ranges::replace(url, '_', '/');
    all.push_back(url);
  }
  return all;
}

struct canary {
  std::string what;
  std::string text;
};

inline void expect_nowhere(const std::vector<canary>& canaries, const std::string& where,
                           const std::string& text) {
  for (const auto& one : canaries)
    for (const auto& disguise : disguises(one.text))
      EXPECT_EQ(text.find(disguise), std::string::npos)
          << one.what << " got out in " << where << " as " << disguise;
}

} // namespace weappd
