#pragma once

#include "messages/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>

namespace weappd {

/// Which of `size` workers a key belongs to: jump consistent hash (Lamping and Veach, 2014). When the size
/// changes, keys move only to workers that come or from workers that go.
[[nodiscard]] inline std::size_t place_among(std::uint64_t key, std::size_t size) noexcept {
  std::int64_t place = 0;
  for (std::int64_t next = 0; next < static_cast<std::int64_t>(size);) {
    place = next;
    key = key * 2862933555777941757ULL + 1;
    next = static_cast<std::int64_t>(static_cast<double>(place + 1) *
                                     (static_cast<double>(1LL << 31) / static_cast<double>((key >> 33) + 1)));
  }
  return static_cast<std::size_t>(place);
}

/// Which of `size` pushers has the messages of a user. The store divides them in the same way
/// (load_unfinished).
[[nodiscard]] inline std::size_t pusher_place(user_id user, std::size_t size) noexcept {
  return place_among(std::hash<user_id>{}(user), size);
}

} // namespace weappd
