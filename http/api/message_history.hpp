#pragma once

#include "messages/push.hpp"

namespace weappd::http {

/// What became of a message, state by state: its story, and before each attempt the event `sending`, from
/// when its turn came. A message that is being sent ends in one. Every two states that follow one another and
/// differ are a move of may_move; times do not run back, but where the clock of the machine did.
///
/// The store does not keep these events, so that no message costs it more: an attempt says how long it took.
[[nodiscard]] message_story history_of(const message_record& message);

} // namespace weappd::http
