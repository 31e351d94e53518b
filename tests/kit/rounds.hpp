#pragma once

#include <cstdint>

namespace weappd {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool is_sanitized = true;
#else
inline constexpr bool is_sanitized = false;
#endif

/// How often something is done of which a test does much: `all` in a build as it is shipped, `fewer` under a
/// sanitizer, where everything takes five to ten times as long. A sanitizer sees what code does wrong,
/// however often it does so.
constexpr std::uint64_t rounds(std::uint64_t all, std::uint64_t fewer) {
  return is_sanitized ? fewer : all;
}

} // namespace weappd
