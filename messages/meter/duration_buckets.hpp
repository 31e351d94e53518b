#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <numeric>

/// Durations in buckets, four to a doubling from 64 ns to two minutes: what is read from them is right to an
/// eighth, at a fixed size and without a comparison of floating point.
namespace weappd {

inline constexpr std::size_t duration_bucket_count = 120;

/// Shorter ones than 64 ns are in the first bucket, longer ones than two minutes in the last.
[[nodiscard]] constexpr std::size_t bucket_of(std::chrono::nanoseconds duration) noexcept {
  const auto units = static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)) >> 6U;
  if (units < 4)
    return static_cast<std::size_t>(units);
  const auto octave = static_cast<unsigned>(std::bit_width(units)) - 1U;
  const auto quarter = (units >> (octave - 2U)) & 3U;
  return std::min<std::size_t>((octave - 1U) * std::size_t{4} + quarter, duration_bucket_count - 1);
}

/// The middle of a bucket.
[[nodiscard]] constexpr std::chrono::nanoseconds duration_of(std::size_t bucket) noexcept {
  constexpr std::int64_t unit = 64;
  if (bucket < 4)
    return std::chrono::nanoseconds(static_cast<std::int64_t>(bucket) * unit + unit / 2);
  const auto octave = bucket / 4 + 1;
  const auto width = unit << (octave - 2);
  return std::chrono::nanoseconds((4 + static_cast<std::int64_t>(bucket % 4)) * width + width / 2);
}

/// How many durations fell into each bucket.
class duration_counts {
public:
  void add(std::size_t bucket, std::uint64_t how_many) noexcept { counts_[bucket] += how_many; }
  void add(const duration_counts& other) noexcept {
    for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket)
      counts_[bucket] += other.counts_[bucket];
  }
  [[nodiscard]] std::uint64_t count() const noexcept {
    return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
  }
  /// No more than the share `part` (0.5: the median) took longer. Nothing was counted: 0.
  [[nodiscard]] std::chrono::nanoseconds quantile(double part) const noexcept {
    const auto all = count();
    if (all == 0)
      return std::chrono::nanoseconds(0);
    const auto wanted = std::clamp<double>(part * static_cast<double>(all), 1, static_cast<double>(all));
    std::uint64_t so_far = 0;
    std::size_t bucket = 0;
    for (; bucket + 1 < counts_.size(); ++bucket)
      if (so_far += counts_[bucket]; static_cast<double>(so_far) >= wanted)
        break;
    return duration_of(bucket);
  }

private:
  std::array<std::uint64_t, duration_bucket_count> counts_{};
};

} // namespace weappd
