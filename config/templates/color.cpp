#include "config/templates/color.hpp"

#include "config/templates/color_names.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>

namespace weappd::templates {
namespace {

/// No colour is longer, except for blanks that nobody needs.
constexpr std::size_t longest_color = 64;

bool is_decimal_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return is_decimal_digit(c) || (c >= 'a' && c <= 'f'); });
}

std::string_view without_blanks_around(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

/// Digits, at most `most`.
bool is_number_up_to(std::string_view text, int most) {
  if (text.empty() || text.size() > 3 || !std::ranges::all_of(text, is_decimal_digit))
    return false;
  int value = 0;
  for (const char c : text)
    value = 10 * value + (c - '0');
  return value <= most;
}

bool is_percentage(std::string_view text) {
  return text.ends_with('%') && is_number_up_to(text.substr(0, text.size() - 1), 100);
}

/// "0", "1", "0.5", ".5", "1.0", or a percentage.
bool is_alpha(std::string_view text) {
  if (text.ends_with('%'))
    return is_percentage(text);
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  if (point == text.npos)
    return is_number_up_to(whole, 1);
  const auto fraction = text.substr(point + 1);
  if (fraction.empty() || !std::ranges::all_of(fraction, is_decimal_digit))
    return false;
  return whole.empty() || whole == "0" || (whole == "1" && fraction.find_first_not_of('0') == fraction.npos);
}

/// What stands between the brackets, at its commas; nothing if there are more than four.
struct arguments {
  std::array<std::string_view, 4> texts;
  std::size_t count = 0;
};
std::optional<arguments> split_arguments(std::string_view text) {
  arguments found;
  while (true) {
    if (found.count == found.texts.size())
      return std::nullopt;
    const auto comma = text.find(',');
    found.texts[found.count++] = without_blanks_around(text.substr(0, comma));
    if (comma == text.npos)
      return found;
    text.remove_prefix(comma + 1);
  }
}

bool is_rgb(const arguments& given) {
  const auto first = given.texts.begin();
  return std::all_of(first, first + 3, [](std::string_view t) { return is_number_up_to(t, 255); }) ||
         std::all_of(first, first + 3, is_percentage);
}
bool is_hsl(const arguments& given) {
  return is_number_up_to(given.texts[0], 360) && is_percentage(given.texts[1]) &&
         is_percentage(given.texts[2]);
}

/// A function of CSS; `text` is in lower case.
bool is_color_function(std::string_view text) {
  const auto bracket = text.find('(');
  const auto name = text.substr(0, bracket);
  if (bracket == text.npos || !text.ends_with(')'))
    return false;
  const auto given = split_arguments(text.substr(bracket + 1, text.size() - bracket - 2));
  const bool has_alpha = name == "rgba" || name == "hsla";
  if (!given || given->count != (has_alpha ? 4U : 3U) || (has_alpha && !is_alpha(given->texts[3])))
    return false;
  if (name == "rgb" || name == "rgba")
    return is_rgb(*given);
  return (name == "hsl" || name == "hsla") && is_hsl(*given);
}

} // namespace

bool is_color(std::string_view text) {
  if (text.size() > longest_color)
    return false;
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  if (lower.starts_with('#'))
    return (lower.size() == 4 || lower.size() == 7) && is_hex(std::string_view(lower).substr(1));
  return lower == "transparent" || lower == "currentcolor" ||
         std::ranges::binary_search(color_names, std::string_view(lower)) || is_color_function(lower);
}

} // namespace weappd::templates
