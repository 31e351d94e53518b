#include "config/templates/quiet_hours.hpp"

namespace weappd::templates {
namespace {

using std::chrono::minutes;

std::optional<int> two_digits(std::string_view text, int most) {
  if (text.size() != 2 || text.find_first_not_of("0123456789") != text.npos)
    return std::nullopt;
  const int value = 10 * (text[0] - '0') + (text[1] - '0');
  return value <= most ? std::optional(value) : std::nullopt;
}

std::optional<minutes> time_of_day(std::string_view text) {
  if (text.size() != 5 || text[2] != ':')
    return std::nullopt;
  const auto hour = two_digits(text.substr(0, 2), 23);
  const auto minute = two_digits(text.substr(3), 59);
  if (!hour || !minute)
    return std::nullopt;
  return minutes(60 * *hour + *minute);
}

} // namespace

std::optional<quiet_hours> parse_quiet_hours(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == text.npos)
    return std::nullopt;
  const auto begin = time_of_day(text.substr(0, dash));
  const auto end = time_of_day(text.substr(dash + 1));
  if (!begin || !end || *begin == *end)
    return std::nullopt;
  return quiet_hours{.begin = *begin, .end = *end};
}

bool is_quiet_hours(std::string_view text) {
  return parse_quiet_hours(text).has_value();
}

std::chrono::sys_time<std::chrono::milliseconds>
first_outside(const quiet_hours& hours, std::chrono::sys_time<std::chrono::milliseconds> at,
              minutes utc_offset) {
  const auto there = at + utc_offset;
  const auto midnight = std::chrono::floor<std::chrono::days>(there);
  const auto time = there - midnight;
  const bool over_midnight = hours.end < hours.begin;
  const bool before_end = time < hours.end;
  const bool after_begin = time >= hours.begin;
  const bool quiet = over_midnight ? before_end || after_begin : before_end && after_begin;
  if (!quiet)
    return at;
  const auto end = midnight + hours.end - utc_offset;
  return before_end ? end : end + std::chrono::days(1);
}

} // namespace weappd::templates
