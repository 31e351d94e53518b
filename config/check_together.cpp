#include "config/option_reader.hpp"

#include <cstddef>

namespace weappd {
namespace {

constexpr std::size_t max_entries = 64;

void check_members(option_reader& reader) {
  for (const auto& [key, app] : reader.values().apps) {
    const auto path = "apps." + key;
    if (app.app_id.empty() && !reader.has_problem(path + ".app_id"))
      reader.complain(path + ".app_id", "is missing");
    if (app.app_secret.empty() && !reader.has_problem(path + ".secret") &&
        !reader.has_problem(path + ".secret_file"))
      reader.complain(path + ".secret", "is missing; give secret or secret_file");
  }
  for (const auto& [name, policy] : reader.values().limits)
    if (policy.limit == 0 && !reader.has_problem("limits." + name + ".limit"))
      reader.complain("limits." + name + ".limit", "is missing");
}

void check_different(option_reader& reader) {
  std::map<std::string, std::string> first;
  const auto apps = reader.values().apps;
  for (const auto& key : reader.app_order()) {
    const auto& id = apps.at(key).app_id;
    const auto [found, fresh] = first.try_emplace(id, key);
    if (!fresh && !id.empty())
      reader.complain("apps." + key + ".app_id", "'" + printable(id) + "' is the app_id of apps." +
                                                     found->second + " too; allowed: each only once");
  }
}

/// Finds the app of logins that name none.
void choose_default_app(option_reader& reader) {
  auto& values = reader.values();
  if (values.apps.empty())
    return reader.complain("apps", "no app is configured; allowed: at least one, with app_id and secret");
  if (values.default_app.empty()) {
    for (const auto& key : reader.app_order())
      if (values.default_app.empty() && values.apps.at(key).kind == app_kind::mini_program)
        values.default_app = key;
    if (values.default_app.empty())
      reader.complain("apps", "no mini program is configured; logins need one");
    return;
  }
  const auto found = values.apps.find(values.default_app);
  const auto name = "'" + printable(values.default_app) + "'";
  if (found == values.apps.end())
    reader.complain("default_app",
                    name + " is not configured under apps; allowed: the key of a mini program");
  else if (found->second.kind != app_kind::mini_program)
    reader.complain("default_app", name + " is not a mini program; allowed: the key of a mini program");
}

void check_order(option_reader& reader) {
  const auto& token = reader.values().token;
  if (token.retry_min_ms > token.retry_max_ms)
    reader.complain("token.retry_min_ms", std::to_string(token.retry_min_ms) +
                                              " is above token.retry_max_ms; allowed: at most " +
                                              std::to_string(token.retry_max_ms));
}

void check_counts(option_reader& reader) {
  const auto most = std::to_string(max_entries);
  if (reader.values().apps.size() > max_entries)
    reader.complain("apps", "there are too many; allowed: at most " + most);
  if (reader.values().limits.size() > max_entries)
    reader.complain("limits", "there are too many; allowed: at most " + most);
}

} // namespace

void check_together(option_reader& reader) {
  check_members(reader);
  check_different(reader);
  choose_default_app(reader);
  check_order(reader);
  check_counts(reader);
}

} // namespace weappd
