#include "actors/logic/template_diff.hpp"

#include <algorithm>
#include <set>

namespace weappd {
namespace {

using kind = template_difference::kind;

bool is_of(const options& config, const template_options& row, const app_key& app) {
  const auto& owner = row.app.empty() ? config.default_app : row.app;
  return row.kind == template_kind::subscribe && owner == app.value;
}

void diff_fields(const std::string& name, const template_options& here, const platform_template& there,
                 std::vector<template_difference>& out) {
  std::set<std::string> all(there.fields.begin(), there.fields.end());
  const auto at_platform = all;
  for (const auto& [field, row] : here.fields)
    all.insert(field);
  for (const auto& field : all) {
    if (!here.fields.contains(field))
      out.push_back({kind::missing_field, name, field});
    else if (!at_platform.contains(field))
      out.push_back({kind::extra_field, name, field});
  }
}

void diff_one(const std::string& name, const template_options& here, std::span<const platform_template> there,
              std::vector<template_difference>& out) {
  const auto found = std::find_if(there.begin(), there.end(),
                                  [&](const platform_template& row) { return row.id == here.template_id; });
  if (found == there.end()) {
    out.push_back({kind::missing_template, name, {}});
    return;
  }
  if (found->long_term != (here.life == template_life::long_term))
    out.push_back({kind::wrong_life, name, {}});
  diff_fields(name, here, *found, out);
}

} // namespace

std::vector<template_difference> diff_templates(const options& config, const app_key& app,
                                                std::span<const platform_template> there) {
  std::vector<template_difference> out;
  for (const auto& [name, row] : config.templates)
    if (is_of(config, row, app))
      diff_one(name, row, there, out);
  return out;
}

std::string sentence_of(const template_difference& difference) {
  const auto& [what, name, field] = difference;
  switch (what) {
  case kind::missing_template:
    return "the platform has no template with the template_id of " + name;
  case kind::wrong_life:
    return "the life of " + name + " is another one at the platform";
  case kind::missing_field:
    return "the platform's " + name + " has the field " + field + ", which is not configured";
  case kind::extra_field:
    return "the platform's " + name + " has no field " + field;
  }
  return {};
}

std::string_view to_string(kind what) {
  switch (what) {
  case kind::missing_template:
    return "missing_template";
  case kind::wrong_life:
    return "wrong_life";
  case kind::missing_field:
    return "missing_field";
  case kind::extra_field:
    return "extra_field";
  }
  return {};
}

} // namespace weappd
