#include "http/server/trace_context.hpp"

#include "http/server/characters.hpp"

namespace weappd::http {
namespace {

constexpr std::size_t size_of_version_00 = 55;

bool is_lower_hex(std::string_view text) noexcept {
  for (const char c : text)
    if (!is_digit(c) && !(c >= 'a' && c <= 'f'))
      return false;
  return true;
}

bool is_id(std::string_view text) noexcept {
  return is_lower_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

} // namespace

std::optional<trace_context> parse_traceparent(std::string_view text) noexcept {
  if (text.size() < size_of_version_00 || text[2] != '-' || text[35] != '-' || text[52] != '-')
    return std::nullopt;
  const auto version = text.substr(0, 2);
  if (!is_lower_hex(version) || version == "ff")
    return std::nullopt;
  if (text.size() > size_of_version_00 && (version == "00" || text[size_of_version_00] != '-'))
    return std::nullopt;
  const auto flags = text.substr(53, 2);
  const trace_context trace{.trace_id = text.substr(3, 32),
                            .parent_id = text.substr(36, 16),
                            .flags = static_cast<std::uint8_t>(hex_value(flags[0]).value_or(0) << 4 |
                                                               hex_value(flags[1]).value_or(0))};
  if (!is_id(trace.trace_id) || !is_id(trace.parent_id) || !is_lower_hex(flags))
    return std::nullopt;
  return trace;
}

std::string to_traceparent(const trace_context& trace) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text = "00-";
  text.reserve(size_of_version_00);
  text += trace.trace_id;
  text += '-';
  text += trace.parent_id;
  text += '-';
  text += digits[trace.flags >> 4];
  text += digits[trace.flags & 15];
  return text;
}

} // namespace weappd::http
