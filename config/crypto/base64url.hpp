#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace weappd::crypto {

/// RFC 4648 section 5, without padding.
std::string base64url_encode(std::string_view bytes);
void base64url_append(std::string& out, std::string_view bytes);

/// Strict: no padding, no white space, no other alphabet, and the unused bits of the last character are zero,
/// so that every byte string has exactly one text. Nothing for anything else.
std::optional<std::string> base64url_decode(std::string_view text);
/// The same into a buffer that is kept; false leaves `out` unspecified.
bool base64url_decode(std::string_view text, std::string& out);

} // namespace weappd::crypto
