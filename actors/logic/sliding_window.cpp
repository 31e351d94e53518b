#include "actors/logic/sliding_window.hpp"

#include <algorithm>

namespace weappd {
namespace {

constexpr std::size_t first_capacity = 4;
constexpr std::size_t most_growth = 256; // bounds what must make way for it, and what is copied at a time

std::uint32_t in_whole_seconds(std::chrono::nanoseconds wait) {
  return static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(wait).count());
}

} // namespace

sliding_window_policy::sliding_window_policy(const limit_options& from)
    : limit_(std::clamp(from.limit, 1U, most_in_sliding_window)),
      window_(std::chrono::seconds{std::max(from.window_s, 1U)}) {}

void sliding_window_state::stamp_log::grow(std::size_t capacity) {
  std::vector<time> next(capacity);
  for (std::size_t i = 0; i < size; ++i)
    next[i] = at(i);
  ring.swap(next);
  first = 0;
}

std::size_t sliding_window_state::gone(time now, const sliding_window_policy& policy) const {
  std::size_t low = 0;
  for (auto high = log_ ? log_->size : 0; low < high;) {
    const auto middle = low + (high - low) / 2;
    if (now - log_->at(middle) >= policy.window_)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

limit_verdict sliding_window_state::judge(time now, const sliding_window_policy& policy) const {
  const auto left = gone(now, policy);
  const auto inside = log_ ? log_->size - left : 0;
  limit_verdict verdict;
  verdict.allowed = inside < policy.limit_;
  if (verdict.allowed) {
    verdict.remaining = policy.limit_ - static_cast<std::uint32_t>(inside) - 1;
    verdict.reset_s = in_whole_seconds(policy.window_);
    return verdict;
  }
  verdict.reset_s = in_whole_seconds(until_full(now, policy));
  verdict.retry_after_s = in_whole_seconds(log_->at(log_->size - policy.limit_) + policy.window_ - now);
  return verdict;
}

void sliding_window_state::count(time now, const sliding_window_policy& policy) {
  const auto more = growth(now, policy);
  if (!log_)
    log_ = std::make_unique<stamp_log>();
  auto& log = *log_;
  if (const auto left = gone(now, policy); left != 0) {
    log.first = (log.first + left) % log.ring.size();
    log.size -= left;
  }
  if (more != 0)
    log.grow(log.ring.size() + more);
  log.ring[(log.first + log.size) % log.ring.size()] = now;
  ++log.size;
}

sliding_window_state::time sliding_window_state::until_full(time now,
                                                            const sliding_window_policy& policy) const {
  if (!log_ || log_->size == 0)
    return time::zero();
  return std::max(log_->at(log_->size - 1) + policy.window_ - now, time::zero());
}

std::size_t sliding_window_state::growth(time now, const sliding_window_policy& policy) const {
  const auto now_there = capacity();
  if (log_ && (log_->size < now_there || gone(now, policy) != 0))
    return 0;
  const auto wanted = now_there == 0 ? first_capacity : now_there + std::min(now_there, most_growth);
  return std::min<std::size_t>(wanted, policy.limit_) - now_there;
}

void sliding_window_state::drop_oldest() {
  if (!log_ || log_->size == 0)
    return;
  log_->first = (log_->first + 1) % log_->ring.size();
  --log_->size;
}

} // namespace weappd
