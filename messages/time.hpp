#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace weappd {

/// A moment of civil time with the precision that we store and show: milliseconds, UTC.
using timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// Civil time, handed in. Durations and timers use the actor clock (`self->clock()`), which never jumps.
class wall_clock {
public:
  virtual ~wall_clock() = default;
  [[nodiscard]] virtual timestamp now() const = 0;
};

class system_wall_clock final : public wall_clock {
public:
  [[nodiscard]] timestamp now() const override {
    return std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }
};

/// RFC 3339 in UTC with milliseconds: 2026-11-21T08:30:00.000Z.
[[nodiscard]] std::string to_rfc3339(timestamp time);
/// The same into `to`, which has that much room; gives its end.
char* write_rfc3339(char* to, timestamp time) noexcept;
inline constexpr std::size_t rfc3339_room = 40;

} // namespace weappd
