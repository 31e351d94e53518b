#include "simulator/quotas.hpp"

#include <chrono>
#include <utility>

namespace weappd::simulator {
namespace {

std::string key_of_rule(std::string_view app_id, std::string_view path) {
  return std::string(app_id) + ' ' + std::string(path);
}

} // namespace

bool quotas::set(const std::string& app_id, const std::string& path, limits next) {
  const auto key = key_of_rule(app_id, path);
  if (!next.per_minute && !next.per_day) {
    rules_.erase(key);
    return true;
  }
  if (rules_.size() >= max_rules && !rules_.contains(key))
    return false;
  rules_.insert_or_assign(key, next);
  return true;
}

const quotas::limits* quotas::find(std::string_view app_id, std::string_view path) const {
  for (const auto whose : {app_id, std::string_view()})
    if (const auto rule = rules_.find(key_of_rule(whose, path)); rule != rules_.end())
      return &rule->second;
  return nullptr;
}

std::optional<errcode> quotas::count(moment now, std::string_view app_id, std::string_view path) {
  if (rules_.empty())
    return std::nullopt;
  const auto* rule = find(app_id, path);
  if (!rule)
    return std::nullopt;
  auto& used = usage_[key_of_rule(app_id, path)];
  const auto minute = std::chrono::floor<std::chrono::minutes>(now).time_since_epoch().count();
  const auto day = china_day(now);
  if (std::exchange(used.minute, minute) != minute)
    used.in_minute = 0;
  if (std::exchange(used.day, day) != day)
    used.in_day = 0;
  if (rule->per_day && used.in_day >= *rule->per_day)
    return errcode::day_limit;
  if (rule->per_minute && used.in_minute >= *rule->per_minute)
    return errcode::minute_limit;
  ++used.in_minute;
  ++used.in_day;
  return std::nullopt;
}

} // namespace weappd::simulator
