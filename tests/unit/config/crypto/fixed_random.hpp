#pragma once

#include "config/crypto/random.hpp"

#include <cstdint>
#include <span>

namespace weappd::crypto {

/// Counts upwards from 0, so that a test knows what is "random".
class fixed_random final : public random_source {
public:
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out)
      byte = next_++;
  }

private:
  std::uint8_t next_ = 0;
};

} // namespace weappd::crypto
