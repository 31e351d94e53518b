#pragma once

#include <chrono>
#include <cstdint>

namespace weappd {

__extension__ typedef unsigned __int128 uint128;

/// What a limit says of one more request of a key.
struct limit_verdict {
  bool allowed = true;
  std::uint32_t remaining = 0;      ///< how many more would pass now
  std::uint32_t reset_s = 0;        ///< seconds until all of the limit is there again, rounded up
  std::uint32_t retry_after_s = 0;  ///< when refused: seconds until one would pass, rounded up
  std::chrono::nanoseconds delay{}; ///< when allowed: how long it must wait; only a leaky bucket lets wait
};

/// A moment that `uint128` would make 16 bytes wide and as many aligned; this is 16 bytes aligned to 8.
class packed_uint128 {
public:
  packed_uint128() = default;
  explicit packed_uint128(uint128 value)
      : high_(static_cast<std::uint64_t>(value >> 64)), low_(static_cast<std::uint64_t>(value)) {}
  [[nodiscard]] uint128 get() const noexcept { return uint128{high_} << 64 | low_; }

private:
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
};

} // namespace weappd
