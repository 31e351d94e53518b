#pragma once

#include "config/crypto/hmac.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>

/// What was used lately, and what for. Pure; time is handed in.
namespace weappd {

/// Things and what they were used for, each by its hash. When there is no room the one that was issued first
/// is forgotten first: so whatever is issued from now on can still be judged, however long it is good for.
class recent_uses {
public:
  using time = std::chrono::nanoseconds; ///< of a clock that does not go back

  /// What it was used for; null: it was not used, or what is known of it is over.
  [[nodiscard]] const crypto::digest* use_of(const crypto::digest& thing, time now) const;
  /// It was issued then and is used from now on, known until `until`. At most `most` are known: beyond that
  /// the one that was issued first is forgotten, and may_be_forgotten() from then on.
  void add(const crypto::digest& thing, const crypto::digest& used_for, time issued, time until,
           std::size_t most);
  /// Whether a use of what was issued then may have been forgotten. Who cannot know that something was not
  /// used must not take it.
  [[nodiscard]] bool may_be_forgotten(time issued) const noexcept { return floor_ && issued <= *floor_; }

  /// Forgets what is over, in the order in which it was issued: what is over waits for what was issued
  /// before.
  void tidy(time now);
  [[nodiscard]] std::size_t size() const noexcept { return uses_.size(); }

private:
  struct use {
    crypto::digest used_for;
    time until;
    std::multimap<time, crypto::digest>::iterator place;
  };
  void forget(const crypto::digest& thing);

  std::map<crypto::digest, use> uses_;
  std::multimap<time, crypto::digest> by_issue_;
  std::optional<time> floor_;
};

} // namespace weappd
