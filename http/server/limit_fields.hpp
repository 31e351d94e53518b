#pragma once

#include "http/server/request_context.hpp"
#include "http/server/server_context.hpp"

#include <string>

namespace weappd::http {

/// The policy that counts this request: the route's own if it is open; else per_user or per_client by the
/// access token, and per_ip without a valid one. Null: not limited.
const limit_policy* limit_for(const server_context& server, const request_context& request);

/// Whom it counts.
rate_key key_for(const request_context& request);

/// `RateLimit-Policy`, `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10, structured fields) and, when
/// refused, `Retry-After`: complete header lines.
std::string limit_fields(const limit_policy& policy, const verdict& answer);

} // namespace weappd::http
