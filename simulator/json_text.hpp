#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace weappd::simulator {

/// Nothing if the text is not JSON, or is nested deeper than 64 (walking a deep tree would exhaust the
/// stack).
std::optional<nlohmann::json> parse_json(std::string_view text);

/// Compact. Bytes that are not UTF-8 become U+FFFD.
std::string to_text(const nlohmann::json& value);

/// The text as a JSON string with its quotes, by the same rules.
void append_json_string(std::string& out, std::string_view text);

} // namespace weappd::simulator
