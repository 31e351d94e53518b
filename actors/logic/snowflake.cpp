#include "actors/logic/snowflake.hpp"

namespace weappd {
namespace {

constexpr int worker_shift = 12;
constexpr int time_shift = 22;
constexpr std::int64_t end_of_time = std::int64_t{1} << 41;

} // namespace

// Which sequences of that millisecond other ids have used is not known, so all of them count as used.
snowflake::snowflake(std::uint32_t worker, user_id newest)
    : worker_(worker & (workers - 1)), last_ms_(static_cast<std::int64_t>(newest.value >> time_shift)),
      sequence_(per_millisecond) {}

snowflake::result snowflake::next(timestamp now) {
  const auto ms = (now - epoch).count();
  if (ms <= 0 || ms >= end_of_time || last_ms_ - ms > patience.count())
    return {};
  if (ms > last_ms_) {
    last_ms_ = ms;
    sequence_ = 0;
  } else if (ms < last_ms_ || sequence_ == per_millisecond) {
    return {.what = outcome::wait, .id = {}, .again_at = epoch + std::chrono::milliseconds(last_ms_ + 1)};
  }
  const auto value = static_cast<std::uint64_t>(ms) << time_shift | worker_ << worker_shift | sequence_;
  ++sequence_;
  return {.what = outcome::made, .id = {value}, .again_at = {}};
}

} // namespace weappd
