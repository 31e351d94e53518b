#include "actors/logic/gcra.hpp"

#include "actors/logic/scaled_time.hpp"

#include <algorithm>

namespace weappd {

using namespace scaled_time;

gcra_policy::gcra_policy(const limit_options& from)
    : limit_(std::max(from.limit, 1U)), cost_(std::uint64_t{std::max(from.window_s, 1U)} * ns_per_s),
      full_(uint128{std::max(from.burst, 1U)} * cost_) {}

limit_verdict gcra_state::judge(time now, const gcra_policy& policy) const {
  const auto used = left(full_at_.get(), from(now, policy.limit_)); // of the burst; flows back as time goes
  limit_verdict verdict;
  verdict.allowed = used + policy.cost_ <= policy.full_;
  const auto in_use = verdict.allowed ? used + policy.cost_ : used;
  if (!verdict.allowed)
    verdict.retry_after_s = to_seconds(used + policy.cost_ - policy.full_, policy.limit_);
  if (in_use < policy.full_) // at most the burst, which has 32 bits
    verdict.remaining = static_cast<std::uint32_t>((policy.full_ - in_use) / policy.cost_);
  verdict.reset_s = to_seconds(in_use, policy.limit_);
  return verdict;
}

void gcra_state::count(time now, const gcra_policy& policy) {
  full_at_ = packed_uint128(std::max(full_at_.get(), from(now, policy.limit_)) + policy.cost_);
}

gcra_state::time gcra_state::until_full(time now, const gcra_policy& policy) const {
  return to_ns(left(full_at_.get(), from(now, policy.limit_)), policy.limit_);
}

} // namespace weappd
