#pragma once

#include "actors/logic/limit_verdict.hpp"
#include "config/options.hpp"

#include <chrono>
#include <cstdint>

/// Fixed windows: at most `limit` requests in a window. A window begins with the first request after the one
/// before has ended, so the windows of different keys do not all end at once. Up to twice the limit can pass
/// around the end of one; who minds that takes a sliding window. Pure; time is handed in.
namespace weappd {

class fixed_window_state;

class fixed_window_policy {
public:
  using state = fixed_window_state;
  /// Zeros, which the configuration does not let through, count as one.
  explicit fixed_window_policy(const limit_options& from);

private:
  friend class fixed_window_state;
  std::uint32_t limit_;
  std::chrono::nanoseconds window_;
};

/// What is remembered of one key: its window, and how many passed in it. 16 bytes. Always used with the same
/// policy and with a clock that does not go back.
class fixed_window_state {
public:
  using time = std::chrono::nanoseconds; ///< since any fixed moment, not negative

  /// May one more request pass now? What is said of the rest is said as if it had.
  [[nodiscard]] limit_verdict judge(time now, const fixed_window_policy& policy) const;
  /// One more passes that judge() has allowed at this moment.
  void count(time now, const fixed_window_policy& policy);
  /// How long until the window ends. Zero: forgetting this key changes nothing.
  [[nodiscard]] time until_full(time now, const fixed_window_policy& policy) const;

private:
  time begin_{};
  std::uint32_t passed_ = 0; ///< in the window; 0: there is none
};

} // namespace weappd
