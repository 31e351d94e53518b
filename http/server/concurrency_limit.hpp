#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

namespace weappd::http {

/// How many requests for one route may be worked on at a time, found out from how long their answers take.
///
/// Time is cut into windows of 100 ms. When the mean latency of two windows in a row is above the threshold,
/// the limit is cut, by threshold / mean and at most by half, from what was really in flight, and the next
/// two are waited for, because they answer what was let in before; after a window that is not slow it grows
/// by a tenth. So a burst or one slow commit changes nothing, and a standing queue is gone after some
/// windows.
///
/// The threshold is the target, or twice the latency at the least concurrency when that is more: where
/// answers are slow even if hardly anything is let in (a slow disk), letting in less would only cost
/// throughput. That figure is taken whenever the limit is down at its least, and is believed for 30 s.
///
/// A latency begins when the request has been read. What waits in the kernel because all cores are busy is
/// not counted: it waits for nothing but the processor, and refusing a small request costs as much of that as
/// answering it. There TCP holds the clients back, and http.max_connections bounds how many.
///
/// Sources: windows and means, a threshold for waiting, and a refusal at the door: DAGOR (Zhou et al.,
/// "Overload Control for Scaling WeChat Microservices", SoCC 2018). The cut by a bounded gradient: Netflix
/// concurrency-limits, Gradient2Limit. The latency at the least concurrency: Envoy, adaptive concurrency
/// filter.
///
/// Pure: time is handed in, and never runs back. One thread.
class concurrency_limit {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using nanoseconds = std::chrono::nanoseconds;

  static constexpr std::chrono::milliseconds window{100};
  static constexpr std::chrono::seconds floor_life{30};
  static constexpr std::uint32_t least = 16;

  /// A target of 0 never limits.
  concurrency_limit(nanoseconds target, std::uint32_t most) noexcept : target_(target), most_(most) {}

  /// Whether one more may be let in beside `in_flight`.
  [[nodiscard]] bool admits(std::uint32_t in_flight) const noexcept { return in_flight < limit_; }
  /// One was let in and is the `in_flight`th.
  void admitted(std::uint32_t in_flight) noexcept {
    if (in_flight > peak_)
      peak_ = in_flight;
  }
  /// One had its answer; `in_flight` others are still being worked on. Its latency begins when it could have
  /// been read.
  void answered(time_point now, nanoseconds latency, std::uint32_t in_flight) noexcept {
    if (target_ == nanoseconds{0})
      return;
    if (now - since_ >= window) {
      end_window(now);
      peak_ = in_flight;
    }
    sum_ += latency;
    ++count_;
  }
  /// `unlimited` until a limit was needed.
  [[nodiscard]] std::uint32_t value() const noexcept { return limit_; }

  static constexpr std::uint32_t unlimited = std::numeric_limits<std::uint32_t>::max();

private:
  void end_window(time_point now) noexcept;
  [[nodiscard]] nanoseconds threshold(time_point now) const noexcept;
  void cut(nanoseconds mean, nanoseconds bound) noexcept;
  void grow(std::int64_t windows) noexcept;

  nanoseconds target_;
  std::uint32_t most_;
  std::uint32_t limit_ = unlimited;
  std::uint32_t peak_ = 0; ///< in flight, of this window
  std::uint32_t count_ = 0;
  nanoseconds sum_{};  ///< of latencies
  time_point since_{}; ///< this window's beginning
  bool was_slow_ = false;
  nanoseconds floor_{}; ///< mean latency at the least concurrency
  time_point floor_at_{};
};

} // namespace weappd::http
