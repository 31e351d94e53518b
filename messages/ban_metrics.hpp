#pragma once

#include "messages/bans.hpp"

namespace weappd {

/// Where the ban keeper counts what it does. Handed in, so that no actor knows how a figure is published.
/// Safe to use from several threads; it neither throws nor waits.
class ban_metrics {
public:
  virtual ~ban_metrics() = default;
  virtual void made(ban_reason why) = 0;
  /// One that was in force gave its place to another one, or there was no place for a new one.
  virtual void forced_out() = 0;
  virtual void in_force(std::size_t count) = 0;
};

} // namespace weappd
