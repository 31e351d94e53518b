#include "http/server/router.hpp"

#include <algorithm>
#include <cassert>

namespace weappd::http {

router::router(std::vector<route> routes) : routes_(std::move(routes)) {
  for (const auto& one : routes_) {
    const auto open = one.pattern.find('{');
    if (open == std::string_view::npos) {
      add(fixed_[one.pattern], one);
      continue;
    }
    const auto close = one.pattern.find('}', open);
    assert(close != std::string_view::npos && "a parameter ends with }");
    const auto before = one.pattern.substr(0, open);
    const auto after = one.pattern.substr(close + 1);
    auto same = [&](const parametric& p) { return p.before == before && p.after == after; };
    auto it = std::find_if(parametric_.begin(), parametric_.end(), same);
    if (it == parametric_.end())
      it = parametric_.insert(it, parametric{before, after, {}});
    add(it->target, one);
  }
  // Every resource answers OPTIONS.
  for (auto& [pattern, target] : fixed_)
    target.allow += ", OPTIONS";
  for (auto& p : parametric_)
    p.target.allow += ", OPTIONS";
}

void router::add(resource& target, const route& one) {
  auto& place = target.by_method[static_cast<std::size_t>(one.verb)];
  assert(place == nullptr && "one route for one method and pattern");
  place = &one;
  if (!target.allow.empty())
    target.allow += ", ";
  target.allow += to_string(one.verb);
  if (one.verb == method::get)
    target.allow += ", HEAD";
}

router::match router::answer(const resource& target, method verb, std::string_view parameter) {
  const auto wanted = verb == method::head ? method::get : verb;
  return {target.by_method[static_cast<std::size_t>(wanted)], parameter, target.allow};
}

router::match router::find(method verb, std::string_view path) const {
  if (auto it = fixed_.find(path); it != fixed_.end())
    return answer(it->second, verb, {});
  for (const auto& p : parametric_) {
    if (path.size() <= p.before.size() + p.after.size() || !path.starts_with(p.before) ||
        !path.ends_with(p.after))
      continue;
    const auto parameter = path.substr(p.before.size(), path.size() - p.before.size() - p.after.size());
    if (parameter.find('/') == std::string_view::npos)
      return answer(p.target, verb, parameter);
  }
  return {};
}

} // namespace weappd::http
