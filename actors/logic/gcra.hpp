#pragma once

#include "actors/logic/limit_verdict.hpp"
#include "config/options.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

/// The generic cell rate algorithm, a token bucket: `limit` requests per `window_s` seconds on average,
/// `burst` at once. Promise, compared with an oracle that counts: in any stretch of time w no more than
/// burst + w * limit / window pass, and nothing is refused that this rule allows. Pure; time is handed in.
namespace weappd {

class gcra_state;

/// A limit, ready for arithmetic without rounding (scaled_time.hpp).
class gcra_policy {
public:
  using state = gcra_state;
  /// Zeros, which the configuration does not let through, count as one.
  explicit gcra_policy(const limit_options& from);

private:
  friend class gcra_state;
  std::uint64_t limit_;
  std::uint64_t cost_; ///< the window in ns
  uint128 full_;       ///< what a full burst costs
};

/// What is remembered of one key: the moment at which its full burst is there again. 16 bytes. Always used
/// with the same policy and with a clock that does not go back.
class gcra_state {
public:
  using time = std::chrono::nanoseconds; ///< since any fixed moment, not negative

  /// May one more request pass now? What is said of the rest is said as if it had.
  [[nodiscard]] limit_verdict judge(time now, const gcra_policy& policy) const;
  /// One more passes that judge() has allowed at this moment.
  void count(time now, const gcra_policy& policy);
  /// How long until the full burst is there again, rounded down to ns. Zero: forgetting this key changes
  /// nothing.
  [[nodiscard]] time until_full(time now, const gcra_policy& policy) const;

private:
  packed_uint128 full_at_;
};

} // namespace weappd
