#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace weappd::templates {

/// A part of each day in which nobody is to be disturbed, as times of day: from `begin` on, before `end`.
/// Over midnight if `end` is the earlier one.
struct quiet_hours {
  std::chrono::minutes begin{};
  std::chrono::minutes end{};
};

/// "22:00-08:00": two digits each, 00:00 to 23:59. Nothing for anything else, also where both are the same.
[[nodiscard]] std::optional<quiet_hours> parse_quiet_hours(std::string_view text);
[[nodiscard]] bool is_quiet_hours(std::string_view text);

/// The first moment, `at` or later, that is not in them. The times of day are those of a place whose clock is
/// `utc_offset` ahead of UTC and never changes.
[[nodiscard]] std::chrono::sys_time<std::chrono::milliseconds>
first_outside(const quiet_hours& hours, std::chrono::sys_time<std::chrono::milliseconds> at,
              std::chrono::minutes utc_offset);

} // namespace weappd::templates
