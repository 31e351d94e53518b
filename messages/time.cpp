#include "messages/time.hpp"

#include <array>
#include <charconv>
#include <cstring>

namespace weappd {
namespace {

constexpr auto two_digits = [] {
  std::array<std::array<char, 2>, 100> pairs{};
  for (std::size_t i = 0; i < pairs.size(); ++i)
    pairs[i] = {static_cast<char>('0' + i / 10), static_cast<char>('0' + i % 10)};
  return pairs;
}();

char* put_two(char* to, unsigned number) noexcept {
  std::memcpy(to, two_digits[number].data(), 2);
  return to + 2;
}

char* put_year(char* to, int year) noexcept {
  if (year < 0 || year > 9999)
    return std::to_chars(to, to + 12, year).ptr; // beyond the format, but not beyond the type
  const auto years = static_cast<unsigned>(year);
  return put_two(put_two(to, years / 100), years % 100);
}

} // namespace

// By hand: it is written three times into the answer of a typical request, and printf took a sixth of its
// time.
char* write_rfc3339(char* to, timestamp time) noexcept {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const auto of_day = static_cast<unsigned>((time - day).count());
  to = put_year(to, static_cast<int>(date.year()));
  *to++ = '-';
  to = put_two(to, static_cast<unsigned>(date.month()));
  *to++ = '-';
  to = put_two(to, static_cast<unsigned>(date.day()));
  *to++ = 'T';
  to = put_two(to, of_day / 3'600'000);
  *to++ = ':';
  to = put_two(to, of_day / 60'000 % 60);
  *to++ = ':';
  to = put_two(to, of_day / 1'000 % 60);
  *to++ = '.';
  *to++ = static_cast<char>('0' + of_day / 100 % 10);
  to = put_two(to, of_day % 100);
  *to++ = 'Z';
  return to;
}

std::string to_rfc3339(timestamp time) {
  char text[rfc3339_room];
  return {text, write_rfc3339(text, time)};
}

} // namespace weappd
