#pragma once

#include <string_view>

namespace weappd::http {

/// Whether `host` is an acceptable value of Host (RFC 9110 section 7.2): a name of letters, digits, "-", "."
/// and "_", an IPv4 address or an IPv6 address in brackets, and perhaps a port from 0 to 65535. Stricter than
/// RFC 3986, which also allows "a,b" and percent-encoding there: two hosts in one field must not pass as one.
[[nodiscard]] bool is_acceptable_host(std::string_view host) noexcept;

} // namespace weappd::http
