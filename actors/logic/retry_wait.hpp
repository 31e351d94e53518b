#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace weappd {

/// How long to wait before the try after `failures` failed ones (from 1): exponential back-off with full
/// jitter, that is, anything from 0 to min(most, first * 2^(failures-1)), evenly. What failed together does
/// not come back together. (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog 2015.)
[[nodiscard]] constexpr std::chrono::milliseconds retry_wait(std::uint32_t failures,
                                                             std::chrono::milliseconds first,
                                                             std::chrono::milliseconds most,
                                                             std::uint32_t random) {
  constexpr std::uint32_t max_doublings = 20;
  const auto doublings = std::min(failures == 0 ? 0 : failures - 1, max_doublings);
  const auto bound = static_cast<std::uint64_t>(std::min(first.count() << doublings, most.count()));
  return std::chrono::milliseconds(static_cast<std::int64_t>((bound + 1) * random >> 32));
}

} // namespace weappd
