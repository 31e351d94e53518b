#include "actors/logic/gcra.hpp"

#include <algorithm>
#include <limits>

namespace weappd {
namespace {

constexpr std::uint64_t ns_per_s = 1'000'000'000;

uint128 scaled(gcra_state::time now, std::uint64_t limit) {
  return uint128{static_cast<std::uint64_t>(std::max(now.count(), gcra_state::time::rep{0}))} * limit;
}

/// Seconds, rounded up.
std::uint32_t to_seconds(uint128 parts, std::uint64_t limit) {
  const uint128 second = uint128{limit} * ns_per_s;
  const uint128 seconds = (parts + second - 1) / second;
  return static_cast<std::uint32_t>(std::min<uint128>(seconds, std::numeric_limits<std::uint32_t>::max()));
}

} // namespace

gcra_policy::gcra_policy(const limit_options& from)
    : limit_(std::max(from.limit, 1U)), cost_(std::uint64_t{std::max(from.window_s, 1U)} * ns_per_s),
      full_(uint128{std::max(from.burst, 1U)} * cost_) {}

gcra_verdict gcra_state::decide(time now, const gcra_policy& policy) {
  const auto at = scaled(now, policy.limit_);
  const auto used = std::max(full_at_, at) - at; // of the burst; flows back as time goes
  gcra_verdict verdict;
  verdict.allowed = used + policy.cost_ <= policy.full_;
  const auto left_in_use = verdict.allowed ? used + policy.cost_ : used;
  if (verdict.allowed)
    full_at_ = at + left_in_use;
  else
    verdict.retry_after_s = to_seconds(used + policy.cost_ - policy.full_, policy.limit_);
  if (left_in_use < policy.full_) // at most the burst, which has 32 bits
    verdict.remaining = static_cast<std::uint32_t>((policy.full_ - left_in_use) / policy.cost_);
  verdict.reset_s = to_seconds(left_in_use, policy.limit_);
  return verdict;
}

gcra_state::time gcra_state::until_full(time now, const gcra_policy& policy) const {
  const auto at = scaled(now, policy.limit_);
  const auto wait = (std::max(full_at_, at) - at) / policy.limit_;
  return time{static_cast<time::rep>(std::min<uint128>(wait, std::numeric_limits<time::rep>::max()))};
}

} // namespace weappd
