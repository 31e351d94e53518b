#pragma once

#include "config/crypto/random.hpp"

#include <cstdint>
#include <mutex>
#include <random>
#include <span>

namespace weappd {

/// Bytes that look random and are the same in each run with the same seed. Never for product code.
class seeded_random final : public crypto::random_source {
public:
  explicit seeded_random(std::uint64_t seed) : engine_(seed) {}

  void fill(std::span<std::uint8_t> out) override {
    std::lock_guard guard(mutex_);
    for (auto& byte : out)
      byte = static_cast<std::uint8_t>(engine_() >> 56);
  }

private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

} // namespace weappd
