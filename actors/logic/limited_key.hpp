#pragma once

#include "config/crypto/random.hpp"
#include "messages/rate.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace weappd {

/// What is counted: a key under a policy.
struct limited_key {
  rate_key who;
  policy_id policy = 0;
  friend bool operator==(const limited_key&, const limited_key&) = default;
};

/// Keyed, so that nobody who chooses addresses can make them meet in one slot.
class limited_key_hash {
public:
  explicit limited_key_hash(std::array<std::uint64_t, 2> key) : key_(key) {}
  /// With a key of its own.
  [[nodiscard]] static limited_key_hash random(crypto::random_source& random);
  std::size_t operator()(const limited_key& key) const noexcept;

private:
  std::array<std::uint64_t, 2> key_;
};

} // namespace weappd
