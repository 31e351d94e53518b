#pragma once

#include "http/server/router.hpp"

#include <cstdint>

namespace weappd::http {

/// Of `most` requests that may be worked on at a time, how many may be there when one more of this rank is
/// let in: the last tenth is kept from bulk and normal requests, and the last quarter from bulk ones. Rounded
/// up, so that none is refused by an idle server.
[[nodiscard]] constexpr std::uint32_t places_for(urgency rank, std::uint32_t most) noexcept {
  const std::uint64_t all = most;
  switch (rank) {
  case urgency::vital:
    break;
  case urgency::normal:
    return static_cast<std::uint32_t>((all * 9 + 9) / 10);
  case urgency::bulk:
    return static_cast<std::uint32_t>((all * 3 + 3) / 4);
  }
  return most;
}

} // namespace weappd::http
