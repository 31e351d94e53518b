#include "actors/ban_keeper.hpp"

#include "messages/error.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace weappd {
namespace {

using ban_keeper_ptr = ban_keeper_self::stateful_pointer<ban_keeper_state>;
using namespace std::chrono_literals;

/// The log is told at most so often that the list is full.
constexpr auto full_pace = 10s;

/// Another thread may have changed the options. The offences counted so far count no more then.
void look_for_new_rules(ban_keeper_state& state) {
  const auto& book = state.services->bans.rules;
  const auto version = book.version();
  if (version == state.rules_version)
    return;
  state.rules_version = version;
  state.rules = book.get();
  state.counts.emplace(*state.rules, limited_key_hash::random(state.services->random));
}

// -- io threads

void publish(ban_keeper_ptr self) {
  auto& state = self->state;
  const auto now = state.services->wall.now();
  auto list = std::make_shared<const ban_list>(state.bans.in_force(now));
  state.services->bans.figures.in_force(list->size());
  state.services->bans.book.publish(std::move(list));
  state.next_end = state.bans.next_end(now);
  state.published = self->clock().now();
}

/// At once, unless that was done a moment ago: a list of thousands is made anew for each.
void publish_soon(ban_keeper_ptr self) {
  auto& state = self->state;
  if (!state.loaded || state.publish_called)
    return;
  const auto due = state.published + publish_interval;
  const auto now = self->clock().now();
  if (now >= due)
    return publish(self);
  state.publish_called = true;
  self->delayed_send(self, due - now, tick_publish_bans{});
}

// -- the store

void save(ban_keeper_ptr self);

void answer_waiting(ban_keeper_state& state, const caf::error& failure) {
  for (auto& [asker, answer] : std::exchange(state.waiting_now, {}))
    if (failure)
      asker.deliver(failure);
    else
      asker.deliver(answer);
}

void note_store(ban_keeper_state& state, const caf::error& failure) {
  const bool failed = static_cast<bool>(failure);
  if (failed && !state.failed)
    state.services->events.write(event_level::warn, "ban.store_failed",
                                 {{"error", std::string(describe(code_of(failure)).name)}});
  state.failed = failed;
}

void on_saved(ban_keeper_ptr self) {
  auto& state = self->state;
  state.saving = false;
  note_store(state, {});
  answer_waiting(state, {});
  save(self);
}

void on_not_saved(ban_keeper_ptr self, const save_bans& unsaved, const caf::error& failure) {
  auto& state = self->state;
  state.saving = false;
  state.bans.give_back(unsaved); // tick_keep_bans tries again
  note_store(state, failure);
  std::ranges::move(state.waiting_next, std::back_inserter(state.waiting_now));
  state.waiting_next.clear();
  answer_waiting(state, failure);
}

/// One write at a time; what is decided meanwhile shares the next one. Whoever waits goes with the last part.
void save(ban_keeper_ptr self) {
  auto& state = self->state;
  if (!state.loaded || state.saving)
    return;
  if (!state.bans.has_unsaved()) { // what they changed was never stored
    state.waiting_now = std::exchange(state.waiting_next, {});
    return answer_waiting(state, {});
  }
  state.saving = true;
  auto unsaved = state.bans.take_unsaved(bans_in_write);
  if (!state.bans.has_unsaved())
    state.waiting_now = std::exchange(state.waiting_next, {});
  const auto writer = state.services->peers->store_writer.get();
  if (!writer)
    return on_not_saved(self, unsaved, make_error(ec::storage_unavailable));
  self->request(writer, patience(*state.services), unsaved)
      .then([self](const stored&) { on_saved(self); },
            [self, unsaved](const caf::error& failure) { on_not_saved(self, unsaved, failure); });
}

void on_loaded(ban_keeper_ptr self, const all_bans& found) {
  auto& state = self->state;
  state.loading = false;
  state.loaded = true;
  note_store(state, {});
  const auto now = state.services->wall.now();
  for (const auto& ban : found.items)
    state.bans.restore(ban, now, *state.rules);
  publish(self);
  save(self);
}

void read(ban_keeper_ptr self) {
  auto& state = self->state;
  const auto reader = state.services->peers->store_readers.pick(0);
  state.loading = reader != nullptr;
  if (!reader)
    return note_store(state, make_error(ec::storage_unavailable));
  self->request(reader, patience(*state.services), load_bans{})
      .then([self](const all_bans& found) { on_loaded(self, found); },
            [self](const caf::error& failure) {
              self->state.loading = false;
              note_store(self->state, failure);
            });
}

/// What a keeper that died had under way to the store is there before we look: the writer takes one message
/// after the other. If it does not answer we ask again at the next tick; until then the list that was
/// published before is in force.
void load(ban_keeper_ptr self) {
  auto& state = self->state;
  if (state.loaded || state.loading)
    return;
  const auto writer = state.services->peers->store_writer.get();
  if (!writer)
    return read(self);
  state.loading = true;
  self->request(writer, patience(*state.services), save_bans{})
      .then([self](const stored&) { read(self); },
            [self](const caf::error& failure) {
              self->state.loading = false;
              note_store(self->state, failure);
            });
}

// -- offences

void note_full(ban_keeper_ptr self) {
  auto& state = self->state;
  const auto now = self->clock().now();
  state.services->bans.figures.forced_out();
  state.full_since = now;
  if (state.told_full && now - *state.told_full < full_pace)
    return;
  state.told_full = now;
  state.services->events.write(event_level::warn, "ban.list_full",
                               {{"max_banned", std::to_string(state.rules->max_banned)}});
}

void tell(ban_keeper_state& state, const address_ban& ban) {
  state.services->bans.figures.made(ban.why);
  state.services->events.write(event_level::warn, "ban.made",
                               {{"address", address_text(ban.who)},
                                {"why", std::string(to_string(ban.why))},
                                {"until", to_rfc3339(ban.until)},
                                {"times", std::to_string(ban.times)}});
}

void judge(ban_keeper_ptr self, const offence& what) {
  auto& state = self->state;
  look_for_new_rules(state);
  const auto now = state.services->wall.now();
  // What was on its way when the address was banned does not count towards the next ban.
  if (const auto* known = state.bans.find(what.who); known != nullptr && known->until > now)
    return;
  if (!state.counts->add(what.who, what.what, self->clock().now().time_since_epoch()))
    return;
  const auto why = what.what == offence_kind::failed_login ? ban_reason::failed_logins : ban_reason::refusals;
  const auto done = state.bans.add(what.who, why, now, *state.rules);
  if (done == ban_register::outcome::full || done == ban_register::outcome::displaced)
    note_full(self);
  if (done == ban_register::outcome::full)
    return;
  tell(state, *state.bans.find(what.who));
  publish_soon(self);
  save(self);
}

// -- operators

caf::result<ban_changed> change(ban_keeper_ptr self, const change_ban& wanted) {
  auto& state = self->state;
  look_for_new_rules(state);
  if (!state.loaded)
    return make_error(ec::storage_unavailable, "the bans have not been read yet");
  if (state.waiting_next.size() >= max_ban_waiters)
    return make_error(ec::overloaded, "too many changes of bans wait for the store");
  ban_changed answer;
  state.counts->forget(wanted.who);
  if (wanted.length) {
    const auto done = state.bans.set(wanted.who, *wanted.length, state.services->wall.now(), *state.rules);
    if (done == ban_register::outcome::full)
      return make_error(ec::conflict, "bans.max_banned bans of operators are in force");
    if (done == ban_register::outcome::displaced)
      note_full(self);
    answer.ban = *state.bans.find(wanted.who);
    tell(state, *answer.ban);
  } else if (state.bans.lift(wanted.who)) {
    state.services->events.write(event_level::warn, "ban.lifted", {{"address", address_text(wanted.who)}});
  }
  publish(self);
  if (!state.bans.has_unsaved() && !state.saving)
    return answer;
  const sure_promise promise(self->make_response_promise<ban_changed>());
  state.waiting_next.emplace_back(promise, answer);
  save(self);
  return promise.get();
}

void keep(ban_keeper_ptr self) {
  auto& state = self->state;
  look_for_new_rules(state);
  const auto now = state.services->wall.now();
  load(self);
  state.bans.tidy(now, *state.rules);
  if (state.loaded && state.next_end && *state.next_end <= now)
    publish(self);
  save(self);
  self->delayed_send(self, keep_bans_interval, tick_keep_bans{});
}

status_report report(ban_keeper_ptr self) {
  const auto& state = self->state;
  if (state.failed)
    return {.state = health::degraded, .detail = "the store could not be used"};
  if (state.full_since && self->clock().now() - *state.full_since < 1min)
    return {.state = health::degraded, .detail = "more addresses offend than bans.max_banned allows"};
  return {.state = health::ok, .detail = std::to_string(state.bans.size()) + " addresses known"};
}

} // namespace

ban_keeper_self::behavior_type ban_keeper(ban_keeper_ptr self, services_ptr services) {
  self->state.services = std::move(services);
  look_for_new_rules(self->state);
  self->send(self, tick_keep_bans{}); // reads what the store has
  return {
      [self](get_status) { return report(self); },
      [self](const offence& what) { judge(self, what); },
      [self](const list_bans& wanted) -> caf::result<ban_page> {
        if (!self->state.loaded)
          return make_error(ec::storage_unavailable, "the bans have not been read yet");
        return self->state.bans.page(wanted, self->state.services->wall.now());
      },
      [self](const change_ban& wanted) { return change(self, wanted); },
      [self](tick_keep_bans) { keep(self); },
      [self](tick_publish_bans) {
        self->state.publish_called = false;
        publish(self);
      },
  };
}

} // namespace weappd
