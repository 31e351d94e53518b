#include "http/server/sharded_clock.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/group.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>

namespace weappd::http {

void sharded_clock::set_ordinary_timeout(time_point due, caf::abstract_actor* self, caf::atom_value type,
                                         std::uint64_t id) {
  with(self->id(), [&](queue& q) { q.set_ordinary_timeout(due, self, type, id); });
}

void sharded_clock::set_multi_timeout(time_point due, caf::abstract_actor* self, caf::atom_value type,
                                      std::uint64_t id) {
  with(self->id(), [&](queue& q) { q.set_multi_timeout(due, self, type, id); });
}

void sharded_clock::set_request_timeout(time_point due, caf::abstract_actor* self, caf::message_id id) {
  with(self->id(), [&](queue& q) { q.set_request_timeout(due, self, id); });
}

void sharded_clock::cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) {
  if (has_timers(self->id()))
    with(self->id(), [&](queue& q) { q.cancel_ordinary_timeout(self, type); });
}

void sharded_clock::cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) {
  if (has_timers(self->id()))
    with(self->id(), [&](queue& q) { q.cancel_request_timeout(self, id); });
}

void sharded_clock::cancel_timeouts(caf::abstract_actor* self) {
  if (has_timers(self->id()))
    with(self->id(), [&](queue& q) { q.cancel_timeouts(self); });
}

void sharded_clock::schedule_message(time_point due, caf::strong_actor_ptr receiver,
                                     caf::mailbox_element_ptr content) {
  if (!receiver)
    return;
  const auto key = receiver->id();
  with(key, [&](queue& q) { q.schedule_message(due, std::move(receiver), std::move(content)); });
}

void sharded_clock::schedule_message(time_point due, caf::group target, caf::strong_actor_ptr sender,
                                     caf::message content) {
  with(0,
       [&](queue& q) { q.schedule_message(due, std::move(target), std::move(sender), std::move(content)); });
}

void sharded_clock::cancel_all() {
  for (std::size_t i = 0; i < shard_count; ++i)
    take_due(i, time_point::max()); // and destroys them
}

void sharded_clock::tick(std::size_t first, std::size_t step) {
  const auto current = now();
  for (auto i = first; i < shard_count; i += step)
    if (has_timers(i))
      for (auto& event : take_due(i, current))
        shards_[i].timers.deliver(*event);
}

sharded_clock::queue::events sharded_clock::take_due(std::size_t index, time_point now) {
  queue::events due;
  with(index, [&](queue& q) { q.take_due(now, due); });
  return due;
}

void sharded_clock::queue::take_due(time_point now, events& out) {
  while (!schedule_.empty() && schedule_.begin()->first <= now) {
    auto first = schedule_.begin();
    if (first->second->backlink != actor_lookup_.end())
      actor_lookup_.erase(first->second->backlink);
    out.push_back(std::move(first->second));
    schedule_.erase(first);
  }
}

} // namespace weappd::http
