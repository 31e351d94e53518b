#include "http/server/response.hpp"

#include <ostream> // Boost 1.81 uses it without including it

#include <boost/beast/http/status.hpp>

#include <array>
#include <charconv>
#include <cstdio>
#include <ctime>

namespace weappd::http {
namespace {

void append_number(std::string& out, std::size_t number) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), end);
}

} // namespace

void append_response(std::string& out, const response& answer, const answer_frame& frame) {
  if (answer.status == 200) {
    out += "HTTP/1.1 200 OK\r\n";
  } else {
    const auto status = boost::beast::http::int_to_status(static_cast<unsigned>(answer.status));
    const auto reason = boost::beast::http::obsolete_reason(status);
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::size_t>(answer.status));
    out += ' ';
    out.append(reason.data(), reason.size());
    out += "\r\n";
  }
  out += "Date: ";
  out += frame.date;
  if (answer.status != 204) { // no content: neither a type nor, by RFC 9110 section 8.6, a length
    out += "\r\nContent-Type: ";
    out += answer.content_type;
    out += "\r\nContent-Length: ";
    append_number(out, answer.body.size());
  }
  // Answers depend on who asks and when; nothing here may be kept by a cache or guessed to be a page.
  // If a browser shows it all the same, it shall load nothing, and be in no frame.
  out += "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nContent-Security-Policy: ";
  out += answer.content_policy;
  out += "\r\n";
  if (!frame.request_id.empty()) {
    out += "X-Request-Id: ";
    out += frame.request_id;
    out += "\r\n";
  }
  out += answer.fields;
  out += frame.fields;
  out += frame.transport;
  if (frame.close)
    out += "Connection: close\r\n";
  else if (frame.http_1_0)
    out += "Connection: keep-alive\r\n";
  out += "\r\n";
  if (!frame.head_only && answer.status != 204)
    out += answer.body;
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
