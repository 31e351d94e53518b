#include "http/server/target.hpp"

#include "http/json/utf8.hpp"
#include "http/server/characters.hpp"

namespace weappd::http {
namespace {

constexpr int end_of_text = -1;
constexpr int malformed = -2;

/// Takes "%xx" off the front.
int take_encoded(std::string_view& rest) noexcept {
  if (rest.size() < 3)
    return malformed;
  const auto high = hex_value(rest[1]);
  const auto low = hex_value(rest[2]);
  if (!high || !low)
    return malformed;
  rest.remove_prefix(3);
  return *high << 4 | *low;
}

/// Takes one byte off the front and undoes its percent-encoding.
inline int take_decoded(std::string_view& rest) noexcept {
  if (rest.empty())
    return end_of_text;
  const char c = rest.front();
  if (c == '%')
    return take_encoded(rest);
  rest.remove_prefix(1);
  return static_cast<unsigned char>(c);
}

/// Visible ASCII without what RFC 3986 has nowhere in a path or query; brackets pass, as clients send them in
/// queries.
constexpr detail::char_table target_chars = [] {
  detail::char_table table{};
  for (char c = 0x21; c < 0x7f; ++c)
    table[static_cast<unsigned char>(c)] = std::string_view("\"#<>\\^`{|}").find(c) == std::string_view::npos;
  return table;
}();

/// Segments are judged as the most generous reader behind us could see them: decoded, with "\" as "/".
bool has_harmless_segments(std::string_view path) noexcept {
  std::size_t size = 0; // of the segment
  bool only_dots = true;
  const auto is_dot_segment = [&] { return only_dots && (size == 1 || size == 2); };
  path.remove_prefix(1);
  for (;;) {
    const int byte = take_decoded(path);
    if (byte == malformed || byte == 0)
      return false;
    if (byte == end_of_text)
      return !is_dot_segment();
    if (byte == '/' || byte == '\\') {
      if (is_dot_segment() || size == 0)
        return false;
      size = 0;
      only_dots = true;
    } else {
      only_dots = only_dots && byte == '.';
      ++size;
    }
  }
}

/// Nothing is encoded, and no segment is empty or begins with a dot: nearly all targets, seen in one go.
bool is_plain(std::string_view target) noexcept {
  char before = 0;
  for (const char c : target) {
    if (c == '%' || (before == '/' && (c == '/' || c == '.')))
      return false;
    before = c;
  }
  return true;
}

bool is_well_encoded(std::string_view query) noexcept {
  for (;;) {
    const int byte = take_decoded(query);
    if (byte == end_of_text)
      return true;
    if (byte == malformed || byte == 0)
      return false;
  }
}

} // namespace

bool is_acceptable_target(std::string_view target) noexcept {
  if (!target.starts_with('/'))
    return false;
  for (const char c : target)
    if (!target_chars[static_cast<unsigned char>(c)])
      return false;
  if (is_plain(target))
    return true;
  auto query = target;
  const auto path = cut(query, '?');
  return has_harmless_segments(path) && is_well_encoded(query);
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (;;) {
    const int byte = take_decoded(text);
    if (byte == end_of_text)
      break;
    if (byte < 0x20 || byte == 0x7f)
      return std::nullopt;
    decoded.push_back(static_cast<char>(byte));
  }
  if (!json::is_utf8(decoded))
    return std::nullopt;
  return decoded;
}

std::optional<std::string> decode_form_text(std::string_view text) {
  std::string spaced(text);
  for (char& c : spaced)
    if (c == '+')
      c = ' ';
  return percent_decode(spaced);
}

query_value find_query_value(std::string_view query, std::string_view name) {
  using state = query_value::state;
  query_value result;
  while (!query.empty()) {
    auto value = cut(query, '&');
    const auto key = decode_form_text(cut(value, '='));
    if (!key)
      return {state::malformed, {}};
    if (*key != name)
      continue;
    auto text = decode_form_text(value);
    if (!text || result.what == state::found)
      return {state::malformed, {}};
    result = {state::found, std::move(*text)};
  }
  return result;
}

} // namespace weappd::http
