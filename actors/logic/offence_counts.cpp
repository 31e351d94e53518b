#include "actors/logic/offence_counts.hpp"

#include <algorithm>

namespace weappd {
namespace {

/// Moments of the windows of all addresses together: 16 MB.
constexpr std::size_t max_stamps = 2'000'000;

limit_policy policy_below(std::uint32_t enough, std::uint32_t window_s) {
  limit_options window;
  window.algorithm = limit_algorithm::sliding_window;
  window.limit = std::max(enough, 2U) - 1;
  window.window_s = window_s;
  return make_limit_policy(window);
}

} // namespace

offence_counts::offence_counts(const ban_options& rules, const limited_key_hash& hash)
    : enough_{rules.refusals, rules.failed_logins}, policies_{{policy_below(rules.refusals, rules.window_s),
                                                               policy_below(rules.failed_logins,
                                                                            rules.window_s)}},
      table_({.keys = rules.max_watched, .stamps = max_stamps}, hash) {}

bool offence_counts::add(const rate_key& who, offence_kind what, time now) {
  const auto kind = static_cast<std::size_t>(what);
  const auto enough = enough_[kind];
  if (enough == 0)
    return false;
  if (enough > 1 && table_.decide({who, static_cast<policy_id>(kind + 1)}, now, policies_).allowed)
    return false;
  forget(who);
  return true;
}

void offence_counts::forget(const rate_key& who) {
  for (policy_id policy = 1; policy <= kinds; ++policy)
    table_.forget({who, policy});
}

} // namespace weappd
