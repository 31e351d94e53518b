#include "http/api/message_history.hpp"

#include <algorithm>
#include <string>

namespace weappd::http {
namespace {

message_event turn_at(timestamp at, std::uint32_t attempt) {
  return {.what = message_event::kind::sending,
          .at = at,
          .state = message_state::sending,
          .rule = std::string(rule_of_a_turn),
          .attempt = attempt};
}

/// Not before what happened before it: durations are rounded.
timestamp not_before_last(const message_story& so_far, timestamp at) {
  return so_far.empty() ? at : std::max(at, so_far.back().at);
}

} // namespace

message_story history_of(const message_record& message) {
  message_story out;
  auto state = message_state::queued;
  for (const auto& event : message.story) {
    // An attempt that is made again at once, with a new token, is in the same turn.
    if (event.what == message_event::kind::attempt && state != message_state::sending) {
      const auto began = not_before_last(out, event.at - event.duration);
      out.push_back(turn_at(std::min(began, event.at), event.attempt));
    }
    out.push_back(event);
    state = event.state;
  }
  if (message.state == message_state::sending) // since then, for nothing has changed it
    out.push_back(turn_at(not_before_last(out, message.updated_at), message.attempts));
  return out;
}

} // namespace weappd::http
