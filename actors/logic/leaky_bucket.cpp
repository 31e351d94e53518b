#include "actors/logic/leaky_bucket.hpp"

#include "actors/logic/scaled_time.hpp"

#include <algorithm>

namespace weappd {

using namespace scaled_time;

leaky_bucket_policy::leaky_bucket_policy(const limit_options& from)
    : limit_(std::max(from.limit, 1U)), cost_(std::uint64_t{std::max(from.window_s, 1U)} * ns_per_s),
      longest_(std::min(uint128{from.burst} * cost_,
                        scaled_time::from(std::chrono::milliseconds{from.max_delay_ms}, limit_))) {}

limit_verdict leaky_bucket_state::judge(time now, const leaky_bucket_policy& policy) const {
  const auto wait = left(next_at_.get(), from(now, policy.limit_));
  limit_verdict verdict;
  verdict.allowed = wait <= policy.longest_;
  const auto next_wait = verdict.allowed ? wait + policy.cost_ : wait;
  if (verdict.allowed)
    verdict.delay = to_ns(wait + policy.limit_ - 1, policy.limit_);
  else
    verdict.retry_after_s = to_seconds(wait - policy.longest_, policy.limit_);
  if (next_wait <= policy.longest_) // at most the burst, which has 32 bits
    verdict.remaining = static_cast<std::uint32_t>((policy.longest_ - next_wait) / policy.cost_ + 1);
  verdict.reset_s = to_seconds(next_wait, policy.limit_);
  return verdict;
}

void leaky_bucket_state::count(time now, const leaky_bucket_policy& policy) {
  next_at_ = packed_uint128(std::max(next_at_.get(), from(now, policy.limit_)) + policy.cost_);
}

leaky_bucket_state::time leaky_bucket_state::until_full(time now, const leaky_bucket_policy& policy) const {
  return to_ns(left(next_at_.get(), from(now, policy.limit_)), policy.limit_);
}

} // namespace weappd
