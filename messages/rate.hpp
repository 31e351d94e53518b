#pragma once

#include "messages/fwd.hpp"
#include "messages/ids.hpp"

#include <compare>
#include <cstdint>
#include <functional>

namespace weappd {

/// Whom a limit counts: 128 bits, so that it is exact for IPv6 addresses and user ids, and no text is copied.
struct rate_key {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const rate_key&, const rate_key&) = default;
};

/// Index of a policy in the configuration's `limits`, in the order of their names.
using policy_index = std::uint8_t;

/// May one more request pass? Answer: verdict.
struct acquire {
  policy_index policy = 0;
  rate_key key;
};

struct verdict {
  bool allowed = true;
  std::uint32_t remaining = 0;     ///< how many more would pass now
  std::uint32_t reset_s = 0;       ///< seconds until the full burst is there again, rounded up
  std::uint32_t retry_after_s = 0; ///< when refused: seconds until one would pass, rounded up
};

} // namespace weappd

template <>
struct std::hash<weappd::rate_key> {
  std::size_t operator()(const weappd::rate_key& key) const noexcept {
    std::uint64_t mixed =
        key.high * 0x9E3779B97F4A7C15ULL ^ (key.low + 0xD1B54A32D192ED03ULL) * 0xBF58476D1CE4E5B9ULL;
    return mixed ^ mixed >> 32;
  }
};

WEAPPD_MESSAGE(weappd::acquire)
WEAPPD_MESSAGE(weappd::verdict)
