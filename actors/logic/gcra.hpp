#pragma once

#include "config/options.hpp"

#include <chrono>
#include <cstdint>

/// The generic cell rate algorithm: `limit` requests per `window_s` seconds on average, `burst` at once.
/// Promise, proved by a property test: in any stretch of time w no more than burst + w * limit / window pass,
/// and nothing is refused that this rule allows. Pure; time is handed in.
namespace weappd {

__extension__ typedef unsigned __int128 uint128;

/// A limit, ready for arithmetic without rounding: time is counted in parts of 1/limit ns, so that one
/// request costs exactly `cost` of them. No value of limit_options can overflow.
class gcra_policy {
public:
  /// Zeros, which the configuration does not let through, count as one.
  explicit gcra_policy(const limit_options& from);

private:
  friend class gcra_state;
  std::uint64_t limit_;
  std::uint64_t cost_; ///< the window in ns
  uint128 full_;       ///< what a full burst costs
};

struct gcra_verdict {
  bool allowed = true;
  std::uint32_t remaining = 0;     ///< how many more would pass now
  std::uint32_t reset_s = 0;       ///< seconds until the full burst is there again, rounded up
  std::uint32_t retry_after_s = 0; ///< when refused: seconds until one would pass, rounded up
};

/// What is remembered of one key: the moment at which its full burst is there again. Always used with the
/// same policy and with a clock that does not go back.
class gcra_state {
public:
  using time = std::chrono::nanoseconds; ///< since any fixed moment, not negative

  /// May one more request pass now? If so, it is counted.
  [[nodiscard]] gcra_verdict decide(time now, const gcra_policy& policy);
  /// How long until the full burst is there again, rounded down to ns. Zero: forgetting this key changes
  /// nothing.
  [[nodiscard]] time until_full(time now, const gcra_policy& policy) const;

private:
  uint128 full_at_ = 0;
};

} // namespace weappd
