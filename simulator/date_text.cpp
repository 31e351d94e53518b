#include "simulator/date_text.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

namespace weappd::simulator {
namespace {

/// Takes a text apart from its begin.
class scanner {
public:
  explicit scanner(std::string_view text) : rest_(text) {}
  [[nodiscard]] bool done() const noexcept { return rest_.empty(); }
  bool take(std::string_view what) {
    if (!rest_.starts_with(what))
      return false;
    rest_.remove_prefix(what.size());
    return true;
  }
  /// A number of `min` to `max` digits, as many as there are.
  std::optional<unsigned> number(std::size_t min, std::size_t max) {
    std::size_t digits = 0;
    unsigned value = 0;
    for (; digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9'; ++digits) {
      if (digits == max)
        return std::nullopt;
      value = value * 10 + static_cast<unsigned>(rest_[digits] - '0');
    }
    if (digits < min)
      return std::nullopt;
    rest_.remove_prefix(digits);
    return value;
  }

private:
  std::string_view rest_;
};

bool take_time(scanner& from) {
  auto trial = from;
  const auto hour = trial.number(1, 2);
  if (!hour || *hour > 23 || !trial.take(":"))
    return false;
  const auto minute = trial.number(2, 2);
  if (!minute || *minute > 59)
    return false;
  if (trial.take(":")) {
    const auto second = trial.number(2, 2);
    if (!second || *second > 59)
      return false;
  }
  from = trial;
  return true;
}

struct date_parts {
  std::optional<unsigned> year, month, day;
};

// A date without a year may be the 29th of February.
bool exists(const date_parts& date) {
  constexpr int some_leap_year = 2000;
  const std::chrono::year_month_day day{
      std::chrono::year(date.year ? static_cast<int>(*date.year) : some_leap_year),
      std::chrono::month(date.month.value_or(1)), std::chrono::day(date.day.value_or(1))};
  return day.ok();
}

std::optional<date_parts> take_chinese_date(scanner& from) {
  date_parts out;
  auto trial = from;
  if (const auto year = trial.number(4, 4); year && trial.take("年"))
    out.year = year;
  else
    trial = from;
  out.month = trial.number(1, 2);
  if (!out.month || !trial.take("月"))
    return std::nullopt;
  auto after_month = trial;
  if (const auto day = trial.number(1, 2); day && trial.take("日"))
    out.day = day;
  else
    trial = after_month;
  if (!out.year && !out.day)
    return std::nullopt;
  from = trial;
  return out;
}

std::optional<date_parts> take_date_with(std::string_view separator, scanner& from) {
  date_parts out;
  auto trial = from;
  if (const auto year = trial.number(4, 4); year && trial.take(separator))
    out.year = year;
  else
    trial = from;
  out.month = trial.number(1, 2);
  if (!out.month)
    return std::nullopt;
  if (trial.take(separator)) {
    out.day = trial.number(1, 2);
    if (!out.day)
      return std::nullopt;
  }
  if (!out.year && !out.day)
    return std::nullopt;
  from = trial;
  return out;
}

bool take_date(scanner& from) {
  for (const std::string_view separator : {"年", "-", "/", "."}) {
    auto trial = from;
    const auto date = separator == "年" ? take_chinese_date(trial) : take_date_with(separator, trial);
    if (date && exists(*date)) {
      from = trial;
      return true;
    }
  }
  return false;
}

struct side {
  bool date = false;
  bool time = false;
};

// One side of a span: a date, a time of day, or both.
side take_side(scanner& from) {
  side out;
  out.date = take_date(from);
  auto trial = from;
  if (out.date)
    trial.take(" ");
  out.time = take_time(trial);
  if (out.time)
    from = trial;
  return out;
}

struct span {
  side begin;
  std::optional<side> end;
};

std::optional<span> read_span(std::string_view text) {
  scanner from(text);
  span out{take_side(from), {}};
  auto trial = from;
  trial.take(" ");
  if (trial.take("~")) {
    trial.take(" ");
    from = trial;
    out.end = take_side(from);
  }
  return from.done() ? std::optional(out) : std::nullopt;
}

} // namespace

bool is_time_text(std::string_view text) {
  const auto read = read_span(text);
  return read && read->begin.time && (!read->end || read->end->time);
}

bool is_date_text(std::string_view text) {
  const auto read = read_span(text);
  return read && read->begin.date && (!read->end || read->end->date || (read->begin.time && read->end->time));
}

} // namespace weappd::simulator
