#pragma once

#include "actors/logic/snowflake.hpp"
#include "messages/message_ids.hpp"

#include <cstdint>
#include <mutex>

namespace weappd {

/// Ids of messages as Snowflakes. They are a space of their own, beside the ids of users. A clock that is
/// behind the newest id by less than snowflake::patience is helped out with moments of the near future.
class snowflake_message_ids final : public message_id_source {
public:
  /// `node`: node.id, different on each server that shares a store. `newest`: the newest id in the store, or
  /// 0.
  snowflake_message_ids(std::uint32_t node, message_id newest);
  [[nodiscard]] std::optional<message_id> next(timestamp now) override;

private:
  std::mutex mutex_;
  snowflake ids_;
};

} // namespace weappd
