#include "http/server/limit_rules.hpp"

#include "http/server/append.hpp"
#include "http/server/request_context.hpp"

#include <algorithm>

namespace weappd::http {
namespace {

constexpr std::string_view header_key = "header:";

limit_key parse_limit_key(std::string_view text) {
  constexpr std::array names{std::pair{std::string_view("user"), limit_key::user},
                             std::pair{std::string_view("client"), limit_key::client},
                             std::pair{std::string_view("app"), limit_key::app},
                             std::pair{std::string_view("global"), limit_key::global}};
  for (const auto& [name, key] : names)
    if (text == name)
      return key;
  return text.starts_with(header_key) ? limit_key::header : limit_key::ip;
}

std::string_view name_of(role who) {
  return who == role::anonymous ? "anonymous" : who == role::client ? "client" : "service";
}

bool holds(const std::vector<std::string>& list, std::string_view wanted) {
  return list.empty() || std::ranges::find(list, wanted) != list.end();
}

bool can_have(limit_key key, role who) {
  return key == limit_key::user     ? who == role::client
         : key == limit_key::client ? who == role::service
                                    : true;
}

bool counts(const limit_options& policy, const route& target, role who) {
  return target.limited && holds(policy.match.routes, target.name) &&
         holds(policy.match.methods, to_string(target.verb)) && holds(policy.match.roles, name_of(who)) &&
         can_have(parse_limit_key(policy.key), who);
}

told_policy told(const numbered_limit& policy) {
  auto quoted = '"' + policy.name + '"';
  auto line = "RateLimit-Policy: " + quoted + ";q=" + std::to_string(policy.options.limit) +
              ";w=" + std::to_string(policy.options.window_s) + "\r\n";
  return {.id = policy.id, .policy_line = std::move(line), .name = std::move(quoted)};
}

} // namespace

policy_list limit_group::of_app(app_number app) const {
  if (!by_app)
    return all;
  policy_list fitting;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (members[i].apps == 0 || (app != no_app && (members[i].apps >> app & 1) != 0))
      fitting.add(members[i].id);
  return fitting;
}

limit_rules::limit_rules(const limit_set& policies, const router& routes, const app_numbers& apps)
    : first_route_(routes.all().data()), table_(routes.all().size() * role_count) {
  for (const auto& policy : policies.all()) {
    by_app_ = by_app_ || !policy.options.match.apps.empty() ||
              parse_limit_key(policy.options.key) == limit_key::app;
    told_.push_back(told(policy));
    for (const auto& target : routes.all())
      for (const auto who : {role::anonymous, role::client, role::service})
        if (counts(policy.options, target, who))
          add(policy, apps, table_[routes.index_of(target) * role_count + static_cast<std::size_t>(who)]);
  }
  std::ranges::sort(told_, {}, &told_policy::id);
  for (auto& groups : table_)
    std::ranges::stable_sort(groups, {}, &limit_group::by);
}

void limit_rules::add(const numbered_limit& policy, const app_numbers& apps,
                      std::vector<limit_group>& groups) {
  limit_group::member added{.id = policy.id};
  for (const auto& app : policy.options.match.apps)
    if (const auto number = apps.find(app); number != no_app)
      added.apps |= std::uint64_t{1} << number;
  const auto by = parse_limit_key(policy.options.key);
  const auto header = by == limit_key::header
                          ? header_index(std::string_view(policy.options.key).substr(header_key.size()))
                          : std::uint8_t{0};
  auto group = std::ranges::find_if(groups, [&](const limit_group& one) {
    return one.by == by && one.header == header && !one.all.is_full();
  });
  if (group == groups.end())
    group = groups.insert(groups.end(), limit_group{.by = by, .header = header});
  group->members[group->all.size()] = added;
  group->by_app = group->by_app || added.apps != 0;
  group->all.add(added.id);
}

std::uint8_t limit_rules::header_index(std::string_view name) {
  auto found = std::ranges::find(headers_, name);
  if (found == headers_.end())
    found = headers_.insert(found, std::string(name)); // at most one for each policy
  return static_cast<std::uint8_t>(found - headers_.begin());
}

const told_policy* limit_rules::find(policy_id id) const noexcept {
  const auto found = std::ranges::lower_bound(told_, id, {}, &told_policy::id);
  return found == told_.end() || found->id != id ? nullptr : &*found;
}

std::vector<unknown_route> unknown_routes(const std::map<std::string, limit_options>& limits,
                                          const std::vector<route>& known) {
  std::vector<unknown_route> unknown;
  for (const auto& [policy, limit] : limits)
    for (const auto& name : limit.match.routes)
      if (std::ranges::find(known, name, &route::name) == known.end())
        unknown.push_back({.path = "limits." + policy + ".match.routes", .name = name});
  return unknown;
}

role role_of(const request_context& request) {
  if (request.target->allowed == access::open || request.refused == ec::invalid_access_token)
    return role::anonymous;
  return request.service != nullptr ? role::service : role::client;
}

std::optional<rate_key> key_of(const request_context& request, const limit_group& group) {
  switch (group.by) {
  case limit_key::ip:
    break;
  case limit_key::user:
    return rate_key{0, request.who.user.value};
  case limit_key::client:
    return request.service->key;
  case limit_key::header:
    return request.header_keys.at(group.header);
  case limit_key::app:
    return request.app == no_app ? std::nullopt : std::optional(rate_key{0, request.app});
  case limit_key::global:
    return rate_key{};
  }
  return request.client;
}

std::string limit_fields(const told_policy* policy, const verdict& answer) {
  std::string fields;
  if (policy != nullptr) {
    const decimal wait(answer.allowed ? answer.reset_s : answer.retry_after_s);
    append_all(fields, {policy->policy_line, "RateLimit: ", policy->name, ";r=", decimal(answer.remaining),
                        ";t=", wait, "\r\n"});
  }
  if (!answer.allowed)
    append_all(fields, {"Retry-After: ", decimal(answer.retry_after_s), "\r\n"});
  return fields;
}

} // namespace weappd::http
