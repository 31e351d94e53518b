#pragma once

#include "config/options.hpp"
#include "messages/ids.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

/// What is told of templates and asked about them. What their rules are is decided in config/templates.
namespace weappd::http {

/// "thing", "amount", ...; "text" for a field of an official account that has no type.
[[nodiscard]] std::string_view type_word(std::string_view field);
/// In code points; nothing where the type has no such limit.
[[nodiscard]] std::optional<std::size_t> max_length(std::string_view field);

/// The app that a template belongs to: its own; else the default app, or for the official-account kind the
/// first official account.
[[nodiscard]] app_key app_of(const template_options& one, const options& settings);

} // namespace weappd::http
