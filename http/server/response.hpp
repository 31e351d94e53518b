#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace weappd::http {

/// What goes back to a client. The connection adds what every answer has: Date, Content-Length, X-Request-Id.
struct response {
  int status = 200;
  std::string body{};
  std::string_view content_type = "application/json; charset=utf-8";              ///< of static storage
  std::string_view content_policy = "default-src 'none'; frame-ancestors 'none'"; ///< of static storage
  std::string fields{};          ///< further complete header lines, each with its CRLF
  bool close = false;            ///< end the connection after this answer
  std::string_view error_name{}; ///< of static storage; for log and metrics, empty on success
  std::chrono::nanoseconds
      held_back{}; ///< by a limit that lets requests wait: not the time that the work took
};

/// How an answer is put on the wire.
struct answer_frame {
  std::string_view request_id{}; ///< empty: no X-Request-Id
  std::string_view date{};       ///< RFC 9110 section 5.6.7
  std::string_view fields{};     ///< further complete header lines, beside the answer's own
  std::string_view transport{};  ///< the same, for the way it goes
  bool head_only = false;        ///< HEAD: all fields, no body
  bool close = false;
  bool http_1_0 = false; ///< a 1.0 client must be told that the connection stays open
};

/// Appends status line, header and body to `out`.
void append_response(std::string& out, const response& answer, const answer_frame& frame);

/// `Strict-Transport-Security: max-age=31536000` and CRLF (RFC 6797); empty for 0.
std::string make_strict_transport(std::uint32_t seconds);

/// The Date field's text for a second since 1970, made anew only when the second changes. One thread.
class date_cache {
public:
  std::string_view at(std::int64_t second);

private:
  std::int64_t second_ = -1;
  std::string text_;
};

} // namespace weappd::http
