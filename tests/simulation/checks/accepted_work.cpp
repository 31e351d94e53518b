#include "tests/simulation/checks/accepted_work.hpp"

#include <algorithm>

namespace weappd::simulation {

void accepted_work::answered(const std::string& key, message_id id) {
  if (const auto [known, is_new] = told_.emplace(key, id); !is_new && known->second != id)
    found_.violation(name, "key " + key + " was answered with messages " + to_string(known->second) +
                               " and " + to_string(id));
  accepted(id);
}

void accepted_work::check_one(message_id id, const memory_store& store, const deliveries& sent) {
  const auto row = store.messages.find(id);
  const auto text = "message " + to_string(id);
  if (row == store.messages.end())
    return found_.violation(name, text + " was accepted and is not in the store");
  const auto& record = row->second.record;
  if (record.state == message_state::queued || record.state == message_state::sending)
    return found_.violation(name, text + " has not come to an end: " + std::string(to_string(record.state)));
  if (record.state != message_state::sent || sent.count(id) != 0)
    return;
  const bool by_43101 = std::ranges::any_of(record.story, [](const message_event& event) {
    return event.rule == "consent_used_by_earlier_attempt";
  });
  if (by_43101)
    found_.excuse(consent_gone);
  else
    found_.violation(name, text + " counts as sent and never reached the phone");
}

void accepted_work::check(const memory_store& store, const deliveries& sent) {
  for (const auto id : accepted_)
    check_one(id, store, sent);
  for (const auto& [key, ids] : by_key_)
    if (std::ranges::count_if(ids, [&](message_id id) { return store.messages.contains(id); }) > 1)
      found_.violation(name, "key " + key + " made more than one message");
}

} // namespace weappd::simulation
