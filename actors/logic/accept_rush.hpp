#pragma once

#include <chrono>
#include <cstddef>

namespace weappd {

/// Whether a pusher is adding so many messages at a time that those who wait for their 202 go first: it then
/// makes a part of the calls that it may, and what waits goes out in larger groups afterwards (DESIGN 28).
/// Pure: the time is handed in.
class accept_rush {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Messages that are being added at a time.
  static constexpr std::size_t many = 4;
  /// A rush goes on for so long after the last of them.
  static constexpr std::chrono::milliseconds lasts{10};
  /// From then on it is no rush but the load of the day, which must be delivered as it comes.
  static constexpr std::chrono::seconds longest{10};
  /// The next one begins after so much time without, when what the last one left is under way.
  static constexpr std::chrono::seconds apart{1};
  /// One of so many calls is made meanwhile.
  static constexpr std::size_t part = 8;

  /// A message is being added; it was, or was refused. `somebody_waits` for a call.
  void begin(time_point now, bool somebody_waits) {
    if (++adding_ >= many)
      note(now, somebody_waits);
  }
  void end(time_point now, bool somebody_waits) {
    if (adding_-- >= many)
      note(now, somebody_waits);
  }
  [[nodiscard]] std::size_t adding() const noexcept { return adding_; }

  [[nodiscard]] bool is_on(time_point now) const {
    return (adding_ >= many || now < until_) && now < began_ + longest;
  }

private:
  void note(time_point now, bool somebody_waits) {
    if (now >= until_ + apart && !somebody_waits)
      began_ = now;
    until_ = now + lasts;
  }

  std::size_t adding_ = 0;
  time_point began_{};
  time_point until_{}; ///< unless it goes on
};

} // namespace weappd
