#include "http/json/rfc3339.hpp"

#include <chrono>
#include <cstddef>

namespace weappd::json {
namespace {

/// Takes what it is asked for off the front of a text; once something was not there, it stays failed.
class time_cursor {
public:
  explicit time_cursor(std::string_view text) noexcept : rest_(text) {}

  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

  /// A number of exactly so many digits.
  int digits(std::size_t count) noexcept {
    int value = 0;
    for (; count != 0; --count)
      value = 10 * value + digit();
    return value;
  }
  bool take(char c) noexcept {
    if (rest_.empty() || rest_.front() != c)
      return false;
    rest_.remove_prefix(1);
    return true;
  }
  void want(char c) noexcept { failed_ = !take(c) || failed_; }
  /// Of 1 to 9 digits after the point.
  std::chrono::milliseconds fraction() noexcept {
    int value = 0;
    std::size_t count = 0;
    do {
      const int next = digit();
      value = count < 3 ? 10 * value + next : value;
    } while (++count < 9 && is_at_digit());
    for (; count < 3; ++count)
      value *= 10;
    return std::chrono::milliseconds(value);
  }

private:
  [[nodiscard]] bool is_at_digit() const noexcept {
    return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9';
  }
  int digit() noexcept {
    if (!is_at_digit()) {
      failed_ = true;
      return 0;
    }
    const int value = rest_.front() - '0';
    rest_.remove_prefix(1);
    return value;
  }

  std::string_view rest_;
  bool failed_ = false;
};

/// "Z", "+08:00".
std::chrono::minutes take_offset(time_cursor& in, bool& fits) noexcept {
  if (in.take('Z') || in.take('z'))
    return {};
  const bool west = in.take('-');
  if (!west)
    in.want('+');
  const int hours = in.digits(2);
  in.want(':');
  const int minutes = in.digits(2);
  fits = fits && hours < 24 && minutes < 60;
  return std::chrono::minutes((west ? -1 : 1) * (60 * hours + minutes));
}

} // namespace

std::optional<timestamp> read_rfc3339(std::string_view text) noexcept {
  using namespace std::chrono;
  time_cursor in(text);
  const year y(in.digits(4));
  in.want('-');
  const month m(static_cast<unsigned>(in.digits(2)));
  in.want('-');
  const day d(static_cast<unsigned>(in.digits(2)));
  if (!in.take('t'))
    in.want('T');
  const int hour = in.digits(2);
  in.want(':');
  const int minute = in.digits(2);
  in.want(':');
  const int second = in.digits(2);
  const auto fraction = in.take('.') ? in.fraction() : milliseconds(0);
  const year_month_day date(y, m, d);
  bool fits = date.ok() && y >= year(1970) && hour < 24 && minute < 60 && second < 60;
  const auto offset = take_offset(in, fits);
  if (in.failed() || !in.at_end() || !fits)
    return std::nullopt;
  return sys_days(date) + hours(hour) + minutes(minute) + seconds(second) + fraction - offset;
}

} // namespace weappd::json
