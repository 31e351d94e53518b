#include "actors/logic/refresh_schedule.hpp"

#include <algorithm>

namespace weappd {
namespace {

using namespace std::chrono_literals;
using duration = refresh_schedule::duration;

/// The platform makes a new token when less than 5 minutes are left; half a minute later our clocks agree on
/// it.
constexpr duration rotation_point = 4min + 30s;
/// Fetches that could fall together are max_spread over this much.
constexpr duration max_spread = 30s;

/// Evenly from 0 to less than `span`.
duration part_of(duration span, std::uint32_t random) {
  return duration{span.count() * static_cast<duration::rep>(random) >> 32};
}

} // namespace

refresh_schedule::refresh_schedule(const token_options& config)
    : margin_(std::chrono::seconds{config.refresh_margin_s}), retry_min_(std::max(config.retry_min_ms, 1U)),
      retry_max_(std::max(config.retry_max_ms, config.retry_min_ms)) {}

duration refresh_schedule::after_success(duration remaining, bool same, std::uint32_t random) {
  failures_ = 0;
  if (remaining > rotation_point && remaining <= margin_)
    platform_keeps_tokens_ = same;
  auto wait = remaining / 2; // a life so short that no rule fits: ask while there is some left
  if (remaining > margin_ && !platform_keeps_tokens_)
    wait = remaining - margin_ + part_of(std::min(max_spread, margin_ / 20), random);
  else if (remaining > rotation_point)
    wait = remaining - rotation_point + part_of(max_spread, random);
  return std::max(wait, retry_min_);
}

duration refresh_schedule::after_failure(bool misconfigured, std::uint32_t random) {
  failures_ = std::min(failures_ + 1, 30U);
  if (misconfigured)
    return retry_max_ / 2 + part_of(retry_max_ / 2, random);
  const auto longest = std::min(retry_max_, retry_min_ * (duration::rep{1} << failures_));
  return retry_min_ + part_of(longest - retry_min_, random);
}

} // namespace weappd
