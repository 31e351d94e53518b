#include "http/server/head_scanner.hpp"

#include "http/server/characters.hpp"

#include <algorithm>

namespace weappd::http {
namespace {

constexpr std::string_view line_end = "\r\n";

} // namespace

head_scanner::head_scanner(const guard_limits& limits, kind what) noexcept : limits_(limits), kind_(what) {}

void head_scanner::reset() noexcept {
  *this = head_scanner(limits_, kind_);
}

head_scanner::verdict head_scanner::scan(std::string_view head) {
  const auto whole = head;
  head = head.substr(0, limits_.max_head);
  if (!skip_empty_line(head))
    return refusal_ == ec::none ? verdict::more : verdict::refused;

  while (refusal_ == ec::none) {
    const auto stop = find_forbidden(head, seen_);
    seen_ = stop;
    if (is_request_line())
      check_open_request_line(head.substr(line_, stop - line_));
    if (refusal_ != ec::none)
      break;
    const auto rest = head.substr(stop);
    if (rest.size() < 2 && line_end.starts_with(rest)) { // nothing, or a CR whose LF is still to come
      if (whole.size() < limits_.max_head)
        return verdict::more;
      refuse(ec::header_too_large);
    } else if (!rest.starts_with(line_end)) {
      refuse(is_request_line() ? ec::malformed_request : ec::malformed_header);
    } else {
      const auto line = head.substr(line_, stop - line_);
      if (is_request_line())
        end_request_line(line);
      else if (!line.empty())
        end_field_line(line);
      seen_ = line_ = stop + 2;
      if (line.empty() && refusal_ == ec::none)
        return verdict::complete;
    }
  }
  return verdict::refused;
}

/// Whether the request line (or the first trailer) has begun.
bool head_scanner::skip_empty_line(std::string_view head) {
  if (begun_)
    return true;
  if (kind_ == kind::request && !head.empty() && head.front() == '\r') {
    if (head.size() == 1)
      return false;
    if (!head.starts_with(line_end)) {
      refuse(ec::malformed_request);
      return false;
    }
    begin_ = line_ = seen_ = 2;
  }
  begun_ = head.size() > begin_;
  return begun_;
}

/// What can be said of a request line before its end: bytes that are no HTTP (a TLS hello, noise) and a
/// target without end are refused where they begin to be wrong.
void head_scanner::check_open_request_line(std::string_view seen) {
  if (target_end_ == 0) {
    while (method_end_ < seen.size() && is_token_char(seen[method_end_]))
      ++method_end_;
    if (method_end_ == seen.size())
      return;
    if (method_end_ == 0 || seen[method_end_] != ' ')
      return refuse(ec::malformed_request);
    target_end_ = method_end_ + 1;
  }
  const auto limit = method_end_ + 1 + limits_.max_target;
  target_end_ = std::min(seen.find(' ', target_end_), seen.size());
  if (target_end_ > limit)
    refuse(ec::target_too_long);
}

void head_scanner::end_request_line(std::string_view line) {
  // An empty method or target leaves a space in front of what follows it; more spaces stay in the version.
  if (target_end_ <= method_end_ + 1 || target_end_ == line.size())
    return refuse(ec::malformed_request);
  const auto version = line.substr(target_end_ + 1);
  if (version.size() != 8 || !version.starts_with("HTTP/") || !is_digit(version[5]) || version[6] != '.' ||
      !is_digit(version[7]))
    return refuse(ec::malformed_request);
  if (version != "HTTP/1.1" && version != "HTTP/1.0")
    refuse(ec::version_not_supported);
}

void head_scanner::end_field_line(std::string_view line) {
  // A folded line begins with a space, and a space before the colon is in the name: neither is a token.
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)))
    return refuse(ec::malformed_header);
  if (++fields_ > limits_.max_fields)
    refuse(ec::header_too_large);
}

} // namespace weappd::http
