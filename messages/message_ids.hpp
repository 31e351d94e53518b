#pragma once

#include "messages/ids.hpp"
#include "messages/time.hpp"

#include <optional>

namespace weappd {

/// Where ids of messages come from: each is larger than those before it and never repeats. Safe to use from
/// several threads.
class message_id_source {
public:
  virtual ~message_id_source() = default;
  /// Nothing while the clock of the machine is behind the newest id: ask again later.
  [[nodiscard]] virtual std::optional<message_id> next(timestamp now) = 0;
};

} // namespace weappd
