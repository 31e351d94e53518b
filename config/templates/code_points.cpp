#include "config/templates/code_points.hpp"

#include <algorithm>
#include <cstdint>

namespace weappd::templates {
namespace {

/// What the first byte says: how many bytes there are, the bits that it brings, and the least value that
/// needs so many bytes.
struct lead {
  std::size_t size = 0; ///< 0: no code point begins so
  char32_t bits = 0;
  char32_t least = 0;
};

lead lead_of(std::uint8_t byte) {
  if (byte < 0x80)
    return {.size = 1, .bits = byte, .least = 0};
  if ((byte & 0xE0) == 0xC0)
    return {.size = 2, .bits = byte & 0x1Fu, .least = 0x80};
  if ((byte & 0xF0) == 0xE0)
    return {.size = 3, .bits = byte & 0x0Fu, .least = 0x800};
  if ((byte & 0xF8) == 0xF0)
    return {.size = 4, .bits = byte & 0x07u, .least = 0x10000};
  return {};
}

bool breaks_the_line(char32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

} // namespace

std::size_t printable_ascii(std::string_view text) {
  const auto end = std::ranges::find_if_not(text, [](char c) { return c >= ' ' && c <= '~'; });
  return static_cast<std::size_t>(end - text.begin());
}

std::optional<char32_t> take_code_point(std::string_view& text) {
  const auto first = text.empty() ? lead{} : lead_of(static_cast<std::uint8_t>(text.front()));
  if (first.size == 0 || text.size() < first.size)
    return std::nullopt;
  char32_t value = first.bits;
  for (std::size_t i = 1; i < first.size; ++i) {
    const auto byte = static_cast<std::uint8_t>(text[i]);
    if ((byte & 0xC0) != 0x80)
      return std::nullopt;
    value = value << 6 | (byte & 0x3Fu);
  }
  if (value < first.least || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000))
    return std::nullopt;
  text.remove_prefix(first.size);
  return value;
}

std::optional<std::size_t> count_code_points(std::string_view text) {
  std::size_t count = printable_ascii(text);
  text.remove_prefix(count);
  for (; !text.empty(); ++count)
    if (!take_code_point(text))
      return std::nullopt;
  return count;
}

std::size_t bytes_of_code_points(std::string_view text, std::size_t count) {
  const std::size_t all = text.size();
  while (count > 0 && take_code_point(text))
    --count;
  return all - text.size();
}

bool is_one_line(std::string_view text) {
  text.remove_prefix(printable_ascii(text));
  while (!text.empty())
    if (const auto c = take_code_point(text); !c || breaks_the_line(*c))
      return false;
  return true;
}

} // namespace weappd::templates
