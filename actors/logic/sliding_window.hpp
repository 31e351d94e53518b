#pragma once

#include "actors/logic/limit_verdict.hpp"
#include "config/options.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

/// A sliding window, exact: in every stretch of time as long as the window, without its end, at most `limit`
/// requests pass, and nothing is refused that this rule allows (compared with an oracle that keeps all
/// moments). Exact means that each request of the window is remembered: 8 bytes for each, so at most
/// 8 * limit bytes for a key. Pure; time is handed in.
namespace weappd {

class sliding_window_state;

class sliding_window_policy {
public:
  using state = sliding_window_state;
  /// Zeros and limits above most_in_sliding_window (80,000 bytes), which the configuration does not let
  /// through, count as the nearest that it does.
  explicit sliding_window_policy(const limit_options& from);

private:
  friend class sliding_window_state;
  std::uint32_t limit_;
  std::chrono::nanoseconds window_;
};

/// What is remembered of one key: the moments at which requests passed, oldest first, in a ring that is made
/// when the first one passes and grows as far as it must. 8 bytes and the ring. Always used with the same
/// policy and with a clock that does not go back.
class sliding_window_state {
public:
  using time = std::chrono::nanoseconds; ///< since any fixed moment, not negative

  /// May one more request pass now? What is said of the rest is said as if it had.
  [[nodiscard]] limit_verdict judge(time now, const sliding_window_policy& policy) const;
  /// One more passes that judge() has allowed at this moment.
  void count(time now, const sliding_window_policy& policy);
  /// How long until the newest moment has left the window. Zero: forgetting this key changes nothing.
  [[nodiscard]] time until_full(time now, const sliding_window_policy& policy) const;

  /// Moments for which there is room.
  [[nodiscard]] std::size_t capacity() const noexcept { return log_ ? log_->ring.size() : 0; }
  /// How many more count() would make room for; at most 256.
  [[nodiscard]] std::size_t growth(time now, const sliding_window_policy& policy) const;
  /// Makes room for one more without growing: limits stop being exact where this was needed.
  void drop_oldest();

private:
  struct stamp_log {
    std::size_t first = 0;
    std::size_t size = 0;
    std::vector<time> ring;

    [[nodiscard]] time at(std::size_t index) const { return ring[(first + index) % ring.size()]; }
    void grow(std::size_t capacity);
  };
  /// How many of the oldest moments have left the window.
  [[nodiscard]] std::size_t gone(time now, const sliding_window_policy& policy) const;

  std::unique_ptr<stamp_log> log_;
};

} // namespace weappd
