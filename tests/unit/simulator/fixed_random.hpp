#pragma once

#include "config/crypto/random.hpp"

#include <cstdint>
#include <random>
#include <span>

namespace weappd::simulator {

/// The same "random" bytes in every run.
class fixed_random final : public crypto::random_source {
public:
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out)
      byte = static_cast<std::uint8_t>(engine_());
  }

private:
  std::minstd_rand engine_{7};
};

} // namespace weappd::simulator
