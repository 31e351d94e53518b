#include "actors/logic/pool_sizing.hpp"

#include <algorithm>

namespace weappd {
namespace {

bool is_slow(const pool_sizing_rules& rules, const pool_look& seen) {
  return seen.messages >= pool_sizing::messages_to_grow && seen.wait_p99 > rules.target_wait &&
         seen.busy > pool_sizing::busy_to_grow;
}

bool is_calm(const pool_sizing_rules& rules, const pool_look& seen) {
  return seen.wait_p99 <= rules.target_wait / 2 && seen.busy < pool_sizing::busy_to_shrink;
}

} // namespace

void pool_sizing::begin_anew(time now) {
  blind_until_ = now + figures_span;
  slow_looks_ = 0;
  calm_since_.reset();
}

std::optional<std::size_t> pool_sizing::look(const pool_sizing_rules& rules, const pool_look& seen,
                                             time now) {
  if (rules_ && (seen.size != size_ || rules != *rules_)) // somebody else has changed it
    begin_anew(now);
  rules_ = rules;
  size_ = seen.size;
  if (const auto within = std::clamp(seen.size, rules.least, rules.most); within != seen.size)
    return within;
  if (now < blind_until_)
    return std::nullopt;
  slow_looks_ = is_slow(rules, seen) ? slow_looks_ + 1 : 0;
  if (!is_calm(rules, seen))
    calm_since_.reset();
  else if (!calm_since_)
    calm_since_ = now;
  auto next = seen.size;
  if (slow_looks_ >= looks_to_grow)
    next = std::min(seen.size * 2, rules.most);
  else if (calm_since_ && now - *calm_since_ >= rules.shrink_after)
    next = std::max((seen.size + 1) / 2, rules.least);
  if (next == seen.size)
    return std::nullopt;
  begin_anew(now);
  return next;
}

} // namespace weappd
