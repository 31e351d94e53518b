#pragma once

#include "config/crypto/hmac.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>

/// Which solutions of challenges were used, and for which login. Pure; time is handed in.
namespace weappd {

class used_solutions {
public:
  using time = std::chrono::nanoseconds; ///< of a clock that does not go back

  /// What the solution was used for; null: it was not used, or what is known of it is over.
  [[nodiscard]] const crypto::digest* use_of(const crypto::digest& solution, time now) const;
  /// It is used from now on, known until `until`. At most `most` are known: beyond that the one that would be
  /// known for the shortest time is forgotten, and is_too_old() from then on.
  void add(const crypto::digest& solution, const crypto::digest& attempt, time until, std::size_t most);
  /// Whether a use of what expires then may have been forgotten. Who cannot know that something was not used
  /// must not take it.
  [[nodiscard]] bool is_too_old(time expires) const noexcept { return floor_ && expires <= *floor_; }

  /// Forgets what is over.
  void tidy(time now);
  [[nodiscard]] std::size_t size() const noexcept { return uses_.size(); }

private:
  struct use {
    crypto::digest attempt;
    time until;
  };
  void forget_first();

  std::map<crypto::digest, use> uses_;
  std::multimap<time, crypto::digest> by_end_;
  std::optional<time> floor_;
};

} // namespace weappd
