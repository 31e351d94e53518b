#pragma once

#include "http/server/router.hpp"
#include "http/server/short_text.hpp"
#include "messages/error.hpp"
#include "messages/rate.hpp"
#include "messages/session.hpp"

#include <string>

namespace weappd::http {

/// What a request actor gets to know of its request: judged, authenticated, without HTTP.
struct request_context {
  const route* target = nullptr;
  short_text id;
  short_text trace_id;   ///< 32 hexadecimal digits, or empty
  std::string parameter; ///< percent-decoded {parameter} of the pattern
  std::string query;     ///< still percent-encoded
  std::string body;
  rate_key client;       ///< address of the client; IPv6 by /64
  caller who;            ///< of a client route; all zero when `refused`
  ec refused = ec::none; ///< why the access token was not accepted
  bool token_given = false;
  bool problem_json = false; ///< failures as RFC 9457
};

} // namespace weappd::http
