#include "http/server/response.hpp"

#include "http/server/append.hpp"

#include <ostream> // Boost 1.81 uses it without including it

#include <boost/beast/http/status.hpp>

#include <array>
#include <cstdio>
#include <ctime>

namespace weappd::http {
namespace {

std::string_view reason_of(int status) {
  const auto known = boost::beast::http::int_to_status(static_cast<unsigned>(status));
  const auto reason = boost::beast::http::obsolete_reason(known);
  return {reason.data(), reason.size()};
}

std::string_view when(bool holds, std::string_view text) {
  return holds ? text : std::string_view();
}

} // namespace

void append_response(std::string& out, const response& answer, const answer_frame& frame) {
  const bool has_content = answer.status != 204; // else neither a type nor, by RFC 9110 section 8.6, a length
  const bool has_id = !frame.request_id.empty();
  append_all(out,
             {"HTTP/1.1 ", decimal(answer.status), " ", reason_of(answer.status), "\r\nDate: ", frame.date,
              when(has_content, "\r\nContent-Type: "), when(has_content, answer.content_type),
              when(has_content, "\r\nContent-Length: "), when(has_content, decimal(answer.body.size())),
              // Answers depend on who asks and when; nothing here may be kept by a cache or guessed to be a
              // page. If a browser shows it all the same, it shall load nothing, and be in no frame.
              "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Security-Policy: ",
              answer.content_policy, "\r\n",                                          //
              when(has_id, "X-Request-Id: "), frame.request_id, when(has_id, "\r\n"), //
              answer.fields, frame.fields, frame.transport, when(frame.close, "Connection: close\r\n"),
              when(frame.http_1_0 && !frame.close, "Connection: keep-alive\r\n"), "\r\n",
              when(has_content && !frame.head_only, answer.body)});
}

std::string make_strict_transport(std::uint32_t seconds) {
  return seconds == 0 ? std::string{}
                      : "Strict-Transport-Security: max-age=" + std::to_string(seconds) + "\r\n";
}

std::string_view date_cache::at(std::int64_t second) {
  if (second == second_)
    return text_;
  const std::time_t time = static_cast<std::time_t>(second);
  std::tm parts{};
  gmtime_r(&time, &parts);
  // Not strftime: the names of days and months must not follow the process's locale.
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::array<char, 64> line{};
  const int size = std::snprintf(line.data(), line.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                 days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                                 months[static_cast<std::size_t>(parts.tm_mon)], parts.tm_year + 1900,
                                 parts.tm_hour, parts.tm_min, parts.tm_sec);
  text_.assign(line.data(), static_cast<std::size_t>(size));
  second_ = second;
  return text_;
}

} // namespace weappd::http
