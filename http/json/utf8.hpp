#pragma once

#include <cstddef>
#include <string_view>

/// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
namespace weappd::json {

/// One decoded code point. `size` is 0 if the text does not begin with a valid one.
struct code_point {
  char32_t value = 0;
  std::size_t size = 0;
};
[[nodiscard]] code_point decode_utf8(std::string_view text) noexcept;

[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

/// Control characters (C0, DEL, C1), line separators and the marks that change the direction of writing: what
/// no name needs and what makes a log or a screen lie.
[[nodiscard]] bool is_control(char32_t c) noexcept;

} // namespace weappd::json
