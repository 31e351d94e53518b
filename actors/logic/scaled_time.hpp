#pragma once

#include "actors/logic/limit_verdict.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

/// Time without rounding: counted in parts of 1/limit ns, so that the share of one request, window / limit,
/// is a whole number of them (the window in ns). No value of limit_options can overflow.
namespace weappd::scaled_time {

inline constexpr std::uint64_t ns_per_s = 1'000'000'000;

inline uint128 from(std::chrono::nanoseconds moment, std::uint64_t limit) {
  return uint128{static_cast<std::uint64_t>(std::max<std::int64_t>(moment.count(), 0))} * limit;
}

/// How long it is from `now` to a moment; 0 for one that is over.
inline uint128 left(uint128 moment, uint128 now) {
  return moment > now ? moment - now : uint128{0};
}

/// Rounded up.
inline std::uint32_t to_seconds(uint128 parts, std::uint64_t limit) {
  const uint128 second = uint128{limit} * ns_per_s;
  const uint128 seconds = (parts + second - 1) / second;
  return static_cast<std::uint32_t>(std::min<uint128>(seconds, std::numeric_limits<std::uint32_t>::max()));
}

/// Rounded down.
inline std::chrono::nanoseconds to_ns(uint128 parts, std::uint64_t limit) {
  using rep = std::chrono::nanoseconds::rep;
  return std::chrono::nanoseconds{
      static_cast<rep>(std::min<uint128>(parts / limit, std::numeric_limits<rep>::max()))};
}

} // namespace weappd::scaled_time
