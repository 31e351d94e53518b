#pragma once

#include <caf/error.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

/// The errors of weappd, all of them. A new one is made only if some code or some client acts differently on
/// it; everything else is detail. The table in error.cpp is the one place that knows the public code, the
/// HTTP status, the class and the sentence of each; http/README.md shows the same table, made by `weappd
/// print-errors` and compared by a test.
namespace weappd {

enum class ec : std::uint8_t {
  none = 0,
  // users, login, sessions (module 100)
  invalid_parameter, ///< the body or a parameter of a module-100 endpoint does not fit; details name the
                     ///< fields
  user_blocked,
  challenge_required, ///< this address must solve a challenge with its login; the answer has one
  invalid_code,
  invalid_refresh_token,
  invalid_access_token,
  session_not_found,
  wechat_unavailable, ///< busy, unreachable, or its answer made no sense
  wechat_timeout,
  wechat_misconfigured,
  invalid_client,
  challenge_unavailable, ///< the CAPTCHA service gave no judgement
  // messages, templates, subscriptions (module 200)
  invalid_message, ///< the body of a module-200 endpoint does not fit; details name the fields
  scope_missing,
  template_not_found,
  user_not_found,
  message_not_found,
  trigger_not_found,
  app_not_found,
  no_openid,
  message_not_failed,
  queue_full,
  // the server itself (module 900)
  malformed_request,
  malformed_header,
  bad_host,
  bad_framing,
  bad_chunk,
  bad_target,
  body_not_allowed,
  duplicate_header,
  invalid_idempotency_key,
  request_refused, ///< a rule of the request filter matches
  route_not_found,
  idempotency_in_progress,
  idempotency_mismatch,
  rate_limited,
  handler_timeout,
  overloaded,
  draining,
  storage_unavailable,
  internal_error,
  body_too_large,
  unsupported_media_type,
  method_not_allowed,
  header_too_large,
  target_too_long,
  request_timeout,
  expectation_failed,
  unsupported_coding,
  method_not_implemented,
  version_not_supported,
  // never shown to a client: one part tells another
  conflict,        ///< the stored state is not the one the caller saw
  not_found,       ///< no such row; or WeChat does not know whom we asked about
  token_rejected,  ///< WeChat refused the access token that was sent with the call
  quota_exhausted, ///< WeChat takes no more of these calls today
  last_ = quota_exhausted
};

enum class error_class : std::uint8_t {
  caller,   ///< the request is wrong; sending it again will not help
  auth,     ///< the caller must log in
  limit,    ///< the caller must wait
  upstream, ///< the platform behind us refused or failed
  ours,     ///< we are at fault, or too busy
  internal, ///< never leaves the process
};

struct error_info {
  ec code;
  std::string_view name;     ///< as in `ec`; used in logs and metrics
  std::uint64_t public_code; ///< ten digits, 3-3-4: module, kind, number
  int http_status;
  error_class kind;
  std::uint32_t retry_after_s; ///< 0: no Retry-After
  std::string_view sentence;   ///< what the client reads
};

const error_info& describe(ec code);
/// In the order of `ec`, without `none`.
std::span<const error_info> all_errors();

/// `detail` is for our log (a WeChat errcode and rid, a driver's words), never for the client.
caf::error make_error(ec code);
caf::error make_error(ec code, std::string detail);

/// The code of an error of ours. CAF's own errors become what they mean to a client: an actor that is dead,
/// dying or in which a defect threw is `overloaded`, a request that timed out is `handler_timeout`, anything
/// else is `internal_error`.
ec code_of(const caf::error& error);
/// The detail that was given to make_error, or CAF's rendering of a foreign error.
std::string detail_of(const caf::error& error);

} // namespace weappd
