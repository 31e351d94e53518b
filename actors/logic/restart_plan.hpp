#pragma once

#include <chrono>
#include <cstddef>
#include <deque>

/// How soon an actor that died is started again. Pure; time is handed in.
namespace weappd {

/// The first death in a minute is mended at once, so that a single defect costs nobody a wait. The next ones
/// wait 10 ms, doubled each time; from the sixth in a minute on it is half a second, for as long as it takes:
/// a part whose cause is gone comes back by itself, and one whose cause stays costs two starts a second.
class restart_plan {
public:
  using time = std::chrono::nanoseconds; ///< since any fixed moment

  /// It has died. How long to wait before it is started.
  std::chrono::milliseconds died(time now);
  /// Deaths within the last minute.
  [[nodiscard]] std::size_t recent(time now) const;
  /// So many that the waits are long and an operator should look.
  [[nodiscard]] bool is_struggling(time now) const { return recent(now) > many; }

private:
  static constexpr std::size_t many = 5;
  std::deque<time> deaths_; ///< of the last minute: about 120 at most, by the longest wait
};

} // namespace weappd
