#include "config/templates/field_type.hpp"

#include "config/templates/code_points.hpp"
#include "config/templates/moment_text.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace weappd::templates {
namespace {

using namespace std::string_view_literals;

constexpr std::string_view fits = "";
constexpr std::string_view required = "required";
constexpr std::string_view too_long = "too_long";
constexpr std::string_view invalid_characters = "invalid_characters";
constexpr std::string_view wrong_format = "wrong_format";

constexpr std::size_t longest_untyped = 200;

/// In the order of the enumeration.
constexpr std::array type_names{"thing"sv, "number"sv, "letter"sv, "symbol"sv,       "character_string"sv,
                                "time"sv,  "date"sv,   "amount"sv, "phone_number"sv, "car_number"sv,
                                "name"sv,  "phrase"sv, "enum"sv,   "enum_string"sv};

bool is_digit(char32_t c) {
  return c >= '0' && c <= '9';
}
bool is_letter(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_printable_ascii(char32_t c) {
  return c >= ' ' && c <= '~';
}
bool is_ascii_symbol(char32_t c) {
  return c > ' ' && c <= '~' && !is_digit(c) && !is_letter(c);
}
bool is_latin(char32_t c) {
  return is_letter(c) || (c >= 0xC0 && c <= 0x24F && c != 0xD7 && c != 0xF7);
}

/// The blocks of Han characters of Unicode, and U+3007, the zero.
bool is_chinese(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0x20000 && c <= 0x323AF) || c == 0x3007;
}

/// The blocks of punctuation and symbols of Unicode; of the full-width forms those whose ASCII twin is one.
bool is_symbol(char32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E)
    return is_ascii_symbol(c - 0xFF01 + '!');
  return is_ascii_symbol(c) || (c >= 0xA1 && c <= 0xBF && c != 0xAA && c != 0xBA) || c == 0xD7 || c == 0xF7 ||
         (c >= 0x2010 && c <= 0x2027) || (c >= 0x2030 && c <= 0x205E) || (c >= 0x20A0 && c <= 0x20CF) ||
         (c >= 0x2190 && c <= 0x2BFF) || (c >= 0x3001 && c <= 0x3003) || (c >= 0x3008 && c <= 0x3020) ||
         (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x1F300 && c <= 0x1FAFF);
}
bool is_of_a_name(char32_t c) {
  return is_latin(c) || is_chinese(c) || is_symbol(c) || c == ' ';
}
bool is_of_a_phone_number(char32_t c) {
  return is_digit(c) || is_ascii_symbol(c);
}
bool is_currency(char32_t c) {
  return c == '$' || (c >= 0xA2 && c <= 0xA5) || (c >= 0x20A0 && c <= 0x20C0) || c == 0xFF04 || c == 0xFFE1 ||
         c == 0xFFE5;
}

template <class Predicate>
bool every(std::string_view text, Predicate holds) {
  while (!text.empty())
    if (const auto c = take_code_point(text); !c || !holds(*c))
      return false;
  return true;
}
template <class Predicate>
bool any(std::string_view text, Predicate holds) {
  return !every(text, [&](char32_t c) { return !holds(c); });
}

std::size_t length(std::string_view text) {
  return count_code_points(text).value_or(0);
}

/// Of a type that has one.
std::size_t limit_of(std::optional<field_type> type) {
  return max_length(type).value_or(longest_untyped);
}

std::string_view check_characters(std::string_view text, bool (*allowed)(char32_t), std::size_t most) {
  if (!every(text, allowed))
    return invalid_characters;
  return length(text) > most ? too_long : fits;
}

/// Digits with at most one point, which has a digit on either side.
bool is_decimal(std::string_view text) {
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto fraction = point == text.npos ? "0"sv : text.substr(point + 1);
  return !whole.empty() && !fraction.empty() && every(whole, is_digit) && every(fraction, is_digit);
}

std::string_view check_number(std::string_view text) {
  const auto problem = check_characters(
      text, [](char32_t c) { return is_digit(c) || c == '.'; }, limit_of(field_type::number));
  if (!problem.empty())
    return problem;
  return is_decimal(text) ? fits : wrong_format;
}

std::string_view check_amount(std::string_view text) {
  constexpr auto yuan = "元"sv;
  if (auto rest = text; is_currency(take_code_point(rest).value_or(0)))
    text = rest;
  if (text.ends_with(yuan))
    text.remove_suffix(yuan.size());
  if (!every(text, [](char32_t c) { return is_digit(c) || c == '.'; }))
    return any(text, [](char32_t c) { return is_letter(c) || is_chinese(c); }) ? invalid_characters
                                                                               : wrong_format;
  if (!is_decimal(text))
    return wrong_format;
  return std::ranges::count_if(text, [](char c) { return c != '.'; }) > 10 ? too_long : fits;
}

