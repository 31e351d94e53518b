#pragma once

#include "messages/push.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weappd {

/// Where pushers count what they do. Handed in, so that no actor knows how a figure is published. Safe to use
/// from several threads; it neither throws nor waits.
class push_metrics {
public:
  virtual ~push_metrics() = default;

  virtual void accepted(std::string_view template_name) = 0;
  /// One call of the platform. `outcome` as in message_event.
  virtual void attempted(std::string_view outcome, std::int64_t errcode,
                         std::chrono::milliseconds duration) = 0;
  /// A message has reached its end; `age` since it was accepted.
  virtual void finished(message_state state, fail_reason reason, std::chrono::milliseconds age) = 0;
  /// How many messages a pusher has that are not at their end.
  virtual void queued(std::size_t shard, std::size_t messages) = 0;
};

} // namespace weappd
