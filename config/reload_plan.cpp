#include "config/reload_plan.hpp"

#include "config/option_value.hpp"
#include "config/schema.hpp"

#include <algorithm>
#include <iterator>
#include <variant>

namespace weappd {
namespace {

bool is_same(const slot& one, const slot& other) {
  const auto secret_of = [](const slot& where) -> const secret* {
    if (const auto* file = std::get_if<secret_from_file>(&where))
      return file->target;
    const auto* given = std::get_if<secret*>(&where);
    return given == nullptr ? nullptr : *given;
  };
  if (const auto* hidden = secret_of(one))
    return *hidden == *secret_of(other);
  return written(one) == written(other);
}

/// "limits.search" of "limits.<name>.match.routes" and the names of an entry.
std::string entry_path(const option_row& row, const entry_names& names) {
  const auto end = row.path.find('>', row.path.rfind('<'));
  return particular(row.path.substr(0, end + 1), names);
}

class comparison {
public:
  comparison(const options& now, const options& next) : now_(now), next_(next) {}

  reload_plan plan() {
    for (const auto& row : schema())
      compare(row);
    return std::move(plan_);
  }

private:
  void compare(const option_row& row) {
    auto before = entries_of(row, now_);
    auto after = entries_of(row, next_);
    std::ranges::sort(before);
    std::ranges::sort(after);
    std::vector<entry_names> both;
    std::vector<entry_names> either;
    std::ranges::set_intersection(before, after, std::back_inserter(both));
    std::ranges::set_symmetric_difference(before, after, std::back_inserter(either));
    for (const auto& names : both)
      if (!is_same(row.find(now_, names), row.find(next_, names)))
        note(row, particular(row.path, names));
    for (const auto& names : either)
      note(row, entry_path(row, names));
  }

  void note(const option_row& row, const std::string& path) {
    auto& kind = row.at_reload ? plan_.at_reload : plan_.at_start;
    if (std::ranges::find(kind, path) == kind.end())
      kind.push_back(path);
  }

  options now_; // copies, because find() wants to write
  options next_;
  reload_plan plan_;
};

} // namespace

bool reload_plan::applies(std::string_view group) const {
  return std::ranges::any_of(at_reload, [group](const std::string& path) {
    return path.starts_with(group) && path.substr(group.size()).starts_with('.');
  });
}

void reload_plan::note_content(std::string_view path) {
  if (std::ranges::find(at_reload, path) == at_reload.end())
    at_reload.emplace_back(path);
}

reload_plan plan_reload(const options& now, const options& next) {
  return comparison(now, next).plan();
}

std::vector<config_problem> problems_until_restart(const options& now, const options& next) {
  std::vector<config_problem> problems;
  const auto most = now.http.handler_timeout_ms;
  const auto check = [&](const std::string& path, std::uint32_t wait) {
    if (wait >= most)
      problems.push_back({path, std::to_string(wait) +
                                    " is not less than http.handler_timeout_ms, which stays " +
                                    std::to_string(most) + " until the next start"});
  };
  if (next.challenge.kind == challenge_kind::captcha)
    check("challenge.captcha.timeout_ms", next.challenge.captcha.timeout_ms);
  for (const auto& [name, policy] : next.limits)
    if (policy.algorithm == limit_algorithm::leaky_bucket)
      check("limits." + name + ".max_delay_ms", policy.max_delay_ms);
  return problems;
}

} // namespace weappd
