#include "actors/logic/restart_plan.hpp"

#include <algorithm>

namespace weappd {
namespace {

using namespace std::chrono_literals;

constexpr auto remembered = 1min;
constexpr auto first_wait = 10ms;
constexpr auto longest_wait = 500ms;

} // namespace

std::chrono::milliseconds restart_plan::died(time now) {
  while (!deaths_.empty() && now - deaths_.front() >= remembered)
    deaths_.pop_front();
  deaths_.push_back(now);
  if (deaths_.size() > many)
    return longest_wait;
  return deaths_.size() == 1 ? 0ms : first_wait * (1 << (deaths_.size() - 2));
}

std::size_t restart_plan::recent(time now) const {
  return static_cast<std::size_t>(
      std::count_if(deaths_.begin(), deaths_.end(), [now](time death) { return now - death < remembered; }));
}

} // namespace weappd
