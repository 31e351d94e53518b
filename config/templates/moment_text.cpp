#include "config/templates/moment_text.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>

namespace weappd::templates {
namespace {

/// Takes one piece after the other off a text; every step says whether it was there.
class pieces {
public:
  explicit pieces(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

  bool take(std::string_view word) {
    if (!rest_.starts_with(word))
      return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  /// All digits that come now, if there are as many as wanted.
  std::optional<int> number(std::size_t fewest, std::size_t most) {
    const auto digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    if (digits < fewest || digits > most)
      return std::nullopt;
    int value = 0;
    for (const char c : rest_.substr(0, digits))
      value = 10 * value + (c - '0');
    rest_.remove_prefix(digits);
    return value;
  }

private:
  std::string_view rest_;
};

/// How the parts of a date are parted: what stands behind year, month and day.
struct date_style {
  std::string_view year, month, day;
};
constexpr date_style date_styles[] = {{"年", "月", "日"}, {"-", "-", ""}, {"/", "/", ""}, {".", ".", ""}};

bool exists(int year, int month, int day) {
  return std::chrono::year_month_day(std::chrono::year(year),
                                     std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day)))
      .ok();
}

/// A day that the month has.
bool take_day(pieces& text, const date_style& style, int year, int month) {
  const auto day = text.number(1, 2);
  return day && text.take(style.day) && exists(year, month, *day);
}

bool take_whole_date(pieces& text, const date_style& style) {
  const auto year = text.number(4, 4);
  if (!year || !text.take(style.year))
    return false;
  const auto month = text.number(1, 2);
  return month && text.take(style.month) && take_day(text, style, *year, *month);
}

/// Without the day a number ends the text where the style has a mere separator.
bool take_year_and_month(pieces& text, const date_style& style) {
  const auto year = text.number(4, 4);
  if (!year || !text.take(style.year))
    return false;
  const auto month = text.number(1, 2);
  return month && (style.day.empty() || text.take(style.month)) && exists(*year, *month, 1);
}

bool take_month_and_day(pieces& text, const date_style& style) {
  constexpr int leap_year = 2000; // without a year the 29th of February may exist
  const auto month = text.number(1, 2);
  return month && text.take(style.month) && take_day(text, style, leap_year, *month);
}

bool take_time(pieces& text) {
  const auto hour = text.number(1, 2);
  if (!hour || *hour > 23 || !text.take(":"))
    return false;
  const auto minute = text.number(2, 2);
  if (!minute || *minute > 59)
    return false;
  if (!text.take(":"))
    return true;
  const auto second = text.number(2, 2);
  return second && *second <= 59;
}

using date_form = bool (*)(pieces&, const date_style&);

/// Is the whole text a date of this form in one of the styles, with or without a time behind it?
bool is_date(std::string_view text, date_form form, bool with_time) {
  return std::ranges::any_of(date_styles, [&](const date_style& style) {
    pieces rest(text);
    if (!form(rest, style))
      return false;
    return with_time ? rest.take(" ") && take_time(rest) && rest.at_end() : rest.at_end();
  });
}

bool is_one_time(std::string_view text) {
  pieces rest(text);
  return (take_time(rest) && rest.at_end()) || is_date(text, take_whole_date, true);
}

bool is_one_date(std::string_view text) {
  constexpr date_form forms[] = {take_whole_date, take_year_and_month, take_month_and_day};
  return std::ranges::any_of(
      forms, [&](date_form form) { return is_date(text, form, false) || is_date(text, form, true); });
}

/// One, or two joined by ~.
bool is_range(std::string_view text, bool (*is_one)(std::string_view)) {
  const auto joint = text.find('~');
  return is_one(text.substr(0, joint)) && (joint == text.npos || is_one(text.substr(joint + 1)));
}

} // namespace

bool is_time_text(std::string_view text) {
  return is_range(text, is_one_time);
}

bool is_date_text(std::string_view text) {
  return is_range(text, is_one_date);
}

} // namespace weappd::templates
