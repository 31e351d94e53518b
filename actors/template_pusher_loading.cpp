// What a pusher finds in the store when it begins, and looks for again when it is in doubt.
#include "actors/template_pusher.hpp"

#include <string>
#include <utility>

namespace weappd {

/// What a pusher before this one had asked the writer for is written before we look.
void template_pusher_state::load_behind_writes() {
  const auto writer = services_->peers->store_writer.get();
  if (!writer)
    return load_again();
  loading_ = true;
  self_->request(writer, caf::infinite, settle_messages{})
      .then([this](stored) { load({}); },
            [this](const caf::error&) {
              loading_ = false;
              load_again();
            });
}

void template_pusher_state::load(message_id after) {
  const auto reader = services_->peers->store_readers.pick(shard_);
  if (!reader)
    return load_again();
  loading_ = true;
  self_
      ->request(reader, caf::infinite,
                load_unfinished{.after = after, .shard = shard_, .shards = services_->peers->pushers.size()})
      .then([this](unfinished_messages& page) { on_loaded(page); },
            [this](const caf::error&) {
              loading_ = false;
              load_again();
            });
}

void template_pusher_state::on_loaded(unfinished_messages& page) {
  loading_ = false;
  for (auto& entry : page.entries)
    on_loaded(entry);
  if (page.more) {
    load(page.last);
  } else {
    for (const auto id : std::exchange(doubtful_, {}))
      queue_->remove(id); // at its end
  }
  work();
}

void template_pusher_state::on_loaded(queue_entry& entry) {
  const bool was_sending = entry.state == message_state::sending;
  if (doubtful_.erase(entry.id) != 0) {
    if (!was_sending)
      return queue_->put_back(entry.id, entry.due_at, now());
    queue_->remove(entry.id);
  } else if (queue_->find(entry.id) != nullptr || interrupted_.contains(entry.id)) {
    return; // known
  }
  if (was_sending)
    resume(entry);
  else
    queue_->add(std::move(entry), now());
}

/// From the beginning, in a while: what is known already is passed over.
void template_pusher_state::load_again() {
  load_again_ = true;
  wait_for_store();
  set_timer();
}

/// An attempt was under way when the pusher before this one ended.
void template_pusher_state::resume(queue_entry& entry) {
  const auto* of = find_template(entry.template_name);
  const send_facts facts{.need = of != nullptr ? need_of(*of) : consent_need::long_term,
                         .attempts = entry.attempts,
                         .failures = entry.attempts,
                         .token_renewed = false,
                         .unknown_before = true,
                         .first_attempt_at = entry.first_attempt_at,
                         .now = now()};
  const auto decision = after_interruption(facts, services_->config.push, random());
  const bool again = decision.what == send_decision::verb::retry;
  settlement what{.id = entry.id,
                  .lease = entry.lease,
                  .state = again ? message_state::queued : message_state::failed,
                  .reason = decision.reason,
                  .credit = decision.credit,
                  .maybe_sent = true,
                  .at = now()};
  if (again)
    what.next_attempt_at = now() + decision.wait;
  what.events.push_back({.what = message_event::kind::decided,
                         .at = now(),
                         .state = what.state,
                         .rule = "interrupted_" + std::string(decision.rule),
                         .next_at = what.next_attempt_at});
  interrupted_.emplace(entry.id, std::move(entry));
  to_settle_.push_back(std::move(what));
}

} // namespace weappd
