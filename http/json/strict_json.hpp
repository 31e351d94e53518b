#pragma once

#include "http/json/problem.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string_view>
#include <variant>

namespace weappd::json {

/// The bounds of one document; meeting one refuses it.
struct limits {
  std::size_t max_depth = 32;     ///< objects and arrays within one another: too_deep
  std::size_t max_members = 256;  ///< of one object: too_long
  std::size_t max_items = 10'000; ///< of one array: too_long
  bool object_only = true;        ///< anything but an object at the top is bad_json
};

using document = nlohmann::json;
using parse_result = std::variant<document, problem>;

/// Reads one JSON text (RFC 8259) and guesses nothing: refuses a byte order mark, NUL, comments, NaN, invalid
/// UTF-8 and lone surrogates (bad_utf8), two members of one name in an object, also if one is written with
/// escapes (duplicate_field), integers beyond 64 bits, numbers that a double can only hold as infinity or
/// zero, and exponents beyond 32 bits (out_of_range). Linear in the size of the text. Never throws.
[[nodiscard]] parse_result parse(std::string_view text, const limits& bounds = {}) noexcept;

} // namespace weappd::json
