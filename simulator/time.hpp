#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace weappd::simulator {

/// A moment on the simulator's clock.
using moment = std::chrono::sys_time<std::chrono::milliseconds>;

/// Civil time plus what the control interface has added to it. It never runs faster or slower than its base.
class movable_clock {
public:
  explicit movable_clock(std::function<moment()> base) : base_(std::move(base)) {}
  [[nodiscard]] moment now() const { return base_() + ahead_; }
  void advance(std::chrono::seconds by) { ahead_ += by; }
  /// How far it has been moved.
  [[nodiscard]] std::chrono::seconds ahead() const noexcept { return ahead_; }
  void reset() noexcept { ahead_ = {}; }

private:
  std::function<moment()> base_;
  std::chrono::seconds ahead_{0};
};

/// The clock of the machine, as a base for movable_clock.
moment system_now();

/// The number of the day in China, which knows no summer time: WeChat's quotas begin anew at its midnight.
std::int64_t china_day(moment time);

/// RFC 3339 in UTC with milliseconds: 2026-11-21T08:30:00.000Z.
std::string to_rfc3339(moment time);

} // namespace weappd::simulator
