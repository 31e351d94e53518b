#include "actors/logic/message_ids.hpp"

namespace weappd {

snowflake_message_ids::snowflake_message_ids(std::uint32_t node, message_id newest)
    : ids_(node, user_id{newest.value}) {}

std::optional<message_id> snowflake_message_ids::next(timestamp now) {
  std::lock_guard guard(mutex_);
  auto made = ids_.next(now);
  // Another thread read the clock a little later and was here first: its millisecond has room.
  if (made.what == snowflake::outcome::wait)
    made = ids_.next(made.again_at - std::chrono::milliseconds(1));
  if (made.what == snowflake::outcome::wait) // it is full
    made = ids_.next(made.again_at);
  if (made.what != snowflake::outcome::made)
    return std::nullopt;
  return message_id{made.id.value};
}

} // namespace weappd
