// What a pusher finds in the store when it begins, and looks for again when it is in doubt.
#include "actors/template_pusher.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace weappd {

void template_pusher_state::look_later(std::chrono::seconds wait) {
  self_->delayed_send(self_, wait, tick_push_look{++look_timer_});
}

void template_pusher_state::on_look(std::uint64_t timer) {
  if (timer != look_timer_ || resting_ || stopping_)
    return;
  look_later(push_look_interval);
  load_again_ = true;
  work();
}

/// Not while it rests, for a load may be long, but for what it must know before it can: what became of
/// messages over whose lease the writer died. Nothing is loaded for a place that is gone, or for an end.
bool template_pusher_state::may_load() const {
  return place_ < count_ && !stopping_ && (!resting_ || !doubtful_.empty());
}

/// What a pusher before this one, or another one of the pool, had asked the writer for is written before we
/// look.
void template_pusher_state::load_behind_writes() {
  load_again_ = false;
  gone_.clear();
  const auto writer = services_->peers->store_writer.get();
  if (!writer)
    return load_again();
  loading_ = true;
  const auto pass = ++pass_;
  self_->request(writer, caf::infinite, settle_messages{})
      .then([this, pass](stored) { load({}, pass); },
            [this, pass](const caf::error&) { on_load_failed(pass); });
}

void template_pusher_state::load(message_id after, std::uint64_t pass) {
  if (pass != pass_)
    return;
  if (!may_load()) { // it begins anew when the rest is over
    loading_ = false;
    return work();
  }
  const auto reader = services_->peers->store_readers.pick(place_);
  if (!reader)
    return on_load_failed(pass);
  self_->request(reader, caf::infinite, load_unfinished{.after = after, .shard = place_, .shards = count_})
      .then([this, pass](unfinished_messages& page) { on_loaded(page, pass); },
            [this, pass](const caf::error&) { on_load_failed(pass); });
}

void template_pusher_state::on_load_failed(std::uint64_t pass) {
  if (pass != pass_)
    return;
  loading_ = false;
  load_again();
  work();
}

void template_pusher_state::on_loaded(unfinished_messages& page, std::uint64_t pass) {
  if (pass != pass_)
    return;
  for (auto& entry : page.entries)
    on_loaded(entry);
  if (known_to_)
    known_to_ = std::max(*known_to_, page.last);
  if (page.more)
    load(page.last, pass);
  else
    end_pass();
  take_what_is_no_more_ahead();
  work();
}

/// The store has no more. What it did not name of those in doubt is at its end, unless the doubt came after
/// the page.
void template_pusher_state::end_pass() {
  loading_ = false;
  gone_.clear();
  if (!resting_) { // what was accepted meanwhile is not here
    known_to_.reset();
    not_loaded_ = 0;
  }
  if (!load_again_)
    for (const auto id : std::exchange(doubtful_, {}))
      queue_->remove(id);
}

void template_pusher_state::take_what_is_no_more_ahead() {
  const auto end = known_to_ ? ahead_.upper_bound(*known_to_) : ahead_.end();
  for (auto next = ahead_.begin(); next != end; next = ahead_.erase(next))
    queue_->add(std::move(next->second), now());
}

void template_pusher_state::on_loaded(queue_entry& entry) {
  if (gone_.contains(entry.id) || expiring_.contains(entry.id))
    return; // has ended since the store looked
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
  what.events.push_back({.what = message_event::kind::sending, // no attempt is told that would say it
                         .at = entry.leased_at.value_or(now()),
                         .state = message_state::sending,
                         .rule = std::string(rule_of_a_turn),
                         .attempt = entry.attempts});
  what.events.push_back({.what = message_event::kind::decided,
                         .at = now(),
                         .state = what.state,
                         .rule = "interrupted_" + std::string(decision.rule),
                         .next_at = what.next_attempt_at});
  interrupted_.emplace(entry.id, std::move(entry));
  to_settle_.push_back(std::move(what));
}

} // namespace weappd
