// A pusher's place in a pool that becomes larger or smaller while messages are on their way.
#include "actors/template_pusher.hpp"
#include "messages/error.hpp"
#include "messages/place_among.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <utility>

namespace weappd {

std::size_t template_pusher_state::share_of(std::size_t all) const {
  return std::max<std::size_t>(1, all / count_);
}

bool template_pusher_state::is_mine(user_id user) const {
  return pusher_place(user, count_) == place_;
}

// -- messages, whosoever they are

/// A message that is durable and queued. Whose it is, is said by the size that the pool has at this moment:
/// the owner by another size will load it, because loads come behind the change of the size, and this message
/// was in the store before.
void template_pusher_state::take_up(queue_entry entry) {
  auto& pool = services_->peers->pushers;
  const auto owner = pusher_place(entry.to, pool.size());
  if (owner == place_)
    return remember(std::move(entry));
  if (const auto to = pool[owner].get()) // else the one that starts there loads it
    self_->send(caf::actor_cast<template_pusher_self>(to), handed_on{std::move(entry)});
}

/// It is never handed on from here, so no message can go round in a circle.
void template_pusher_state::remember(queue_entry entry) {
  if (resting_) {
    ++not_loaded_;
    return; // a load is still to come, and finds it
  }
  if (!is_mine(entry.to))
    return; // nor will it be, but for a change that is followed by a load
  if (known_to_ && entry.id > *known_to_)
    ahead_.try_emplace(entry.id, std::move(entry));
  else
    queue_->add(std::move(entry), now());
}

void template_pusher_state::on_handed_on(queue_entry entry) {
  remember(std::move(entry));
  work();
}

// -- the pool changes

/// Whether nothing is under way that the store does not know the end of.
bool template_pusher_state::is_quiet() const {
  return attempts_.empty() && interrupted_.empty() && doubtful_.empty() && to_settle_.empty() && !settling_ &&
         !leasing_ && !loading_;
}

caf::result<done> template_pusher_state::rest_for_resizing() {
  if (rest_asked_)
    rest_asked_->deliver(make_error(ec::overloaded, "somebody else has asked for a rest"));
  const sure_promise<done> promise(self_->make_response_promise<done>());
  rest_asked_.emplace(promise);
  resting_ = true;
  work();
  return promise.get();
}

done template_pusher_state::resume_after_resizing() {
  work();
  return {};
}

/// While it rests: has it come to rest, or may it go on? The pool itself says whether it changes, so that
/// nobody rests for ever because a message got lost.
void template_pusher_state::look_at_the_pool() {
  auto& pool = services_->peers->pushers;
  if (!pool.is_changing()) {
    if (pool.size() == count_ || is_quiet())
      go_on();
  } else if (rest_asked_ && is_quiet()) {
    rest_asked_->deliver(done{});
    rest_asked_.reset();
  }
}

/// By the size that the pool has now. Who stays keeps the place in the queue, and the rests of apps and
/// templates go on; everything else is in the store.
void template_pusher_state::go_on() {
  const auto size = services_->peers->pushers.size();
  if (std::exchange(resting_, false) && rest_asked_)
    rest_asked_->deliver(make_error(ec::overloaded, "the pool changes no more"));
  rest_asked_.reset();
  if (std::exchange(count_, size) != size)
    queue_->keep_only([this](user_id user) { return is_mine(user); }, now());
  ahead_.clear();
  not_loaded_ = 0;
  known_to_ = message_id{};
  load_again_ = false;
  loading_ = false; // the load that was under way counts no more
  ++pass_;
  if (!may_load())
    return; // its place is gone: it hands on what it is asked to accept, until it is told to end
  look_later(push_second_look);
  load_behind_writes();
}

} // namespace weappd
