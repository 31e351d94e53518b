#include "config/limit_set.hpp"

#include <algorithm>

namespace weappd {
namespace {

bool counts_alike(const limit_options& a, const limit_options& b) {
  return a.key == b.key && a.algorithm == b.algorithm && a.limit == b.limit && a.window_s == b.window_s &&
         a.burst == b.burst && a.max_delay_ms == b.max_delay_ms;
}

} // namespace

limit_set::limit_set(const std::map<std::string, limit_options>& configured) {
  for (const auto& [name, limit] : configured)
    policies_.push_back({.id = ++last_, .name = name, .options = limit});
}

limit_set::limit_set(const std::map<std::string, limit_options>& configured, const limit_set& before)
    : last_(before.last_) {
  for (const auto& [name, limit] : configured) {
    const auto old = std::ranges::find(before.policies_, name, &numbered_limit::name);
    const bool kept = old != before.policies_.end() && counts_alike(old->options, limit);
    policies_.push_back({.id = kept ? old->id : ++last_, .name = name, .options = limit});
  }
}

} // namespace weappd
