#include "http/server/concurrency_limit.hpp"

#include <algorithm>

namespace weappd::http {
namespace {

constexpr double deepest_cut = 0.5;
constexpr std::int64_t enough_growth =
    100; // windows; a tenth each leads from the least to a hundred thousand

} // namespace

void concurrency_limit::end_window(time_point now) noexcept {
  const auto windows = (now - since_) / window;
  if (count_ != 0) {
    const auto mean = sum_ / count_;
    if (limit_ <= least) {
      floor_ = mean;
      floor_at_ = now;
    }
    const auto bound = threshold(now);
    const bool is_slow = mean > bound && peak_ > least;
    const bool stands = is_slow && was_slow_;
    if (stands)
      cut(mean, bound);
    else if (!is_slow)
      grow(windows);
    was_slow_ = is_slow && !stands;
  } else {
    grow(windows);
  }
  sum_ = {};
  count_ = 0;
  since_ = now;
}

concurrency_limit::nanoseconds concurrency_limit::threshold(time_point now) const noexcept {
  return now - floor_at_ < floor_life ? std::max(target_, 2 * floor_) : target_;
}

void concurrency_limit::cut(nanoseconds mean, nanoseconds bound) noexcept {
  const auto gradient =
      std::max(deepest_cut, static_cast<double>(bound.count()) / static_cast<double>(mean.count()));
  const auto from = std::min({limit_, peak_, most_});
  limit_ = std::max(least, static_cast<std::uint32_t>(from * gradient));
}

void concurrency_limit::grow(std::int64_t windows) noexcept {
  for (auto i = std::min(windows, enough_growth); i > 0 && limit_ != unlimited; --i) {
    limit_ += std::max(1U, limit_ / 10);
    if (limit_ >= most_)
      limit_ = unlimited;
  }
}

} // namespace weappd::http
