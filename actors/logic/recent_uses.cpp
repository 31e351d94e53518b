#include "actors/logic/recent_uses.hpp"

#include <algorithm>

namespace weappd {

const crypto::digest* recent_uses::use_of(const crypto::digest& thing, time now) const {
  const auto known = uses_.find(thing);
  return known == uses_.end() || known->second.until <= now ? nullptr : &known->second.used_for;
}

void recent_uses::add(const crypto::digest& thing, const crypto::digest& used_for, time issued, time until,
                      std::size_t most) {
  forget(thing); // if it is known, that is over and not yet tidied
  uses_.emplace(thing, use{used_for, until, by_issue_.emplace(issued, thing)});
  while (uses_.size() > std::max<std::size_t>(most, 1)) {
    const auto first = *by_issue_.begin();
    floor_ = std::max(floor_.value_or(first.first), first.first);
    forget(first.second);
  }
}

void recent_uses::tidy(time now) {
  while (!by_issue_.empty()) {
    const auto first = by_issue_.begin()->second;
    if (uses_.at(first).until > now)
      return;
    forget(first);
  }
}

void recent_uses::forget(const crypto::digest& thing) {
  const auto known = uses_.find(thing);
  if (known == uses_.end())
    return;
  by_issue_.erase(known->second.place);
  uses_.erase(known);
}

} // namespace weappd
