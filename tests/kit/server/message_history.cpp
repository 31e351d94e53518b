#include "tests/kit/server/message_history.hpp"

#include "messages/push.hpp"

namespace weappd::kit {
namespace {

message_state state_of(const nlohmann::json& holder) {
  return parse_message_state(holder.at("status").get<std::string>()).value();
}

} // namespace

std::string problem_of_history(const nlohmann::json& message) {
  auto state = message_state::queued;
  std::string time;
  for (const auto& event : message.at("history")) {
    const auto next = state_of(event);
    if (next != state && !may_move(state, next))
      return "no such move: " + event.dump();
    if (event.at("event") == "attempt" && state != message_state::sending)
      return "an attempt out of its turn: " + event.dump();
    const auto at = event.at("at").get<std::string>(); // of one length, in UTC: their order is that of time
    if (at < time)
      return "time ran back: " + event.dump();
    state = next;
    time = at;
  }
  return state == state_of(message) ? "" : "it ends elsewhere than the message";
}

} // namespace weappd::kit
