#pragma once

#include "http/server/request.hpp"

#include <string_view>

/// Content-Type, Content-Encoding and Accept as far as we care. Pure.
namespace weappd::http {

/// application/json, without parameters or with charset=utf-8 alone (RFC 8259 defines none; clients send this
/// one).
[[nodiscard]] bool is_json(std::string_view content_type) noexcept;

/// No content coding (RFC 9110 section 8.4): not sent, or "identity".
[[nodiscard]] bool is_identity(std::string_view content_encoding) noexcept;

/// Whether Accept names application/problem+json with a quality above zero. Wildcards do not count: the
/// client must ask.
[[nodiscard]] bool accepts_problem_json(std::string_view accept) noexcept;

[[nodiscard]] inline bool wants_problem_json(const request& wanted) noexcept {
  return accepts_problem_json(wanted.accept);
}

} // namespace weappd::http
