#pragma once

#include "messages/challenges.hpp"

#include <cstddef>

namespace weappd {

/// Where the challenge desk counts what it does. Handed in, so that no actor knows how a figure is published.
/// Safe to use from several threads; it neither throws nor waits.
class challenge_metrics {
public:
  virtual ~challenge_metrics() = default;
  virtual void ended(challenge_outcome how) = 0;
  /// Addresses that have to solve challenges now, or had logins that failed.
  virtual void watched(std::size_t count) = 0;
};

} // namespace weappd
