#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

/// Character classes of RFC 9110 and small text helpers of the HTTP folder. ASCII only, never the locale.
namespace weappd::http {

namespace detail {
using char_table = std::array<bool, 256>;
constexpr char_table make_token_table() {
  char_table table{};
  for (const char c : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                       "ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    table[static_cast<unsigned char>(c)] = true;
  return table;
}
inline constexpr char_table token_table = make_token_table();
} // namespace detail

/// tchar of RFC 9110 section 5.6.2: what methods and field names are made of.
constexpr bool is_token_char(char c) noexcept {
  return detail::token_table[static_cast<unsigned char>(c)];
}

constexpr bool is_token(std::string_view text) noexcept {
  for (const char c : text)
    if (!is_token_char(c))
      return false;
  return !text.empty();
}

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
}

/// The value of a hexadecimal digit of either case.
constexpr std::optional<std::uint8_t> hex_value(char c) noexcept {
  if (is_digit(c))
    return static_cast<std::uint8_t>(c - '0');
  const char lower = to_lower(c);
  if (lower >= 'a' && lower <= 'f')
    return static_cast<std::uint8_t>(lower - 'a' + 10);
  return std::nullopt;
}

/// Equal but for the case of ASCII letters.
constexpr bool iequals(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size())
    return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (to_lower(a[i]) != to_lower(b[i]))
      return false;
  return true;
}

/// Without spaces and tabs at both ends.
constexpr std::string_view trim(std::string_view text) noexcept {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_space(text.front()))
    text.remove_prefix(1);
  while (!text.empty() && is_space(text.back()))
    text.remove_suffix(1);
  return text;
}

/// Takes the part up to `separator` off the front of `rest`; all of it if there is none.
constexpr std::string_view cut(std::string_view& rest, char separator) noexcept {
  const auto at = rest.find(separator);
  const auto part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return part;
}

/// Whether a byte may not stand inside of a line: control characters but the tab, and DEL (RFC 9110
/// section 5.5). CR and LF are among them: the line ends there, or it is malformed.
constexpr bool is_forbidden_in_line(char c) noexcept {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
}

/// Index of the first such byte at or behind `from`; the size if there is none. Eight bytes a step.
inline std::size_t find_forbidden(std::string_view text, std::size_t from) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t tops = ones * 0x80;
  while (from < text.size()) {
    for (; from + sizeof(std::uint64_t) <= text.size(); from += sizeof(std::uint64_t)) {
      std::uint64_t word;
      std::memcpy(&word, text.data() + from, sizeof word);
      // Not zero if some byte is below 0x20 (it borrows) or equals 0x7f (one more sets its top). A byte may
      // be blamed for its neighbour; the closer look below finds out.
      if ((((word - ones * 0x20) | (word + ones)) & ~word & tops) != 0)
        break;
    }
    const auto end = std::min(from + sizeof(std::uint64_t), text.size());
    for (; from < end; ++from)
      if (is_forbidden_in_line(text[from]))
        return from;
  }
  return text.size();
}

/// Empties a text. Memory for ordinary requests stays with the connection; more is given back, so that ten
/// thousand idle connections do not hold the largest body that each has ever sent.
inline void clear_keeping_little(std::string& text) {
  constexpr std::size_t kept = 4096;
  if (text.capacity() > kept)
    std::string().swap(text); // an assignment would keep the memory
  else
    text.clear();
}

} // namespace weappd::http
