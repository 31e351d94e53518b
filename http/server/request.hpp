#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// One HTTP request as the rest of the server sees it: judged, without framing, only the fields we use.
namespace weappd::http {

/// The methods we know; any other is refused with 501 before it gets here.
enum class method : std::uint8_t { get, head, post, put, patch, delete_, options };

/// "GET", "HEAD", ...
[[nodiscard]] std::string_view to_string(method verb) noexcept;
/// Method names are case-sensitive (RFC 9110 section 9.1).
[[nodiscard]] std::optional<method> find_method(std::string_view name) noexcept;

/// Reused between the requests of a connection: clear() keeps the memory of ordinary sizes.
/// A field that was not sent is empty. Lists that came in several fields (Accept, X-Forwarded-For, Forwarded,
/// Access-Control-Request-Headers) are joined by ", ". Trailers of a chunked body are never here.
struct request {
  method verb = method::get;
  int version = 11;       ///< 10 or 11
  bool keep_alive = true; ///< as the client wants it (Connection and version)

  std::string target; ///< as sent: origin-form, or "*" for OPTIONS
  std::string path;   ///< of the target, still percent-encoded: no empty and no dot segments
  std::string query;  ///< of the target, without "?", still percent-encoded

  std::string host;
  std::string authorization;
  std::string content_type;
  std::string content_encoding;
  std::string accept;
  std::string request_id; ///< X-Request-Id as sent, not yet checked
  std::string traceparent;
  std::string origin;
  std::string cors_method;  ///< Access-Control-Request-Method
  std::string cors_headers; ///< Access-Control-Request-Headers
  std::string idempotency_key;
  bool has_idempotency_key = false;                      ///< it was sent, perhaps empty
  std::string forwarded_for;                             ///< X-Forwarded-For
  std::string forwarded;                                 ///< Forwarded
  std::vector<std::pair<std::string, std::string>> kept; ///< of guard_limits::kept_fields those that came

  std::string body;

  void clear();
};

} // namespace weappd::http
