#pragma once

#include "http/server/ban_gate.hpp"
#include "http/server/challenge_gate.hpp"
#include "http/server/filter_gate.hpp"
#include "http/server/limit_rules.hpp"
#include "http/server/router.hpp"
#include "http/server/sender.hpp"
#include "http/server/short_text.hpp"
#include "messages/error.hpp"
#include "messages/rate.hpp"

#include <memory>
#include <string>
#include <vector>

namespace weappd::http {

/// What a request actor gets to know of its request: judged, authenticated, without HTTP.
struct request_context {
  const route* target = nullptr;
  short_text id;
  short_text trace_id;   ///< 32 hexadecimal digits, or empty
  std::string parameter; ///< percent-decoded {parameter} of the pattern
  std::string query;     ///< still percent-encoded
  std::string body;
  rate_key client;                           ///< address of the client; IPv6 by /64
  caller who;                                ///< the user, by a valid access token; else all zero
  const service_client* service = nullptr;   ///< the service client, by a valid access token; else null
  app_number app = no_app;                   ///< of the user's token, or named by the path
  std::shared_ptr<const limit_rules> limits; ///< in force when the request came
  std::vector<rate_key> header_keys;         ///< one for each of limits->headers()
  ec refused = ec::none;       ///< why the request may not run: invalid_access_token, scope_missing
  std::string idempotency_key; ///< as it was sent
  bool has_idempotency_key = false;
  bool token_given = false;
  bool by_operator = false;                  ///< who has admin.token
  watched_offences watched;                  ///< of the client
  std::unique_ptr<const filter_task> filter; ///< null: nothing that the filter would look at
  std::unique_ptr<challenge_task> challenge; ///< null: the challenge desk need not be asked
  bool problem_json = false;                 ///< failures as RFC 9457
};

} // namespace weappd::http
