#include "actors/logic/used_solutions.hpp"

#include <algorithm>

namespace weappd {

const crypto::digest* used_solutions::use_of(const crypto::digest& solution, time now) const {
  const auto known = uses_.find(solution);
  return known == uses_.end() || known->second.until <= now ? nullptr : &known->second.attempt;
}

void used_solutions::add(const crypto::digest& solution, const crypto::digest& attempt, time until,
                         std::size_t most) {
  if (const auto before = uses_.find(solution); before != uses_.end()) { // it is over, and not yet tidied
    const auto [from, to] = by_end_.equal_range(before->second.until);
    by_end_.erase(std::find_if(from, to, [&](const auto& one) { return one.second == solution; }));
    uses_.erase(before);
  }
  uses_.emplace(solution, use{attempt, until});
  by_end_.emplace(until, solution);
  while (uses_.size() > std::max<std::size_t>(most, 1)) {
    floor_ = std::max(floor_.value_or(by_end_.begin()->first), by_end_.begin()->first);
    forget_first();
  }
}

void used_solutions::tidy(time now) {
  while (!by_end_.empty() && by_end_.begin()->first <= now)
    forget_first();
}

void used_solutions::forget_first() {
  uses_.erase(by_end_.begin()->second);
  by_end_.erase(by_end_.begin());
}

} // namespace weappd
