#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weappd {

/// The members of an answer to a send that we read.
struct send_answer {
  std::optional<std::int64_t> errcode; ///< a number or a string of digits; nothing if it is missing
  bool has_errcode = false;            ///< whatever it is
  std::string errmsg;
  std::string msgid; ///< a number, or 1 to 64 of [0-9A-Za-z_-]; else empty
};

/// Nothing if the text is not one JSON object. Reads it in one pass without building a tree; what is nested
/// is checked and left out, at any depth.
std::optional<send_answer> parse_send_answer(std::string_view body);

/// A decimal integer and nothing else.
std::optional<std::int64_t> parse_integer(std::string_view text);

} // namespace weappd
