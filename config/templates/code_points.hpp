#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

/// Texts as the platform counts them: in code points of UTF-8 (RFC 3629: no overlong forms, no surrogates).
namespace weappd::templates {

/// How many printable characters of ASCII the text begins with: each is a code point of one byte that nobody
/// refuses, and most texts have no others.
[[nodiscard]] std::size_t printable_ascii(std::string_view text);

/// Takes the first code point off the text; nothing if the text does not begin with a valid one.
[[nodiscard]] std::optional<char32_t> take_code_point(std::string_view& text);

/// How many there are; nothing if the text is not UTF-8.
[[nodiscard]] std::optional<std::size_t> count_code_points(std::string_view text);

/// The bytes that the first `count` code points take; of an invalid text at most those before the fault.
[[nodiscard]] std::size_t bytes_of_code_points(std::string_view text, std::size_t count);

/// Is the text UTF-8, and does it fit on one line: no control characters (C0, DEL, C1), no U+2028, U+2029?
[[nodiscard]] bool is_one_line(std::string_view text);

} // namespace weappd::templates
