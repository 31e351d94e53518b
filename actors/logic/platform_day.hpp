#pragma once

#include "messages/time.hpp"

#include <chrono>

namespace weappd {

/// When the platform's daily quotas begin anew: the next midnight of China, UTC+8 without summer time (wechat
/// "45009 until the day is over").
[[nodiscard]] constexpr timestamp next_platform_midnight(timestamp now) {
  constexpr std::chrono::hours offset{8};
  return std::chrono::floor<std::chrono::days>(now + offset) + std::chrono::days(1) - offset;
}

} // namespace weappd
