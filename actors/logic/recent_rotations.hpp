#pragma once

#include "messages/ids.hpp"
#include "messages/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace weappd {

/// When the refresh tokens of a user's sessions were replaced of late, the newest last. In memory only:
/// whoever begins without it takes what was before for long ago.
class recent_rotations {
public:
  /// Of all sessions of the user. An honest program makes one or two within a window.
  static constexpr std::size_t max_kept = 64;

  /// What is older than `window` is forgotten.
  void note(const session_id& session, timestamp at, std::chrono::seconds window);

  /// When the session's token of so many rotations ago (from 1) was replaced. Nothing: before all that is
  /// known.
  [[nodiscard]] std::optional<timestamp> replaced_at(const session_id& session,
                                                     std::uint32_t rotations_ago) const;

private:
  struct rotation {
    session_id session;
    timestamp at;
  };
  std::vector<rotation> kept_;
};

} // namespace weappd
