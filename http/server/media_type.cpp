#include "http/server/media_type.hpp"

#include "http/server/characters.hpp"

namespace weappd::http {
namespace {

/// "q=0", "q=0.000": the client does not want it (RFC 9110 section 12.4.2).
bool is_zero_quality(std::string_view parameter) noexcept {
  const auto name = trim(cut(parameter, '='));
  const auto value = trim(parameter);
  return iequals(name, "q") && value.starts_with('0') &&
         value.find_first_not_of("0.") == std::string_view::npos;
}

} // namespace

bool is_json(std::string_view content_type) noexcept {
  if (!iequals(trim(cut(content_type, ';')), "application/json"))
    return false;
  content_type = trim(content_type);
  if (content_type.empty())
    return true;
  return iequals(content_type, "charset=utf-8") || iequals(content_type, "charset=\"utf-8\"");
}

bool is_identity(std::string_view content_encoding) noexcept {
  return content_encoding.empty() || iequals(content_encoding, "identity");
}

bool accepts_problem_json(std::string_view accept) noexcept {
  while (!accept.empty()) {
    auto range = cut(accept, ',');
    if (!iequals(trim(cut(range, ';')), "application/problem+json"))
      continue;
    bool wanted = true;
    while (!range.empty())
      wanted = wanted && !is_zero_quality(cut(range, ';'));
    if (wanted)
      return true;
  }
  return false;
}

} // namespace weappd::http
