// Pools of a running server become larger or smaller (DESIGN 34).
#include "actors/rate_limiter.hpp"
#include "actors/template_pusher.hpp"
#include "http/daemon/daemon.hpp"
#include "http/daemon/release_logger.hpp"

#include <caf/actor_cast.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <numeric>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace weappd {
namespace {

using std::chrono::milliseconds;
using pusher_pool = elastic_group<template_pusher_actor>;
using moment = std::chrono::steady_clock::time_point;

/// What is asked of pushers must have come to an end while the operator still waits for the answer to the
/// reload (http.handler_timeout_ms).
constexpr std::chrono::seconds patience_with_rest{8};
constexpr std::chrono::seconds patience_with_resume{1};
/// Before one that has died is looked for again.
constexpr milliseconds pause_between_looks{10};

milliseconds left_until(moment end) {
  const auto left = std::chrono::ceil<milliseconds>(end - std::chrono::steady_clock::now());
  return std::max(left, milliseconds(1));
}

/// Asks those at `places`, all at the same time. Which of them have not done so.
template <class Message>
std::vector<std::pair<std::size_t, caf::error>> ask_pushers(caf::scoped_actor& self, pusher_pool& pool,
                                                            const std::vector<std::size_t>& places,
                                                            milliseconds patience, Message wish) {
  using response = decltype(self->request(template_pusher_self{}, patience, wish));
  std::vector<std::pair<std::size_t, caf::error>> refused;
  std::vector<std::pair<std::size_t, response>> asked;
  for (const auto place : places) {
    if (const auto pusher = pool[place].get())
      asked.emplace_back(place, self->request(caf::actor_cast<template_pusher_self>(pusher), patience, wish));
    else
      refused.emplace_back(place, caf::make_error(caf::sec::request_receiver_down));
  }
  for (auto& [place, answer] : asked)
    answer.receive([](const done&) {},
                   [&, at = place](caf::error& why) { refused.emplace_back(at, std::move(why)); });
  return refused;
}

std::vector<std::size_t> all_places(std::size_t count) {
  std::vector<std::size_t> places(count);
  std::iota(places.begin(), places.end(), std::size_t{0});
  return places;
}

/// Empty if all of them rest; else why not. One that died over the question is asked again when it is back.
std::string bring_to_rest(caf::scoped_actor& self, pusher_pool& pool, std::size_t count) {
  const auto end = std::chrono::steady_clock::now() + patience_with_rest;
  for (auto places = all_places(count); !places.empty();) {
    const auto restless = ask_pushers(self, pool, places, left_until(end), rest_pusher{});
    places.clear();
    for (const auto& [place, why] : restless) {
      if (why == caf::sec::unexpected_message)
        return "another implementation";
      places.push_back(place);
    }
    if (!places.empty() && std::chrono::steady_clock::now() >= end)
      return "messages are still under way, or not written";
    if (!places.empty())
      std::this_thread::sleep_for(pause_between_looks);
  }
  return {};
}

/// The size that a pool has after a reload.
std::size_t size_for(std::size_t least, std::size_t most, std::size_t now) {
  return most == 0 ? least : std::clamp(now, least, most);
}

} // namespace

// -- by a reload, and by load

void daemon::apply_sizes(const pool_options& next) {
  auto& limiters = directory_->rate_limiters;
  auto& readers = directory_->store_readers;
  if (const auto size = size_for(next.rate_limiter, next.rate_limiter_max, limiters.size());
      size != limiters.size())
    change_rate_limiters(size, "reload");
  if (const auto size = size_for(next.store_readers, next.store_readers_max, readers.size());
      size != readers.size())
    change_store_readers(size, "reload");
  auto& pools = configured_.pools;
  pools.rate_limiter = next.rate_limiter;
  pools.rate_limiter_max = next.rate_limiter_max;
  pools.store_readers = next.store_readers;
  pools.store_readers_max = next.store_readers_max;
  pools.target_wait_ms = next.target_wait_ms;
  pools.shrink_after_s = next.shrink_after_s;
  if (const auto sizer = directory_->pool_sizer.get())
    caf::anon_send(sizer, pools_changed{});
}

