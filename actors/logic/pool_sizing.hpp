#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

/// When a pool should have more workers, or fewer. Pure; figures and time are handed in.
namespace weappd {

struct pool_sizing_rules {
  std::size_t least = 1;
  std::size_t most = 1; ///< not below `least`
  std::chrono::nanoseconds target_wait{};
  std::chrono::seconds shrink_after{};
  friend bool operator==(const pool_sizing_rules&, const pool_sizing_rules&) = default;
};

/// What is seen of a pool at one moment; everything but its size is of the last ten seconds (actor_meter).
struct pool_look {
  std::size_t size = 1;
  std::uint64_t messages = 0;          ///< whose wait is known
  std::chrono::nanoseconds wait_p99{}; ///< how long they were in a mailbox
  double busy = 0; ///< the share of the time for which the workers were at work: their mean
};

/// Doubles a pool whose messages wait longer than the target in `looks_to_grow` looks in a row although more
/// workers would help (busy above `busy_to_grow`; unlike keys, or a lack of processors, make waits at workers
/// that are idle). Halves it after `shrink_after` of calm: at every look the wait was below half of the
/// target, and the workers so idle that half of them will not be too busy. Between the two nothing happens.
/// After a change it looks away until all figures are of the new size. Never outside of least to most.
class pool_sizing {
public:
  using time = std::chrono::nanoseconds; ///< since any fixed moment

  static constexpr int looks_to_grow = 3;
  static constexpr std::uint64_t messages_to_grow = 20; ///< fewer say nothing
  static constexpr double busy_to_grow = 0.5;
  static constexpr double busy_to_shrink = 0.35;
  static constexpr std::chrono::seconds figures_span{10};

  /// The size that the pool should have from now on, if it is another one. Rules that have changed begin
  /// anew.
  [[nodiscard]] std::optional<std::size_t> look(const pool_sizing_rules& rules, const pool_look& seen,
                                                time now);

private:
  void begin_anew(time now);

  std::optional<pool_sizing_rules> rules_;
  std::size_t size_ = 0;
  time blind_until_{};
  int slow_looks_ = 0;
  std::optional<time> calm_since_;
};

} // namespace weappd
