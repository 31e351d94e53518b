// From the end of an attempt, or of a message that waited, to the store's knowledge of it.
#include "actors/template_pusher.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

namespace weappd {
namespace {

/// Ends of attempts that one request to the store tells.
constexpr std::size_t settle_group = 512;

} // namespace

/// Of a message that waited.
settlement template_pusher_state::end_of(message_id id, const send_decision& decision) const {
  const auto state = state_after(decision.what);
  return {.id = id,
          .state = state,
          .reason = decision.reason,
          .credit = decision.credit,
          .events = {{.what = message_event::kind::decided,
                      .at = now(),
                      .state = state,
                      .rule = std::string(decision.rule)}},
          .at = now()};
}

/// They are in the queue no more.
void template_pusher_state::expire(const std::vector<push_queue::item>& expired) {
  for (const auto& item : expired) {
    auto what = end_of(item.entry.id, past_not_after(item.entry.maybe_sent));
    note_end(item.entry, what.state, what.reason);
    expiring_.insert(item.entry.id);
    to_settle_.push_back(std::move(what));
  }
  if (!expired.empty())
    settle();
}

void template_pusher_state::settle() {
  if (settling_ || to_settle_.empty() || store_rests())
    return;
  const auto writer = services_->peers->store_writer.get();
  if (!writer)
    return wait_for_store();
  settling_ = true;
  // Not all at once: thousands that expire together must not hold up everybody else's writes.
  const auto end =
      to_settle_.begin() + static_cast<std::ptrdiff_t>(std::min(to_settle_.size(), settle_group));
  auto items = std::make_shared<const std::vector<settlement>>(std::make_move_iterator(to_settle_.begin()),
                                                               std::make_move_iterator(end));
  to_settle_.erase(to_settle_.begin(), end);
  self_->request(writer, caf::infinite, settle_messages{*items})
      .then(
          [this, items](stored) {
            settling_ = false;
            on_settled(*items);
            work();
          },
          [this, items](const caf::error&) {
            settling_ = false;
            to_settle_.insert(to_settle_.begin(), items->begin(), items->end());
            wait_for_store();
            set_timer();
          });
}

void template_pusher_state::on_settled(const std::vector<settlement>& items) {
  for (const auto& what : items) {
    attempts_.erase(what.id);
    if (expiring_.erase(what.id) != 0)
      forget(what.id);
    const auto due = what.next_attempt_at.value_or(what.at);
    if (auto found = interrupted_.extract(what.id); !found.empty()) {
      auto& entry = found.mapped();
      if (what.state == message_state::queued) {
        entry.due_at = due;
        entry.maybe_sent = true;
        queue_->add(std::move(entry), now());
      } else {
        note_end(entry, what.state, what.reason);
        forget(what.id);
      }
    } else if (what.state == message_state::queued) {
      queue_->put_back(what.id, due, now());
    } else {
      finish(what.id, what.state, what.reason);
    }
  }
}

void template_pusher_state::finish(message_id id, message_state state, fail_reason reason) {
  const auto* item = queue_->find(id);
  if (item == nullptr)
    return;
  note_end(item->entry, state, reason);
  forget(id);
}

void template_pusher_state::note_end(const queue_entry& entry, message_state state, fail_reason reason) {
  const auto age = now() - entry.created_at;
  services_->figures.finished(state, reason, age);
  services_->events.write(event_level::info, "message." + std::string(to_string(state)),
                          {{"request_id", entry.request_id},
                           {"trace_id", entry.trace_id},
                           {"message_id", to_string(entry.id)},
                           {"user_id", to_string(entry.to)},
                           {"app", entry.app.value},
                           {"template", entry.template_name},
                           {"reason", std::string(to_string(reason))},
                           {"attempts", std::to_string(entry.attempts)},
                           {"age_ms", std::to_string(age.count())}});
}

} // namespace weappd
