#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

/// What the request filter looks at: the texts of a request as whoever reads them will see them. Pure, linear
/// in the size of what is read, and never a fault: what is malformed is looked at as it stands, because
/// whoever reads it refuses it.
namespace weappd::http {

/// Gets one text, which is gone afterwards; false: that was enough.
using text_visitor = std::function<bool(std::string_view)>;

/// The names and the values of a query, decoded as HTML forms are. Empty ones are left out.
void visit_query(std::string_view query, const text_visitor& visit);

/// The names and the texts of a JSON document, without their escapes. Empty ones are left out.
void visit_json(std::string_view document, const text_visitor& visit);

/// The text without two things that keep patterns from seeing it: percent-encoding (once; what came encoded
/// twice) and SQL comments, of which a space is left; of MySQL's /*!50000 ...*/, which is carried out, what
/// is in it. Bytes that are no UTF-8 then become question marks. Nothing if it has neither.
[[nodiscard]] std::optional<std::string> without_disguise(std::string_view text);
/// The text with a question mark for each byte that is no UTF-8.
[[nodiscard]] std::string with_marks_for_what_is_no_utf8(std::string text);

} // namespace weappd::http
