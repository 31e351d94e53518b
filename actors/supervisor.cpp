#include "actors/supervisor.hpp"

#include "messages/error.hpp"
#include "messages/meter/metered_actor.hpp"

#include <caf/actor_clock.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <exception>
#include <iterator>
#include <utility>

namespace weappd {
namespace {

using supervisor_ptr = supervisor_self::stateful_pointer<supervisor_state>;

std::chrono::nanoseconds now_of(supervisor_ptr self) {
  return self->clock().now().time_since_epoch();
}

/// Why an actor died, without the context of the error, which may hold what a client sent.
std::string name_of(const caf::error& reason) {
  if (!reason)
    return "normal";
  if (reason.category() == caf::atom("exit"))
    return caf::to_string(static_cast<caf::exit_reason>(reason.code()));
  if (reason.category() == caf::atom("system"))
    return caf::to_string(static_cast<caf::sec>(reason.code()));
  return std::string(describe(code_of(reason)).name);
}

void start_later(supervisor_ptr self, std::size_t index);

void forget(supervised_child& child) {
  if (const auto meter = std::exchange(child.meter, nullptr))
    child.past += meter->totals();
  child.handle = nullptr;
  child.leaving = false;
}

void start(supervisor_ptr self, std::size_t index) {
  auto& state = self->state;
  auto& child = state.children[index];
  std::string problem = "it made no actor";
  try {
    child.handle = child.spec.start(self->system());
  } catch (const std::exception& failure) {
    problem = failure.what();
  }
  if (child.handle) {
    self->monitor(child.handle);
    child.meter = meter_of(child.handle);
    if (child.meter)
      child.meter->limit(state.queue_limit);
    return;
  }
  state.services->events.write(event_level::error, "actor.start_failed",
                               {{"actor", child.spec.name}, {"reason", problem}});
  start_later(self, index);
}

/// Counts a death and sees to the next start.
void start_later(supervisor_ptr self, std::size_t index) {
  const auto wait = self->state.children[index].plan.died(now_of(self));
  self->delayed_send(self, wait, tick_restart{index});
}

/// Asks the last child that is alive to end; without one the supervisor ends.
void stop_next(supervisor_ptr self) {
  auto& state = self->state;
  auto& children = state.children;
  const auto last =
      std::find_if(children.rbegin(), children.rend(), [](auto& child) { return child.handle; });
  if (last == children.rend())
    return self->quit(*state.stopping);
  const auto index = static_cast<std::size_t>(std::distance(last, children.rend()) - 1);
  self->send_exit(last->handle, caf::exit_reason::user_shutdown);
  self->delayed_send(self, max_stop_time, tick_stop_patience{index});
}

void on_patience_end(supervisor_ptr self, std::size_t index) {
  auto& state = self->state;
  auto& child = state.children[index];
  if (!child.handle)
    return; // it has ended in time
  state.services->events.write(event_level::error, "actor.stop_forced", {{"actor", child.spec.name}});
  // Ahead of its mailbox; what it does at this moment it may still finish.
  caf::anon_send<caf::message_priority::high>(child.handle,
                                              caf::exit_msg{child.handle.address(), caf::exit_reason::kill});
  forget(child);
  stop_next(self);
}

void on_down(supervisor_ptr self, const caf::down_msg& down) {
  auto& state = self->state;
  const auto found = std::find_if(state.children.begin(), state.children.end(), [&](const auto& child) {
    return child.handle && child.handle.address() == down.source;
  });
  if (found == state.children.end())
    return; // was given up on
  forget(*found);
  if (state.stopping)
    return stop_next(self);
  if (!found->wanted)
    return; // its place is gone
  const auto index = static_cast<std::size_t>(std::distance(state.children.begin(), found));
  start_later(self, index);
  const auto now = now_of(self);
  state.services->events.write(found->plan.is_struggling(now) ? event_level::error : event_level::warn,
                               "actor.died",
                               {{"actor", found->spec.name},
                                {"reason", name_of(down.reason)},
                                {"deaths_in_a_minute", std::to_string(found->plan.recent(now))}});
}

void on_restart(supervisor_ptr self, std::size_t index) {
  auto& state = self->state;
  if (state.stopping || !state.children[index].wanted || state.children[index].handle)
    return;
  start(self, index);
  if (state.children[index].handle)
    ++state.children[index].restarts;
  if (state.children[index].handle)
    state.services->events.write(event_level::warn, "actor.restarted",
                                 {{"actor", state.children[index].spec.name}});
}

done on_limit(supervisor_state& state, limit_queues wish) {
  state.queue_limit = wish.messages;
  for (const auto& child : state.children)
    if (child.meter)
      child.meter->limit(wish.messages);
  return {};
}

done on_resize(supervisor_ptr self, const resize_pool& wish) {
  auto& children = self->state.children;
  std::size_t place = 0;
  for (std::size_t index = 0; index < children.size() && !self->state.stopping; ++index) {
    auto& child = children[index];
    if (!child.spec.name.starts_with(wish.role + '/'))
      continue;
    const bool was_wanted = std::exchange(child.wanted, place++ < wish.size);
    if (child.wanted && child.leaving)
      forget(child); // the exit is in its mailbox: it works that off, and nobody asks it any more
    if (child.wanted && !child.handle)
      start(self, index);
    else if (was_wanted && !child.wanted)
      self->delayed_send(self, retire_after, tick_retire{index, ++child.retirements});
  }
  return {};
}

void on_retire(supervisor_ptr self, const tick_retire& tick) {
  auto& child = self->state.children[tick.child];
  if (child.wanted || child.retirements != tick.retirement || !child.handle || self->state.stopping)
    return;
  child.leaving = true;
  self->send_exit(child.handle, caf::exit_reason::user_shutdown);
}

void on_exit(supervisor_ptr self, const caf::error& reason) {
  if (self->state.stopping)
    return;
  self->state.stopping = reason;
  stop_next(self);
}

status_report status_of(const supervisor_state& state, std::chrono::nanoseconds now) {
  const auto wanted = std::ranges::count_if(state.children, &supervised_child::wanted);
  status_report report{.state = health::ok, .detail = std::to_string(wanted) + " actors"};
  for (const auto& child : state.children) {
    if (!child.wanted)
      continue;
    if (!child.handle) {
      report.state = health::down;
      report.detail += "; " + child.spec.name + " is dead";
    } else if (child.plan.is_struggling(now)) {
      report.state = std::max(report.state, health::degraded);
      report.detail += "; " + child.spec.name + " keeps dying";
    }
  }
  return report;
}

child_list children_of(const supervisor_state& state, std::chrono::nanoseconds now) {
  child_list all;
  for (const auto& child : state.children)
    if (child.wanted || child.handle || child.restarts != 0 || child.past.handled != 0)
      all.children.push_back({.name = child.spec.name,
                              .handle = child.handle,
                              .restarts = child.restarts,
                              .recent_deaths = static_cast<std::uint32_t>(child.plan.recent(now)),
                              .meter = child.meter,
                              .before = child.past,
                              .retired = !child.wanted && !child.handle});
  return all;
}

} // namespace

supervisor_state::~supervisor_state() {
  for (auto child = children.rbegin(); child != children.rend(); ++child)
    if (child->handle)
      caf::anon_send_exit(child->handle, caf::exit_reason::user_shutdown);
}

supervisor_self::behavior_type supervisor(supervisor_self::stateful_pointer<supervisor_state> self,
                                          services_ptr services, std::vector<child_spec> children) {
  auto& state = self->state;
  state.services = std::move(services);
  state.queue_limit = state.services->config.pools.queue_limit;
  for (auto& spec : children) {
    const bool wanted = spec.at_start;
    state.children.push_back({.spec = std::move(spec),
                              .handle = nullptr,
                              .meter = nullptr,
                              .past = {},
                              .plan = {},
                              .restarts = 0,
                              .wanted = wanted});
  }
  self->set_down_handler([self](const caf::down_msg& down) { on_down(self, down); });
  self->set_exit_handler([self](const caf::exit_msg& exit) { on_exit(self, exit.reason); });
  for (std::size_t index = 0; index < state.children.size(); ++index)
    if (state.children[index].wanted)
      start(self, index);
  return {
      [self](get_status) { return status_of(self->state, now_of(self)); },
      [self](list_children) { return children_of(self->state, now_of(self)); },
      [self](const resize_pool& wish) { return on_resize(self, wish); },
      [self](limit_queues wish) { return on_limit(self->state, wish); },
      [self](tick_restart tick) { on_restart(self, tick.child); },
      [self](tick_stop_patience tick) { on_patience_end(self, tick.child); },
      [self](tick_retire tick) { on_retire(self, tick); },
  };
}

} // namespace weappd