std::string_view check_phone_number(std::string_view text) {
  const auto problem = check_characters(text, is_of_a_phone_number, limit_of(field_type::phone_number));
  if (!problem.empty())
    return problem;
  return any(text, is_digit) ? fits : wrong_format;
}

std::string_view check_car_number(std::string_view text) {
  constexpr auto is_plain = [](char32_t c) { return is_digit(c) || is_letter(c); };
  if (!every(text, [](char32_t c) { return is_digit(c) || is_letter(c) || is_chinese(c); }))
    return invalid_characters;
  const auto count = length(text);
  if (count > limit_of(field_type::car_number))
    return too_long;
  if (count <= 2)
    return fits;
  const auto begin = bytes_of_code_points(text, 1);
  const auto end = bytes_of_code_points(text, count - 1);
  return every(text.substr(begin, end - begin), is_plain) ? fits : wrong_format;
}

std::string_view check_name(std::string_view text) {
  return check_characters(text, is_of_a_name, any(text, is_chinese) ? 10 : limit_of(field_type::name));
}

std::string_view check_choice(std::string_view text, std::span<const std::string> choices) {
  return std::ranges::find(choices, text) != choices.end() ? fits : wrong_format;
}

std::string_view check_length(std::string_view text, std::size_t most) {
  return length(text) > most ? too_long : fits;
}

} // namespace

std::string_view to_string(field_type type) {
  return type_names[static_cast<std::size_t>(type)];
}

std::optional<field_type> field_type_of(std::string_view field) {
  const auto end = field.find_last_not_of("0123456789") + 1; // npos + 1 is 0
  if (end == field.size())
    return std::nullopt;
  const auto found = std::ranges::find(type_names, field.substr(0, end));
  if (found == type_names.end())
    return std::nullopt;
  return static_cast<field_type>(found - type_names.begin());
}

bool has_choices(std::optional<field_type> type) {
  return type == field_type::enum_ || type == field_type::enum_string;
}

std::optional<std::size_t> max_length(std::optional<field_type> type) {
  if (!type)
    return longest_untyped;
  switch (*type) {
  case field_type::thing:
  case field_type::name:
    return 20;
  case field_type::number:
  case field_type::letter:
  case field_type::character_string:
    return 32;
  case field_type::phone_number:
    return 17;
  case field_type::car_number:
    return 8;
  case field_type::symbol:
  case field_type::phrase:
    return 5;
  case field_type::time:
  case field_type::date:
  case field_type::amount:
  case field_type::enum_:
  case field_type::enum_string:
    break;
  }
  return std::nullopt;
}

std::string_view check_text(std::optional<field_type> type, std::string_view text,
                            std::span<const std::string> choices) {
  if (text.empty())
    return required;
  if (!is_one_line(text))
    return invalid_characters;
  if (!type)
    return check_length(text, limit_of(type));
  switch (*type) {
  case field_type::thing:
    return check_length(text, limit_of(type));
  case field_type::number:
    return check_number(text);
  case field_type::letter:
    return check_characters(text, is_letter, limit_of(type));
  case field_type::symbol:
    return check_characters(text, is_symbol, limit_of(type));
  case field_type::character_string:
    return check_characters(text, is_printable_ascii, limit_of(type));
  case field_type::time:
    return is_time_text(text) ? fits : wrong_format;
  case field_type::date:
    return is_date_text(text) ? fits : wrong_format;
  case field_type::amount:
    return check_amount(text);
  case field_type::phone_number:
    return check_phone_number(text);
  case field_type::car_number:
    return check_car_number(text);
  case field_type::name:
    return check_name(text);
  case field_type::phrase:
    return check_characters(text, is_chinese, limit_of(type));
  case field_type::enum_:
  case field_type::enum_string:
    return check_choice(text, choices);
  }
  return wrong_format;
}

bool can_shorten(std::optional<field_type> type) {
  return !type || *type == field_type::thing || *type == field_type::character_string;
}

std::string shorten(std::optional<field_type> type, std::string_view text) {
  const auto count = count_code_points(text);
  if (!can_shorten(type) || !count || *count <= limit_of(type))
    return std::string(text);
  const auto ellipsis = type == field_type::character_string ? "..."sv : "…"sv;
  const auto kept = bytes_of_code_points(text, limit_of(type) - length(ellipsis));
  return std::string(text.substr(0, kept)).append(ellipsis);
}

} // namespace weappd::templates
