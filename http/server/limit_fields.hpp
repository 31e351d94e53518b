#pragma once

#include "http/server/request_context.hpp"
#include "http/server/server_context.hpp"

#include <string>

namespace weappd::http {

/// The policy that counts this request: per_user with a valid access token; else, also when a token was
/// refused, the policy of an open route. Null: the route is never limited.
const limit_policy* limit_for(const server_context& server, const request_context& request);

/// Whom it counts.
rate_key key_for(const request_context& request);

/// `RateLimit-Policy`, `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10, structured fields) and, when
/// refused, `Retry-After`: complete header lines.
std::string limit_fields(const limit_policy& policy, const verdict& answer);

} // namespace weappd::http
