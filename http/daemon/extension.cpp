#include "http/daemon/extension.hpp"

#include "actors/allow_all_limiter.hpp"
#include "messages/meter/metered_actor.hpp"

#include <algorithm>
#include <stdexcept>

namespace weappd {
namespace {

void use_allow_all(factories& make) {
  make.rate_limiter = [](caf::actor_system& system, const services_ptr&, std::size_t) {
    return spawn_metered(system, allow_all_limiter);
  };
}

/// Those that can be chosen besides the standard one: built in, then the extension's.
std::vector<implementation> all_implementations(const extension& with,
                                                const std::function<void(factories&)>& simulated) {
  std::vector<implementation> all{
      {.role = "rate_limiter", .name = "allow_all", .use = use_allow_all},
      {.role = "wechat_gateway", .name = std::string(simulated_gateway), .use = simulated},
  };
  all.insert(all.end(), with.implementations.begin(), with.implementations.end());
  return all;
}

std::string names_for(std::string_view role, const std::vector<implementation>& all) {
  std::string names(standard_implementation);
  for (const auto& one : all)
    if (one.role == role)
      names.append(", ").append(one.name);
  return names;
}

const implementation* find(const std::vector<implementation>& all, std::string_view role,
                           std::string_view name) {
  const auto found = std::ranges::find_if(
      all, [&](const implementation& one) { return one.role == role && one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

/// Calls `act` for each role that is not standard.
template <class F>
void for_each_choice(const options& values, const F& act) {
  for (const auto& [role, chosen] : values.actors)
    if (chosen.implementation != standard_implementation)
      act(role, chosen.implementation);
}

} // namespace

std::string_view chosen_implementation(const options& values, std::string_view role) {
  const auto found = values.actors.find(role);
  return found == values.actors.end() ? standard_implementation
                                      : std::string_view(found->second.implementation);
}

void use_implementations(factories& make, const options& values, const extension& with,
                         const std::function<void(factories&)>& simulated) {
  const auto all = all_implementations(with, simulated);
  for_each_choice(values, [&](const std::string& role, const std::string& name) {
    const auto* one = find(all, role, name);
    if (one == nullptr)
      throw std::runtime_error("actors." + role + ".implementation: there is no '" + name + "'");
    one->use(make);
  });
}

std::vector<config_problem> unknown_implementations(const options& values, const extension& with) {
  const auto all = all_implementations(with, {});
  std::vector<config_problem> problems;
  for_each_choice(values, [&](const std::string& role, const std::string& name) {
    if (find(all, role, name) != nullptr)
      return;
    std::string text = "there is no '";
    text.append(name).append("' for this role; allowed: ").append(names_for(role, all));
    problems.push_back({"actors." + role + ".implementation", std::move(text)});
  });
  return problems;
}

std::string implementations_as_markdown(const extension& with) {
  const auto all = all_implementations(with, {});
  std::string out = "| role | implementations |\n|---|---|\n";
  for (const auto role : role_names)
    out.append("| `").append(role).append("` | ").append(names_for(role, all)).append(" |\n");
  return out;
}

} // namespace weappd
