#include "http/server/role_summary.hpp"

#include <algorithm>

namespace weappd::http {
namespace {

role_summary& summary_of(std::vector<role_summary>& roles, const std::string& actor) {
  const auto role = actor.substr(0, actor.find('/'));
  const auto found = std::ranges::find(roles, role, &role_summary::role);
  if (found != roles.end())
    return *found;
  roles.emplace_back().role = role;
  return roles.back();
}

void add(role_summary& to, const actor_figures& one) {
  ++to.measured;
  to.queued += one.queued;
  to.in_flight += one.in_flight;
  to.handled_per_s += one.handled_per_s;
  to.busy += one.busy; // of all together, until all are known
  to.busiest = std::max(to.busiest, one.busy);
  to.waits.add(one.waits);
  to.service.add(one.service);
  to.totals += one.totals;
}

} // namespace

std::vector<role_summary> summarise(const child_list& all, actor_meter::moment now) {
  std::vector<role_summary> roles;
  for (const auto& child : all.children) {
    auto& role = summary_of(roles, child.name);
    role.instances += child.retired ? 0U : 1U;
    role.running += child.handle ? 1U : 0U;
    role.restarts += child.restarts;
    role.recent_deaths += child.recent_deaths;
    role.totals += child.before;
    if (child.meter)
      add(role, child.meter->read(now));
  }
  for (auto& role : roles)
    role.busy /= static_cast<double>(std::max<std::size_t>(role.measured, 1));
  return roles;
}

} // namespace weappd::http
