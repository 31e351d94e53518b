#include "messages/error.hpp"

#include <caf/atom.hpp>
#include <caf/exit_reason.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>

#include <array>
#include <cstddef>

namespace weappd {
namespace {

constexpr auto category = caf::atom("weappd");
constexpr auto internal = error_class::internal;

// The number is module (3), kind (3), number (4).
constexpr std::array table{
    error_info{ec::invalid_parameter, "invalid_parameter", 1000010001, 400, error_class::caller, 0,
               "the request does not fit; see details"},
    error_info{ec::user_blocked, "user_blocked", 1000020001, 403, error_class::caller, 0,
               "this user may not log in"},
    error_info{ec::challenge_required, "challenge_required", 1000020002, 403, error_class::caller, 0,
               "too many logins have failed; solve the challenge and send the solution with the login"},
    error_info{ec::invalid_code, "invalid_code", 1000030001, 401, error_class::auth, 0,
               "the login code is unknown, used or expired; call wx.login again"},
    error_info{ec::invalid_refresh_token, "invalid_refresh_token", 1000030002, 401, error_class::auth, 0,
               "the refresh token is not valid; log in again"},
    error_info{ec::invalid_access_token, "invalid_access_token", 1000030003, 401, error_class::auth, 0,
               "the access token is missing, expired or revoked"},
    error_info{ec::session_not_found, "session_not_found", 1000040001, 404, error_class::caller, 0,
               "no such session"},
    error_info{ec::wechat_unavailable, "wechat_unavailable", 1000070001, 502, error_class::upstream, 0,
               "WeChat is busy or cannot be reached; try again"},
    error_info{ec::wechat_timeout, "wechat_timeout", 1000070002, 504, error_class::upstream, 0,
               "WeChat did not answer in time; try again"},
    error_info{ec::wechat_misconfigured, "wechat_misconfigured", 1000070003, 502, error_class::upstream, 0,
               "WeChat refused this server; its operator must look"},
    error_info{ec::invalid_client, "invalid_client", 1000030004, 401, error_class::auth, 0,
               "the client id and its secret do not belong together"},
    error_info{ec::challenge_unavailable, "challenge_unavailable", 1000080001, 503, error_class::upstream, 5,
               "the solution could not be judged; send it again, or solve the challenge anew"},
    error_info{ec::invalid_message, "invalid_message", 2000010001, 400, error_class::caller, 0,
               "the request does not fit; see details"},
    error_info{ec::scope_missing, "scope_missing", 2000020001, 403, error_class::caller, 0,
               "this caller lacks the scope that is needed here"},
    error_info{ec::template_not_found, "template_not_found", 2000040001, 404, error_class::caller, 0,
               "no such template"},
    error_info{ec::user_not_found, "user_not_found", 2000040002, 404, error_class::caller, 0, "no such user"},
    error_info{ec::message_not_found, "message_not_found", 2000040003, 404, error_class::caller, 0,
               "no such message"},
    error_info{ec::trigger_not_found, "trigger_not_found", 2000040004, 404, error_class::caller, 0,
               "no trigger is configured for this event"},
    error_info{ec::app_not_found, "app_not_found", 2000040005, 404, error_class::caller, 0, "no such app"},
    error_info{ec::no_openid, "no_openid", 2000050001, 409, error_class::caller, 0,
               "this user has no openid for the app of the template"},
    error_info{ec::message_not_failed, "message_not_failed", 2000050002, 409, error_class::caller, 0,
               "only a message that has failed can be sent again"},
    error_info{ec::queue_full, "queue_full", 2000080001, 503, error_class::ours, 5,
               "too many messages are waiting; try again"},
    error_info{ec::malformed_request, "malformed_request", 9000010001, 400, error_class::caller, 0,
               "the request line is malformed"},
    error_info{ec::malformed_header, "malformed_header", 9000010002, 400, error_class::caller, 0,
               "a header field is malformed"},
    error_info{ec::bad_host, "bad_host", 9000010003, 400, error_class::caller, 0,
               "exactly one valid Host is required"},
    error_info{ec::bad_framing, "bad_framing", 9000010004, 400, error_class::caller, 0,
               "Content-Length or Transfer-Encoding is not acceptable"},
    error_info{ec::bad_chunk, "bad_chunk", 9000010005, 400, error_class::caller, 0,
               "the chunked body is malformed"},
    error_info{ec::bad_target, "bad_target", 9000010006, 400, error_class::caller, 0,
               "the request target is not acceptable"},
    error_info{ec::body_not_allowed, "body_not_allowed", 9000010007, 400, error_class::caller, 0,
               "this method takes no body"},
    error_info{ec::duplicate_header, "duplicate_header", 9000010008, 400, error_class::caller, 0,
               "a header field that may occur once occurs twice"},
    error_info{ec::invalid_idempotency_key, "invalid_idempotency_key", 9000010009, 400, error_class::caller,
               0, "Idempotency-Key must be 1 to 255 visible ASCII characters"},
    error_info{ec::request_refused, "request_refused", 9000020001, 403, error_class::caller, 0,
               "something in this request looks like an attack; it was not carried out"},
    error_info{ec::route_not_found, "route_not_found", 9000040001, 404, error_class::caller, 0,
               "no such resource"},
    error_info{ec::idempotency_in_progress, "idempotency_in_progress", 9000050001, 409, error_class::caller,
               1, "the first request with this Idempotency-Key is still running"},
    error_info{ec::idempotency_mismatch, "idempotency_mismatch", 9000050002, 422, error_class::caller, 0,
               "this Idempotency-Key was used for another request"},
    error_info{ec::rate_limited, "rate_limited", 9000060001, 429, error_class::limit, 0, "too many requests"},
    error_info{ec::handler_timeout, "handler_timeout", 9000070001, 504, error_class::ours, 0,
               "the request could not be answered in time"},
    error_info{ec::overloaded, "overloaded", 9000080001, 503, error_class::ours, 1,
               "the server is busy; try again"},
    error_info{ec::draining, "draining", 9000080002, 503, error_class::ours, 1,
               "the server is stopping; try again"},
    error_info{ec::storage_unavailable, "storage_unavailable", 9000080003, 503, error_class::ours, 5,
               "the store cannot be used now; try again"},
    error_info{ec::internal_error, "internal_error", 9000090001, 500, error_class::ours, 0,
               "an error of ours; it has been logged"},
    error_info{ec::body_too_large, "body_too_large", 9000100001, 413, error_class::caller, 0,
               "the body is too large"},
    error_info{ec::unsupported_media_type, "unsupported_media_type", 9000100002, 415, error_class::caller, 0,
               "the body must be application/json in UTF-8, without content coding"},
    error_info{ec::method_not_allowed, "method_not_allowed", 9000100003, 405, error_class::caller, 0,
               "this resource does not know the method"},
    error_info{ec::header_too_large, "header_too_large", 9000100004, 431, error_class::caller, 0,
               "the header is too large"},
    error_info{ec::target_too_long, "target_too_long", 9000100005, 414, error_class::caller, 0,
               "the request target is too long"},
    error_info{ec::request_timeout, "request_timeout", 9000100006, 408, error_class::caller, 0,
               "the request did not arrive in time"},
    error_info{ec::expectation_failed, "expectation_failed", 9000100007, 417, error_class::caller, 0,
               "only the expectation 100-continue is known"},
    error_info{ec::unsupported_coding, "unsupported_coding", 9000100008, 501, error_class::caller, 0,
               "only the transfer coding chunked is known"},
    error_info{ec::method_not_implemented, "method_not_implemented", 9000100009, 501, error_class::caller, 0,
               "the method is not known"},
    error_info{ec::version_not_supported, "version_not_supported", 9000100010, 505, error_class::caller, 0,
               "only HTTP/1.0 and HTTP/1.1 are known"},
    error_info{ec::conflict, "conflict", 0, 500, internal, 0, "the stored state has changed"},
    error_info{ec::not_found, "not_found", 0, 500, internal, 0, "no such row"},
    error_info{ec::token_rejected, "token_rejected", 0, 500, internal, 0, "the access token was refused"},
    error_info{ec::quota_exhausted, "quota_exhausted", 0, 500, internal, 0,
               "WeChat's quota of the day is used up"},
};

constexpr bool in_enum_order() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].code) != i + 1)
      return false;
  return table.size() == static_cast<std::size_t>(ec::last_);
}
static_assert(in_enum_order(), "every ec has its row, in the order of the enumeration");

} // namespace

const error_info& describe(ec code) {
  const auto index = static_cast<std::size_t>(code);
  if (index == 0 || index > table.size())
    return describe(ec::internal_error);
  return table[index - 1];
}

std::span<const error_info> all_errors() {
  return table;
}

caf::error make_error(ec code) {
  return {static_cast<std::uint8_t>(code), category};
}

caf::error make_error(ec code, std::string detail) {
  return {static_cast<std::uint8_t>(code), category, caf::make_message(std::move(detail))};
}

ec code_of(const caf::error& error) {
  if (!error)
    return ec::none;
  if (error.category() == category)
    return static_cast<ec>(error.code());
  if (error.category() == caf::atom("exit"))
    return ec::overloaded;
  if (error == caf::sec::request_receiver_down || error == caf::sec::runtime_error)
    return ec::overloaded; // it was gone, or a defect threw in it: the supervisor starts another one
  if (error == caf::sec::request_timeout)
    return ec::handler_timeout;
  return ec::internal_error;
}

std::string detail_of(const caf::error& error) {
  if (!error)
    return {};
  if (error.category() != category)
    return caf::to_string(error);
  if (error.context().match_elements<std::string>())
    return error.context().get_as<std::string>(0);
  return {};
}

} // namespace weappd
