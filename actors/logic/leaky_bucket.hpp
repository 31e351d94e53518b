#pragma once

#include "actors/logic/limit_verdict.hpp"
#include "config/options.hpp"

#include <chrono>
#include <cstdint>

/// A leaky bucket: requests pass evenly, one for each window / limit. One that comes too early is told how
/// long to wait. It is refused if `burst` others wait already, or if it had to wait longer than max_delay_ms.
/// Promise, compared with an oracle that keeps all departures: two requests never pass nearer to one another
/// than window / limit, none waits longer than it must, and nothing is refused that this rule allows. Pure;
/// who was told to wait does so by himself.
namespace weappd {

class leaky_bucket_state;

class leaky_bucket_policy {
public:
  using state = leaky_bucket_state;
  /// Zeros of limit and window, which the configuration does not let through, count as one.
  explicit leaky_bucket_policy(const limit_options& from);

private:
  friend class leaky_bucket_state;
  std::uint64_t limit_;
  std::uint64_t cost_; ///< the window in ns
  uint128 longest_;    ///< wait
};

/// What is remembered of one key: the moment at which the next one may pass. 16 bytes. Always used with the
/// same policy and with a clock that does not go back.
class leaky_bucket_state {
public:
  using time = std::chrono::nanoseconds; ///< since any fixed moment, not negative

  /// May one more request pass, and after which delay (rounded up to ns)? What is said of the rest is said as
  /// if it had come in.
  [[nodiscard]] limit_verdict judge(time now, const leaky_bucket_policy& policy) const;
  /// One more comes in that judge() has allowed at this moment.
  void count(time now, const leaky_bucket_policy& policy);
  /// How long until one may pass without waiting, rounded down to ns. Zero: forgetting this key changes
  /// nothing.
  [[nodiscard]] time until_full(time now, const leaky_bucket_policy& policy) const;

private:
  packed_uint128 next_at_;
};

} // namespace weappd
