#include "actors/follower_sync.hpp"

#include "actors/logic/platform_day.hpp"
#include "messages/token.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <utility>

namespace weappd {
namespace {

using sync_ptr = follower_sync_self::stateful_pointer<follower_sync_state>;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A walk: begin_walk -> go_on -> one step -> wake_in -> go_on -> ... -> end_walk, and then again after a
// while.
void go_on(sync_ptr self);

void wake_in(sync_ptr self, milliseconds wait) {
  self->state.asking = false;
  self->delayed_send(self, wait, tick_follow{++self->state.timer});
}

seconds refresh_interval(const follower_sync_state& state) {
  return seconds(state.services->config.push.followers_refresh_s);
}

// -- failures

/// The clock of the platform may be a little behind ours, and not all accounts should come at midnight sharp.
milliseconds until_next_day(const actor_services& services) {
  constexpr std::uint32_t spread_ms = 60'000;
  std::array<std::uint8_t, 4> bytes{};
  services.random.fill(bytes);
  const auto now = services.wall.now();
  return std::chrono::ceil<milliseconds>(next_platform_midnight(now) - now) +
         milliseconds(spread_ms + std::bit_cast<std::uint32_t>(bytes) % spread_ms);
}

void rest(sync_ptr self, ec failure) {
  auto& state = self->state;
  state.failure = failure;
  const auto doublings = std::min(state.failures++, 16U);
  milliseconds wait = std::min<seconds>(follow_retry_min * (1U << doublings), follow_retry_max);
  if (failure == ec::wechat_misconfigured)
    wait = follow_retry_max;
  if (failure == ec::quota_exhausted)
    wait = until_next_day(*state.services);
  state.services->events.write(event_level::warn, "followers.failed",
                               {{"app", state.app.value},
                                {"error", std::string(describe(failure).name)},
                                {"retry_in_ms", std::to_string(wait.count())}});
  wake_in(self, wait);
}

/// Null handle: its refresher is not there.
token_refresher_actor follower_tokens(const follower_sync_state& state) {
  const auto& tokens = state.services->peers->tokens;
  const auto found = tokens.find(state.app);
  return found == tokens.end() ? token_refresher_actor{} : found->second.get();
}

/// A call with an access token has failed.
void on_refused(sync_ptr self, const caf::error& error, std::uint64_t epoch) {
  auto& state = self->state;
  const auto what = code_of(error);
  if (what == ec::token_rejected)
    if (const auto refresher = follower_tokens(state))
      self->send(refresher, access_token_rejected{epoch});
  if (what == ec::token_rejected && !std::exchange(state.token_renewed, true))
    return go_on(self);
  if (what == ec::not_found && state.walk->next() == follower_walk::step::describe) {
    state.walk->refused();
    return wake_in(self, follower_pace);
  }
  rest(self, what);
}

void step_done(sync_ptr self) {
  auto& state = self->state;
  state.failure = ec::none;
  state.failures = 0;
  state.token_renewed = false;
  wake_in(self, follower_pace);
}

// -- the steps

/// Asks the gateway for `Answer` with an access token of the app.
template <class Answer, class Question, class Then>
void ask_platform(sync_ptr self, Question question, Then then) {
  auto& state = self->state;
  const auto refresher = follower_tokens(state);
  if (!refresher)
    return rest(self, ec::overloaded);
  self->request(refresher, patience(*state.services), get_access_token{})
      .then(
          [self, question, then](const token_lease& lease) mutable {
            const auto& services = *self->state.services;
            const auto wechat = services.peers->wechat.get();
            if (!wechat)
              return rest(self, ec::overloaded);
            question.access_token = lease.token;
            self->request(wechat, patience(services), std::move(question))
                .then(
                    [then](const Answer& answer) { then(answer); },
                    [self, epoch = lease.epoch](const caf::error& error) { on_refused(self, error, epoch); });
          },
          [self](const caf::error& error) { rest(self, code_of(error)); });
}

void list_page(sync_ptr self) {
  const auto& state = self->state;
  ask_platform<followers_listed>(
      self, list_followers{.app = state.app, .access_token = {}, .after = state.walk->after()},
      [self](const followers_listed& page) {
        self->state.walk->listed(page);
        step_done(self);
      });
}

void note(sync_ptr self, const openid& who, bool follows) {
  const auto& services = *self->state.services;
  // An error loses nothing that the next message to this user does not tell again.
  if (const auto writer = services.peers->store_writer.get())
    self->request(
            writer, patience(services),
            note_following{.app = self->state.app, .who = who, .follows = follows, .at = services.wall.now()})
        .then([](stored) {}, [](const caf::error&) {});
}

void sort_page(sync_ptr self) {
  const auto& state = self->state;
  const auto reader = state.services->peers->store_readers.pick(0);
  if (!reader)
    return rest(self, ec::storage_unavailable);
  self->request(reader, patience(*state.services),
                find_new_followers{.app = state.app, .who = state.walk->to_sort()})
      .then(
          [self](const new_followers& found) {
            for (const auto& who : found.returned)
              note(self, who, true);
            self->state.walk->sorted(found.unknown);
            step_done(self);
          },
          [self](const caf::error& error) { rest(self, code_of(error)); });
}

void store_followers(sync_ptr self, const followers_described& found) {
  const auto& state = self->state;
  if (found.items.empty()) {
    self->state.walk->described(found);
    return step_done(self);
  }
  const auto writer = state.services->peers->store_writer.get();
  if (!writer)
    return rest(self, ec::storage_unavailable);
  add_followers wanted{.app = state.app, .items = found.items, .at = state.services->wall.now()};
  self->request(writer, patience(*state.services), std::move(wanted))
      .then(
          [self, found](const followers_added& added) {
            self->state.linked += added.linked;
            self->state.waiting += added.waiting;
            self->state.walk->described(found);
            step_done(self);
          },
          [self](const caf::error& error) { rest(self, code_of(error)); });
}

void describe_group(sync_ptr self) {
  const auto& state = self->state;
  ask_platform<followers_described>(
      self, describe_followers{.app = state.app, .access_token = {}, .who = state.walk->to_describe()},
      [self](const followers_described& found) { store_followers(self, found); });
}

// -- walks

void begin_walk(sync_ptr self, bool whole) {
  auto& state = self->state;
  state.walk.emplace(whole);
  state.whole = whole;
  state.linked = state.waiting = 0;
  if (whole)
    state.look_wanted = false;
}

/// Takes a look from the budget; without one it says when there is one.
limit_verdict take_look(sync_ptr self) {
  auto& looks = self->state.looks;
  const auto now = self->clock().now().time_since_epoch();
  const gcra_policy budget(look_budget());
  const auto verdict = looks.judge(now, budget);
  if (verdict.allowed)
    looks.count(now, budget);
  return verdict;
}

/// Is a look allowed now? If not, there is a timer for it.
bool may_look(sync_ptr self) {
  auto& state = self->state;
  const auto now = self->clock().now();
  if (state.ended_at && now < *state.ended_at + look_gap) {
    wake_in(self, std::chrono::ceil<milliseconds>(*state.ended_at + look_gap - now));
    return false;
  }
  const auto verdict = take_look(self);
  if (!verdict.allowed)
    wake_in(self, seconds(verdict.retry_after_s));
  return verdict.allowed;
}

/// A list of many pages costs a look more than one of one.
void charge_further_pages(sync_ptr self) {
  auto& state = self->state;
  for (std::size_t i = 1; i < state.walk->pages(); ++i)
    if (!take_look(self).allowed)
      return;
}

void log_walk(const follower_sync_state& state) {
  state.services->events.write(event_level::info, "followers.read",
                               {{"app", state.app.value},
                                {"total", std::to_string(state.total)},
                                {"linked", std::to_string(state.linked)},
                                {"waiting", std::to_string(state.waiting)}});
  if (state.nameless)
    state.services->events.write(event_level::warn, "followers.without_unionid", {{"app", state.app.value}});
}

void end_walk(sync_ptr self) {
  auto& state = self->state;
  const auto& walk = *state.walk;
  const bool first = !state.ended_at;
  const bool was_nameless = state.nameless;
  if (state.whole) {
    charge_further_pages(self);
    state.total = walk.total();
    state.nameless = walk.nobody_has_a_name();
    state.ended_at = self->clock().now();
  }
  if (first || state.linked + state.waiting != 0 || was_nameless != state.nameless)
    log_walk(state);
  state.walk.reset();
  state.asking = false;
  if (refresh_interval(state) == seconds(0))
    return;
  if (state.look_wanted || !state.ended_at)
    return go_on(self);
  const auto left = *state.ended_at + refresh_interval(state) - self->clock().now();
  wake_in(self, std::max(std::chrono::ceil<milliseconds>(left), follower_pace));
}

void go_on(sync_ptr self) {
  auto& state = self->state;
  if (!state.walk) {
    if (state.look_wanted && !may_look(self))
      return;
    begin_walk(self, true);
  }
  state.asking = true;
  switch (state.walk->next()) {
  case follower_walk::step::list:
    return list_page(self);
  case follower_walk::step::sort:
    return sort_page(self);
  case follower_walk::step::describe:
    return describe_group(self);
  case follower_walk::step::done:
    return end_walk(self);
  }
}

// -- what it is asked

void look(sync_ptr self) {
  auto& state = self->state;
  if (refresh_interval(state) == seconds(0) || std::exchange(state.look_wanted, true))
    return;
  if (!state.walk)
    go_on(self);
}

void on_changed(sync_ptr self, const follower_changed& change) {
  auto& state = self->state;
  note(self, change.who, change.follows);
  if (!change.follows)
    return;
  const bool idle = !state.walk;
  if (idle)
    begin_walk(self, false);
  if (!state.walk->meet(change.who))
    state.look_wanted = true; // the list has them, too
  if (idle)
    go_on(self);
}

status_report report(const follower_sync_state& state) {
  if (state.failure != ec::none)
    return {.state = health::degraded,
            .detail = "followers could not be read: " + std::string(describe(state.failure).name)};
  if (state.nameless)
    return {.state = health::degraded,
            .detail = "no follower has a unionid: is the account bound to an Open Platform account?"};
  if (!state.ended_at)
    return {.state = health::ok,
            .detail = refresh_interval(state) == seconds(0) ? "the list is not read" : "not read yet"};
  return {.state = health::ok, .detail = std::to_string(state.total) + " followers"};
}

} // namespace

follower_sync_self::behavior_type follower_sync(sync_ptr self, services_ptr services, app_key app) {
  auto& state = self->state;
  state.services = std::move(services);
  state.app = std::move(app);
  if (refresh_interval(state) != seconds(0))
    go_on(self);
  return {
      [self](get_status) { return report(self->state); },
      [self](look_for_followers) { look(self); },
      [self](const follower_changed& change) { on_changed(self, change); },
      [self](tick_follow tick) {
        if (tick.timer == self->state.timer && !self->state.asking)
          go_on(self);
      },
  };
}

} // namespace weappd
