#pragma once

#include "config/options.hpp"
#include "messages/ids.hpp"
#include "messages/wechat.hpp"

#include <compare>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// How the configured templates differ from what the platform has. Pure.
namespace weappd {

/// One thing that is not as it is at the platform.
struct template_difference {
  enum class kind : std::uint8_t {
    missing_template, ///< the platform has no template of that id
    wrong_life,       ///< one-time there and long-term here, or the other way round
    missing_field,    ///< the platform's template has a field that is not configured
    extra_field,      ///< the platform's template has no such field
  };
  kind what = kind::missing_template;
  std::string template_name;
  std::string field; ///< of a field's difference
  friend auto operator<=>(const template_difference&, const template_difference&) = default;
};

/// The differences of the subscribe templates of one app, in the order of template names, for each its life
/// first and then its fields by name. Names of fields are case sensitive; their order does not matter. A
/// template whose `app` is empty is one of the default app.
[[nodiscard]] std::vector<template_difference> diff_templates(const options& config, const app_key& app,
                                                              std::span<const platform_template> there);

/// For operators: names the template and the field.
[[nodiscard]] std::string sentence_of(const template_difference& difference);
/// "missing_field", ...: for the log.
[[nodiscard]] std::string_view to_string(template_difference::kind what);

} // namespace weappd
