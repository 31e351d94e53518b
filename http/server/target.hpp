#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Request targets: what is acceptable, and what their parts say. Pure.
namespace weappd::http {

/// Whether `target` is an origin-form target (RFC 9112 section 3.2.1) that can mean only one thing: a path of
/// visible ASCII with valid percent-encoding, without empty and dot segments (encoded or not, "%2f" and
/// backslashes counting as separators) and without NUL or fragment. Empty segments are refused except at the
/// end ("/a/").
[[nodiscard]] bool is_acceptable_target(std::string_view target) noexcept;

/// The text with its percent-encoding undone. Nothing if that is malformed, or gives bytes that are not UTF-8
/// or a control character. A "+" stays.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

/// The same for names and values of a query, as HTML forms write them: a "+" is a space.
[[nodiscard]] std::optional<std::string> decode_form_text(std::string_view text);

/// One parameter of a query ("a=1&b=2"), decoded as HTML forms are ("+" is a space).
struct query_value {
  enum class state { absent, found, malformed }; ///< malformed: bad encoding, or the name occurs twice
  state what = state::absent;
  std::string text; ///< empty unless found
};
[[nodiscard]] query_value find_query_value(std::string_view query, std::string_view name);

} // namespace weappd::http
