#include "actors/logic/fixed_window.hpp"

#include <algorithm>

namespace weappd {
namespace {

std::uint32_t rounded_up_to_s(std::chrono::nanoseconds wait) {
  return static_cast<std::uint32_t>(std::chrono::ceil<std::chrono::seconds>(wait).count());
}

} // namespace

fixed_window_policy::fixed_window_policy(const limit_options& from)
    : limit_(std::max(from.limit, 1U)), window_(std::chrono::seconds{std::max(from.window_s, 1U)}) {}

limit_verdict fixed_window_state::judge(time now, const fixed_window_policy& policy) const {
  const auto wait = until_full(now, policy);
  const auto passed = wait == time::zero() ? 0U : passed_;
  limit_verdict verdict;
  verdict.allowed = passed < policy.limit_;
  verdict.remaining = verdict.allowed ? policy.limit_ - passed - 1 : 0;
  verdict.reset_s = rounded_up_to_s(passed == 0 ? policy.window_ : wait);
  if (!verdict.allowed)
    verdict.retry_after_s = verdict.reset_s;
  return verdict;
}

void fixed_window_state::count(time now, const fixed_window_policy& policy) {
  if (until_full(now, policy) == time::zero()) {
    begin_ = now;
    passed_ = 0;
  }
  ++passed_;
}

fixed_window_state::time fixed_window_state::until_full(time now, const fixed_window_policy& policy) const {
  const auto gone = now - begin_;
  return passed_ == 0 || gone >= policy.window_ ? time::zero() : policy.window_ - gone;
}

} // namespace weappd