std::vector<sized_pool> daemon::pools_by_load() const {
  const auto& pools = configured_.pools;
  std::vector<sized_pool> all;
  const auto add = [&](const char* role, std::size_t size, std::uint32_t least, std::uint32_t most) {
    if (most != 0)
      all.push_back({.role = role,
                     .size = size,
                     .rules = {.least = least,
                               .most = most,
                               .target_wait = milliseconds(pools.target_wait_ms),
                               .shrink_after = std::chrono::seconds(pools.shrink_after_s)}});
  };
  add("rate_limiter", directory_->rate_limiters.size(), pools.rate_limiter, pools.rate_limiter_max);
  add("store_reader", directory_->store_readers.size(), pools.store_readers, pools.store_readers_max);
  return all;
}

std::vector<sized_pool> daemon::look_at_pools() {
  const std::lock_guard alone(reloading_);
  return pools_by_load();
}

/// The configuration may have changed since the pool sizer looked.
void daemon::resize_by_load(const std::string& role, std::size_t size) {
  const std::lock_guard alone(reloading_);
  const auto pools = pools_by_load();
  const auto pool = std::ranges::find(pools, role, &sized_pool::role);
  if (pool == pools.end())
    return;
  const auto wanted = std::clamp(size, pool->rules.least, pool->rules.most);
  if (wanted == pool->size)
    return;
  if (role == "rate_limiter")
    change_rate_limiters(wanted, "load");
  else
    change_store_readers(wanted, "load");
}

// -- the steps

void daemon::keep_places(caf::scoped_actor& self, const std::string& role, std::size_t size) {
  self->request(supervisor_, caf::infinite, resize_pool{role, size})
      .receive([](const done&) {}, [](const caf::error&) { /* it ends, and the server with it */ });
}

void daemon::note_resize(const std::string& role, std::size_t from, std::size_t to, const std::string& why) {
  pool_figures_.resized(role, from, to);
  log_.write(event_level::info, "pool.resized",
             {{"role", role}, {"from", std::to_string(from)}, {"to", std::to_string(to)}, {"why", why}});
}

/// Those that come are there before they are asked, and those that go are there until nobody asks them.
/// `move` hands over what they remember.
template <class Handle, class Move>
void daemon::change_pool(const std::string& role, elastic_group<Handle>& pool, std::size_t size,
                         const std::string& why, Move&& move) {
  const release_logger at_the_end;
  const auto before = pool.size();
  caf::scoped_actor self{*system_};
  pool.announce(size);
  keep_places(self, role, std::max(before, size));
  move(self);
  pool.settle();
  keep_places(self, role, size);
  note_resize(role, before, size, why);
}

void daemon::change_rate_limiters(std::size_t size, const std::string& why) {
  auto& limiters = directory_->rate_limiters;
  const auto before = limiters.size();
  const auto change = ++limiter_changes_;
  change_pool("rate_limiter", limiters, size, why, [&](caf::scoped_actor& self) {
    for (const auto place : order_of_resize(before, size))
      if (const auto limiter = limiters[place].get()) // else the next one begins with the new size
        self->request(caf::actor_cast<rate_limiter_self>(limiter), caf::infinite,
                      resize_limiters{.size = size, .change = change})
            .receive([](const done&) {}, [](const caf::error&) { /* it died, or moves nothing */ });
  });
}

/// A reader remembers nothing, so nothing has to move.
void daemon::change_store_readers(std::size_t size, const std::string& why) {
  change_pool("store_reader", directory_->store_readers, size, why, [](caf::scoped_actor&) {});
}

/// Rest, switch, load. Whoever rests goes on by itself when the pool changes no more, so a question that gets
/// lost here costs a second and nothing else.
bool daemon::change_template_pushers(std::size_t size) {
  const release_logger at_the_end;
  auto& pool = directory_->pushers;
  const auto before = pool.size();
  if (size == before)
    return true;
  const auto either = std::max(before, size);
  caf::scoped_actor self{*system_};
  push_figures_.expect(either);
  pool.announce(size);
  keep_places(self, "template_pusher", either);
  const auto problem = bring_to_rest(self, pool, either);
  if (!problem.empty())
    pool.announce(before);
  pool.settle();
  ask_pushers(self, pool, all_places(either), patience_with_resume, resume_pusher{});
  keep_places(self, "template_pusher", pool.size());
  if (problem.empty())
    note_resize("template_pusher", before, size, "reload");
  else
    log_.write(event_level::warn, "pool.kept",
               {{"role", "template_pusher"},
                {"size", std::to_string(before)},
                {"wanted", std::to_string(size)},
                {"problem", problem}});
  return problem.empty();
}

} // namespace weappd
