#pragma once

#include "messages/challenge_metrics.hpp"

#include <cstddef>
#include <map>

namespace weappd {

/// What the challenge desk counted; for one thread.
class recorded_challenges final : public challenge_metrics {
public:
  void ended(challenge_outcome how) override { ++ended_[how]; }
  void watched(std::size_t count) override { watched_ = count; }

  [[nodiscard]] std::size_t count(challenge_outcome how) { return ended_[how]; }
  [[nodiscard]] std::size_t count_watched() const { return watched_; }

private:
  std::map<challenge_outcome, std::size_t> ended_;
  std::size_t watched_ = 0;
};

} // namespace weappd
