#pragma once

#include "simulator/errors.hpp"
#include "simulator/time.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace weappd::simulator {

/// How often an app may call an endpoint. Without a rule: as often as it likes.
class quotas {
public:
  static constexpr std::size_t max_rules = 1'000;

  struct limits {
    std::optional<std::int64_t> per_minute; ///< of whole minutes
    std::optional<std::int64_t> per_day;    ///< of days in China
  };

  /// The rule of an app (empty: of every app that has none of its own, each counted apart) for a path.
  /// Without limits there is none any more. What was counted stays. False: a bound is met, nothing is
  /// changed.
  bool set(const std::string& app_id, const std::string& path, limits next);

  /// Counts a call. Errors, which count nothing: day_limit, minute_limit.
  std::optional<errcode> count(moment now, std::string_view app_id, std::string_view path);

private:
  struct usage {
    std::int64_t minute = 0;
    std::int64_t in_minute = 0;
    std::int64_t day = 0;
    std::int64_t in_day = 0;
  };
  [[nodiscard]] const limits* find(std::string_view app_id, std::string_view path) const;

  std::map<std::string, limits> rules_;          // by app id and path
  std::unordered_map<std::string, usage> usage_; // by app id and path, of paths with rules
};

} // namespace weappd::simulator
