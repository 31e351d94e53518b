#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace weappd {

/// How many refusals an operator should read of, at a bounded pace: the first one at once, then what has come
/// together not more often than each `pace`. Without a timer: the last ones of a wave are told with the next
/// wave. Pure; time is handed in.
class paced_report {
public:
  static constexpr std::chrono::seconds pace{10};

  struct counts {
    std::uint64_t refused = 0;
    std::uint64_t would_refuse = 0;
  };

  /// One more; what to report now, if it is time.
  [[nodiscard]] std::optional<counts> add(bool is_shadow, std::chrono::nanoseconds now) {
    ++(is_shadow ? untold_.would_refuse : untold_.refused);
    if (told_at_ && now - *told_at_ < pace)
      return std::nullopt;
    told_at_ = now;
    const auto told = untold_;
    untold_ = {};
    return told;
  }

private:
  counts untold_;
  std::optional<std::chrono::nanoseconds> told_at_;
};

} // namespace weappd
