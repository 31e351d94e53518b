#include "simulator/message_ids.hpp"

#include <string>

namespace weappd::simulator {
namespace {

std::string key_of_origin(const message_ids::origin& of) {
  std::string key;
  key.reserve(of.app_id.size() + of.openid.size() + of.client_msg_id.size() + 2);
  key.append(of.app_id).append(1, '\0').append(of.openid).append(1, '\0').append(of.client_msg_id);
  return key;
}

} // namespace

std::optional<std::int64_t> message_ids::find(moment now, const origin& of) {
  sent_.drop_oldest_while([now](const sent& each) { return now - each.at >= effective; });
  const auto* found = sent_.find(key_of_origin(of));
  return found ? std::optional(found->msgid) : std::nullopt;
}

void message_ids::remember(moment now, const origin& of, std::int64_t msgid) {
  sent_[key_of_origin(of)] = {msgid, now};
}

} // namespace weappd::simulator
