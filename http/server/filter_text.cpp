#include "http/server/filter_text.hpp"

#include "http/json/utf8.hpp"
#include "http/server/characters.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace weappd::http {
namespace {

/// The byte that "%41" at the front of the text stands for.
std::optional<char> percent_byte(std::string_view text) {
  if (text.size() < 3 || text[0] != '%')
    return std::nullopt;
  const auto high = hex_value(text[1]);
  const auto low = hex_value(text[2]);
  if (!high || !low)
    return std::nullopt;
  return static_cast<char>(*high << 4 | *low);
}

bool holds_percent_byte(std::string_view text) {
  for (auto at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1))
    if (percent_byte(text.substr(at)))
      return true;
  return false;
}

/// Puts the text behind `out`, decoded.
void decode(std::string_view text, bool plus_is_space, std::string& out) {
  while (!text.empty()) {
    if (const auto byte = percent_byte(text)) {
      out += *byte;
      text.remove_prefix(3);
      continue;
    }
    out += plus_is_space && text.front() == '+' ? ' ' : text.front();
    text.remove_prefix(1);
  }
}

std::string without_comments(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  // Where no end lies ahead none is looked for: thousands of openings would each search the whole rest.
  const auto last_end = text.rfind("*/");
  const auto* const end = last_end == std::string_view::npos ? text.data() : text.data() + last_end;
  while (!text.empty()) {
    if (text.starts_with("/*!")) {
      text.remove_prefix(3);
      text.remove_prefix(std::min(text.find_first_not_of("0123456789"), text.size())); // a version
      out += ' ';
    } else if (text.starts_with("/*") && text.data() + 2 <= end) {
      text.remove_prefix(text.find("*/", 2) + 2);
      out += ' ';
    } else if (text.starts_with("*/")) {
      text.remove_prefix(2);
      out += ' ';
    } else {
      out += text.front();
      text.remove_prefix(1);
    }
  }
  return out;
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto tail = [&out](std::uint32_t bits) { out += static_cast<char>(0x80 | (bits & 0x3f)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xc0 | c >> 6);
    tail(c);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xe0 | c >> 12);
    tail(c >> 6);
    tail(c);
  } else {
    out += static_cast<char>(0xf0 | c >> 18);
    tail(c >> 12);
    tail(c >> 6);
    tail(c);
  }
}

/// The code unit of "\uXXXX" at the front of the text.
std::optional<std::uint32_t> escaped_unit(std::string_view text) {
  if (text.size() < 6 || !text.starts_with("\\u"))
    return std::nullopt;
  std::uint32_t unit = 0;
  for (const char c : text.substr(2, 4)) {
    const auto digit = hex_value(c);
    if (!digit)
      return std::nullopt;
    unit = unit << 4 | *digit;
  }
  return unit;
}

/// Takes one escape off the front. A lone half of a pair and an escape that there is not: the parser refuses
/// them.
void take_escape(std::string_view& text, std::string& out) {
  if (const auto unit = escaped_unit(text)) {
    text.remove_prefix(6);
    const auto low = escaped_unit(text);
    if (*unit >= 0xd800 && *unit < 0xdc00 && low && *low >= 0xdc00 && *low < 0xe000) {
      text.remove_prefix(6);
      return append_utf8(out, 0x10000 + ((*unit - 0xd800) << 10) + (*low - 0xdc00));
    }
    return append_utf8(out, *unit);
  }
  constexpr std::string_view letters = "bfnrt";
  constexpr std::string_view meanings = "\b\f\n\r\t";
  const char c = text.size() > 1 ? text[1] : '\\';
  const auto known = letters.find(c);
  out += known == std::string_view::npos ? c : meanings[known];
  text.remove_prefix(std::min<std::size_t>(2, text.size()));
}

void unescape(std::string_view text, std::string& out) {
  out.clear();
  while (!text.empty()) {
    const auto plain = std::min(text.find('\\'), text.size());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (!text.empty())
      take_escape(text, out);
  }
}

/// Behind the opening quote: where the closing one is, or the end.
std::size_t end_of_string(std::string_view text, bool& has_escapes) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '"')
      return at;
    if (text[at] == '\\') {
      has_escapes = true;
      ++at; // what follows ends nothing
    }
  }
  return text.size();
}

} // namespace

void visit_query(std::string_view query, const text_visitor& visit) {
  std::string decoded;
  while (!query.empty()) {
    auto value = cut(query, '&');
    const auto name = cut(value, '=');
    for (const auto part : {name, value}) {
      decoded.clear();
      decode(part, true, decoded);
      if (!decoded.empty() && !visit(decoded))
        return;
    }
  }
}

void visit_json(std::string_view document, const text_visitor& visit) {
  std::string unescaped;
  for (auto open = document.find('"'); open != std::string_view::npos; open = document.find('"')) {
    document.remove_prefix(open + 1);
    bool has_escapes = false;
    const auto end = end_of_string(document, has_escapes);
    auto text = document.substr(0, end);
    document.remove_prefix(std::min(end + 1, document.size()));
    if (has_escapes) {
      unescape(text, unescaped);
      text = unescaped;
    }
    if (!text.empty() && !visit(text))
      return;
  }
}

/// RE2 matches no byte that is not UTF-8, so one of them would hide what is around it from `.`.
std::string with_marks_for_what_is_no_utf8(std::string text) {
  if (json::is_utf8(text))
    return text;
  for (std::size_t at = 0; at < text.size();) {
    const auto size = json::decode_utf8(std::string_view(text).substr(at)).size;
    if (size == 0)
      text[at] = '?';
    at += std::max<std::size_t>(size, 1);
  }
  return text;
}

std::optional<std::string> without_disguise(std::string_view text) {
  const bool is_encoded = holds_percent_byte(text);
  if (!is_encoded && text.find("/*") == std::string_view::npos)
    return std::nullopt;
  std::string decoded;
  decoded.reserve(text.size());
  if (is_encoded)
    decode(text, false, decoded);
  return with_marks_for_what_is_no_utf8(without_comments(is_encoded ? std::string_view(decoded) : text));
}

} // namespace weappd::http
