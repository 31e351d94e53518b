#include "http/json/writer.hpp"

#include <algorithm>
#include <cstring>
#include <system_error>

namespace weappd::json {
namespace {

constexpr std::size_t spare = 256; // room for a few members, so that it is not asked for with each

constexpr bool needs_escape(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\';
}
constexpr std::size_t escaped_size = 6; // \u0000

/// Whether one of the bytes may need an escape. A byte may be blamed for its neighbour.
bool may_need_escape(std::uint64_t bytes) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  const auto quote = bytes ^ ones * '"'; // zero there, as in "bit twiddling hacks": haszero, hasless
  const auto backslash = bytes ^ ones * '\\';
  return (((bytes - ones * 0x20) & ~bytes) | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash)) &
         ones * 0x80;
}

std::size_t count_escapes(std::string_view text) {
  std::size_t count = 0;
  while (!text.empty()) {
    std::uint64_t bytes = 0;
    const auto size = std::min(text.size(), sizeof bytes);
    if (size == sizeof bytes)
      std::memcpy(&bytes, text.data(), sizeof bytes);
    if (size != sizeof bytes || may_need_escape(bytes))
      count += static_cast<std::size_t>(std::count_if(text.begin(), text.begin() + size, needs_escape));
    text.remove_prefix(size);
  }
  return count;
}

char* put_escaped(char* to, char c) {
  constexpr char digits[] = "0123456789abcdef";
  *to++ = '\\';
  switch (c) {
  case '"':
  case '\\':
    *to++ = c;
    break;
  case '\n':
    *to++ = 'n';
    break;
  case '\r':
    *to++ = 'r';
    break;
  case '\t':
    *to++ = 't';
    break;
  default:
    for (const char each : {'u', '0', '0', digits[static_cast<unsigned char>(c) >> 4], digits[c & 15]})
      *to++ = each;
  }
  return to;
}

} // namespace

/// What the string has already is used before it gets more.
void writer::grow(std::size_t count) {
  const auto wanted = size_ + count + spare;
  out_.resize(size_ + count <= out_.capacity() ? std::min(wanted, out_.capacity()) : wanted);
}

void writer::put_name(std::string_view name) {
  char* to = room(name.size() + 4);
  if (wants_comma())
    *to++ = ',';
  *to++ = '"';
  to = std::copy(name.begin(), name.end(), to);
  *to++ = '"';
  *to++ = ':';
  commit(to);
}

void writer::put(std::string_view text) {
  const auto escapes = count_escapes(text);
  char* to = room(text.size() + escapes * (escaped_size - 1) + 2);
  *to++ = '"';
  if (escapes == 0) {
    to = std::copy(text.begin(), text.end(), to);
  } else {
    for (const char c : text) {
      if (needs_escape(c))
        to = put_escaped(to, c);
      else
        *to++ = c;
    }
  }
  *to++ = '"';
  commit(to);
}

void writer::put(timestamp time) {
  char* to = room(rfc3339_room + 2);
  *to++ = '"';
  to = write_rfc3339(to, time);
  *to++ = '"';
  commit(to);
}

void writer::put_real(double number) {
  char digits[64];
  const auto [end, error] =
      std::to_chars(digits, digits + sizeof digits, number, std::chars_format::fixed, 3);
  put_raw(error == std::errc{} ? std::string_view(digits, static_cast<std::size_t>(end - digits))
                               : "0"); // more digits than anything that is measured
}

void writer::put_quoted(std::uint64_t number) {
  char* to = room(max_digits + 2);
  *to++ = '"';
  to = std::to_chars(to, to + max_digits, number).ptr;
  *to++ = '"';
  commit(to);
}

} // namespace weappd::json
