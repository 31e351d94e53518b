#include "actors/session_router.hpp"

#include "actors/sure_promise.hpp"
#include "messages/error.hpp"
#include "messages/meter/metered_actor.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace weappd {
namespace {

using session_router_ptr = session_router_self::stateful_pointer<session_router_state>;
using position = session_router_state::order::iterator;

std::chrono::milliseconds tick_length(const session_options& config) {
  using namespace std::chrono_literals;
  return std::max<std::chrono::milliseconds>(std::chrono::seconds(config.idle_s) / ticks_until_idle, 100ms);
}

user_id user_of(const open_session& message) {
  return message.user;
}
user_id user_of(const resume_session& message) {
  return message.user;
}
user_id user_of(const refresh_session& message) {
  return message.user;
}
user_id user_of(const set_user_status& message) {
  return message.user;
}
template <class Message>
user_id user_of(const Message& message) {
  return message.who.user;
}

// -- waking

void wake(session_router_ptr self, awake_session& entry) {
  auto& state = self->state;
  entry.handle = state.wake(*self, entry.user);
  self->monitor(entry.handle);
  state.by_actor.emplace(entry.handle->id(), entry.user);
}

/// The order is exact to a tick: within one, entries stay where they are, which saves most of the cache
/// misses.
void touch(session_router_state& state, position entry) {
  if (entry->used_at == state.now)
    return;
  entry->used_at = state.now;
  state.by_use.splice(state.by_use.end(), state.by_use, entry);
}

// -- sleeping

void sweep(session_router_ptr self);

bool is_idle(const session_router_state& state, const awake_session& entry) {
  return state.now - entry.used_at > ticks_until_idle;
}

/// The session answered fall_asleep, or died over it (both may be told): it is gone, unless it said no.
void end_falling(session_router_ptr self, user_id user, caf::actor_id who, bool gone) {
  auto& state = self->state;
  const auto found = state.by_user.find(user);
  if (found == state.by_user.end() || !found->second->falling || found->second->handle->id() != who)
    return;
  const auto entry = found->second;
  if (gone)
    state.by_actor.erase(who);
  if (gone && entry->held.empty()) {
    state.by_user.erase(found);
    state.falling.erase(entry);
  } else {
    if (gone)
      wake(self, *entry);
    entry->falling = false;
    entry->used_at = state.now;
    state.by_use.splice(state.by_use.end(), state.falling, entry);
    for (auto& go_on : std::exchange(entry->held, {}))
      go_on(entry->handle);
  }
  if (gone) // one that said no is not asked again before the next tick or the next new user
    sweep(self);
}

void send_to_sleep(session_router_ptr self, position entry) {
  auto& state = self->state;
  entry->falling = true;
  state.falling.splice(state.falling.end(), state.by_use, entry);
  const auto user = entry->user;
  const auto who = entry->handle->id();
  // No limit: the session bounds its own wait for the store, and its death is reported.
  self->request(entry->handle, caf::infinite, fall_asleep{})
      .then([=](sleep_answer answer) { end_falling(self, user, who, answer.asleep); },
            [=](caf::error&) { end_falling(self, user, who, true); });
}

/// Sends to sleep who is idle and who is too many, as far as the bound allows; goes on when one of them is
/// asleep.
void sweep(session_router_ptr self) {
  auto& state = self->state;
  while (!state.by_use.empty() && state.falling.size() < state.at_once) {
    const auto oldest = state.by_use.begin();
    if (state.by_use.size() <= state.cap && !is_idle(state, *oldest))
      return;
    send_to_sleep(self, oldest);
  }
}

// -- passing on

/// Null when there is no room.
awake_session* find_or_wake(session_router_ptr self, user_id user) {
  auto& state = self->state;
  if (const auto found = state.by_user.find(user); found != state.by_user.end()) {
    if (!found->second->falling)
      touch(state, found->second);
    return &*found->second;
  }
  if (state.by_use.size() + state.falling.size() >= state.cap + state.at_once) {
    sweep(self);
    return nullptr;
  }
  state.by_use.push_back({.user = user, .handle = {}, .used_at = state.now, .falling = false, .held = {}});
  const auto entry = std::prev(state.by_use.end());
  state.by_user.emplace(user, entry);
  wake(self, *entry);
  sweep(self);
  return &*entry;
}

template <class Answer, class Message>
caf::result<Answer> hold_back(session_router_ptr self, awake_session& entry, Message& message) {
  if (entry.held.size() >= max_held_messages)
    return refuse_as_full(*self, ec::overloaded, "too many messages for a session that falls asleep");
  const sure_promise promise(self->template make_response_promise<Answer>());
  entry.held.push_back([promise, held = std::move(message)](const session_actor& to) mutable {
    promise.delegate(to, std::move(held));
  });
  return promise.get();
}

template <class Answer, class Message>
auto pass_on(session_router_ptr self) {
  return [self](Message& message) -> caf::result<Answer> {
    auto* entry = find_or_wake(self, user_of(message));
    if (entry == nullptr)
      return refuse_as_full(*self, ec::overloaded, "too many sessions awake");
    if (entry->falling)
      return hold_back<Answer>(self, *entry, message);
    return self->delegate(entry->handle, std::move(message));
  };
}

// -- ends

void on_down(session_router_ptr self, const caf::down_msg& down) {
  auto& state = self->state;
  const auto dead = state.by_actor.find(down.source.id());
  if (dead == state.by_actor.end())
    return;
  const auto entry = state.by_user.at(dead->second);
  if (entry->falling)
    return end_falling(self, entry->user, dead->first, true);
  state.by_user.erase(entry->user);
  state.by_use.erase(entry);
  state.by_actor.erase(dead);
}

} // namespace

session_router_state::~session_router_state() {
  for (const auto& [user, entry] : by_user)
    caf::anon_send_exit(entry->handle, caf::exit_reason::user_shutdown);
}

session_router_self::behavior_type session_router(session_router_ptr self, services_ptr services,
                                                  session_factory wake_user) {
  auto& state = self->state;
  const auto& config = services->config;
  const auto tick = tick_length(config.session);
  state.cap = std::max<std::size_t>(config.session.max_awake / std::max(config.pools.session_router, 1U), 1);
  state.at_once = std::clamp<std::size_t>(state.cap / 8, 1, 256);
  state.services = std::move(services);
  state.wake = std::move(wake_user);
  self->set_down_handler([self](caf::down_msg& down) { on_down(self, down); });
  self->delayed_send(self, tick, tick_idle_sessions{});
  return {
      pass_on<token_grant, open_session>(self),
      pass_on<token_grant, resume_session>(self),
      pass_on<token_grant, refresh_session>(self),
      pass_on<profile, get_profile>(self),
      pass_on<profile, change_profile>(self),
      pass_on<session_list, list_sessions>(self),
      pass_on<done, close_session>(self),
      pass_on<done, logout>(self),
      pass_on<done, set_user_status>(self),
      [self](get_status) {
        const auto& now = self->state;
        return status_report{.state = health::ok,
                             .detail = std::to_string(now.by_user.size()) + " of " + std::to_string(now.cap) +
                                       " sessions awake"};
      },
      [self, tick](tick_idle_sessions) {
        ++self->state.now;
        sweep(self);
        self->delayed_send(self, tick, tick_idle_sessions{});
      },
  };
}

} // namespace weappd
