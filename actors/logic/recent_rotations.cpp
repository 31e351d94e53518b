#include "actors/logic/recent_rotations.hpp"

namespace weappd {

void recent_rotations::note(const session_id& session, timestamp at, std::chrono::seconds window) {
  std::erase_if(kept_, [&](const rotation& one) { return at - one.at > window; });
  if (kept_.size() == max_kept)
    kept_.erase(kept_.begin());
  kept_.push_back({.session = session, .at = at});
}

std::optional<timestamp> recent_rotations::replaced_at(const session_id& session,
                                                       std::uint32_t rotations_ago) const {
  for (auto one = kept_.rbegin(); one != kept_.rend(); ++one)
    if (one->session == session && --rotations_ago == 0)
      return one->at;
  return std::nullopt;
}

} // namespace weappd
