#include "actors/once_desk.hpp"

#include "actors/sure_promise.hpp"
#include "messages/error.hpp"
#include "messages/meter/metered_actor.hpp"
#include "messages/outbox.hpp"

#include <functional>
#include <iterator>
#include <string>
#include <utility>

namespace weappd {
namespace {

using once_desk_ptr = once_desk_actor::stateful_pointer<once_desk_state>;
using verdict_promise = sure_promise<once_verdict>;

std::chrono::milliseconds longest_run(const actor_services& services) {
  return patience(services) + runner_grace;
}

// -- running slots

void free_slot(once_desk_state& state, once_desk_state::slots::iterator slot) {
  state.by_name.erase(slot->name);
  state.running.erase(slot);
}

void free_run(once_desk_state& state, const keyed_hash& name, std::uint64_t run) {
  const auto found = state.by_name.find(name);
  if (found != state.by_name.end() && found->second->run == run)
    free_slot(state, found->second);
}

void free_abandoned(once_desk_ptr self) {
  auto& state = self->state;
  while (!state.running.empty() && state.running.front().free_at <= self->clock().now())
    free_slot(state, state.running.begin());
}

std::uint64_t occupy(once_desk_ptr self, const once_slot& slot) {
  auto& state = self->state;
  const auto run = ++state.runs;
  state.running.push_back(
      {slot.name, slot.fingerprint, self->clock().now() + longest_run(*state.services), run});
  state.by_name.emplace(slot.name, std::prev(state.running.end()));
  return run;
}

// -- begin_once

void refuse(once_desk_ptr self, const keyed_hash& name, std::uint64_t run, caf::error error,
            const verdict_promise& promise) {
  free_run(self->state, name, run);
  promise.deliver(std::move(error));
}

bool is_old(const actor_services& services, const answer_found::row& row) {
  return row.at < services.wall.now() - std::chrono::seconds(services.config.auth.idempotency_s);
}

void judge(once_desk_ptr self, const once_slot& slot, std::uint64_t run, answer_found& found,
           const verdict_promise& promise) {
  auto& kept = found.kept;
  if (!kept || is_old(*self->state.services, *kept))
    return promise.deliver(once_verdict{});
  if (kept->fingerprint != slot.fingerprint)
    return refuse(self, slot.name, run, make_error(ec::idempotency_mismatch), promise);
  free_run(self->state, slot.name, run);
  promise.deliver(once_verdict{std::move(kept->answer)});
}

caf::result<once_verdict> begin(once_desk_ptr self, const once_slot& slot) {
  auto& state = self->state;
  free_abandoned(self);
  if (const auto found = state.by_name.find(slot.name); found != state.by_name.end())
    return make_error(found->second->fingerprint == slot.fingerprint ? ec::idempotency_in_progress
                                                                     : ec::idempotency_mismatch);
  if (state.running.size() >= max_running_slots)
    return refuse_as_full(*self, ec::overloaded, "too many idempotency keys at once");
  const auto reader = state.services->peers->store_readers.pick(std::hash<keyed_hash>{}(slot.name));
  if (!reader)
    return make_error(ec::storage_unavailable);
  const auto run = occupy(self, slot);
  const verdict_promise promise(self->make_response_promise<once_verdict>());
  self->request(reader, patience(*state.services), find_answer{slot.name})
      .then([=](answer_found& found) { judge(self, slot, run, found, promise); },
            [=](caf::error& error) { refuse(self, slot.name, run, std::move(error), promise); });
  return promise.get();
}

// -- end_once

/// The run that is ending: its slot is not free before its answer is kept, however long that takes. 0 if it
/// took so long that the slot was free already, and may be another request's by now.
std::uint64_t hold_until_kept(once_desk_ptr self, const once_slot& slot) {
  auto& state = self->state;
  const auto found = state.by_name.find(slot.name);
  if (found == state.by_name.end() || found->second->fingerprint != slot.fingerprint)
    return 0;
  const auto place = found->second;
  place->free_at = self->clock().now() + longest_run(*state.services);
  state.running.splice(state.running.end(), state.running, place);
  return place->run;
}

caf::result<done> end(once_desk_ptr self, end_once& wanted) {
  auto& state = self->state;
  const auto name = wanted.slot.name;
  const auto run = hold_until_kept(self, wanted.slot);
  if (!wanted.answer) {
    free_run(state, name, run);
    return done{};
  }
  const auto writer = state.services->peers->store_writer.get();
  if (!writer) {
    free_run(state, name, run);
    return make_error(ec::storage_unavailable);
  }
  const sure_promise promise(self->make_response_promise<done>());
  keep_answer question{
      .slot = wanted.slot, .answer = std::move(*wanted.answer), .at = state.services->wall.now()};
  self->request(writer, patience(*state.services), std::move(question))
      .then(
          [=](const stored&) {
            free_run(self->state, name, run);
            promise.deliver(done{});
          },
          [=](caf::error& error) {
            free_run(self->state, name, run);
            if (code_of(error) == ec::conflict) // there is one, so it is durable
              promise.deliver(done{});
            else
              promise.deliver(std::move(error));
          });
  return promise.get();
}

} // namespace

once_desk_actor::behavior_type once_desk(once_desk_ptr self, services_ptr services) {
  self->state.services = std::move(services);
  return {
      [self](get_status) {
        return status_report{.state = health::ok,
                             .detail = std::to_string(self->state.running.size()) + " keys in progress"};
      },
      [self](const begin_once& wanted) { return begin(self, wanted.slot); },
      [self](end_once& wanted) { return end(self, wanted); },
  };
}

} // namespace weappd
