#pragma once

#include "messages/ids.hpp"
#include "messages/time.hpp"

#include <chrono>
#include <cstdint>

namespace weappd {

/// User ids that never repeat: 41 bits of milliseconds since 2024-01-01 UTC (until 2093), 10 of worker, 12 of
/// sequence. Two makers with different workers never make the same id.
class snowflake {
public:
  static constexpr timestamp epoch = std::chrono::sys_days(std::chrono::year(2024) / 1 / 1);
  static constexpr std::uint32_t workers = 1U << 10;
  static constexpr std::uint32_t per_millisecond = 1U << 12;
  /// A clock that is behind the newest id by up to this is waited for; one further behind is wrong.
  static constexpr std::chrono::milliseconds patience{2'000};

  /// `newest` is the newest id in the store, or 0: no id is made in its millisecond or before it, so that a
  /// restart with a clock that is behind repeats nothing. Only the low 10 bits of `worker` count.
  snowflake(std::uint32_t worker, user_id newest);

  enum class outcome : std::uint8_t {
    made,
    wait,    ///< this millisecond is used up, or the clock went back a little: ask again at `again_at`
    refused, ///< the clock is too far behind, before 2024 or after 2093: somebody must set it
  };
  struct result {
    outcome what = outcome::refused;
    user_id id;           ///< when made
    timestamp again_at{}; ///< when to wait: at most `patience` + 1 ms from now
  };
  [[nodiscard]] result next(timestamp now);

private:
  std::uint64_t worker_;
  std::int64_t last_ms_;   ///< since epoch
  std::uint32_t sequence_; ///< used in last_ms_, the next one is free
};

} // namespace weappd
