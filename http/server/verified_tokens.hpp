#pragma once

#include "http/server/sender.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weappd::http {

/// Access tokens that were found to be ours, and for whom. A client sends the same token many times, and
/// neither its signature nor what it says ever changes; only the time at which it is judged does. Bounded:
/// the oldest of a set of four gives way. One thread at a time.
class verified_tokens {
public:
  static constexpr std::size_t sets = 1'024;
  static constexpr std::size_t ways = 4; ///< about 2 MB of texts when all are in use

  struct facts {
    sender from;
    std::int64_t issued_at = 0;  ///< iat, seconds since 1970
    std::int64_t expires_at = 0; ///< exp
  };

  /// Null if this very text is not remembered.
  [[nodiscard]] const facts* find(std::string_view token) const noexcept;
  /// `token` has a valid signature.
  void remember(std::string_view token, const facts& what);

private:
  struct entry {
    std::string token;
    facts what;
  };
  struct set {
    std::array<entry, ways> entries;
    std::uint8_t oldest = 0;
  };
  std::vector<set> sets_ = std::vector<set>(sets);
};

} // namespace weappd::http
