#include "actors/token_refresher.hpp"

#include "actors/logic/foreign_refresh.hpp"
#include "messages/meter/metered_actor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <string>
#include <utility>

namespace weappd {
namespace {

using token_refresher_ptr = token_refresher_self::stateful_pointer<token_refresher_state>;
using std::chrono::milliseconds;

std::uint32_t random_bits(crypto::random_source& random) {
  std::array<std::uint8_t, 4> bytes{};
  random.fill(bytes);
  return std::bit_cast<std::uint32_t>(bytes);
}

/// May the token be handed out?
bool usable(const std::optional<held_token>& token, caf::actor_clock::time_point now) {
  return token && token->trust != token_trust::refused && now < token->ends;
}

void start_fetch(token_refresher_ptr self);

void fetch_in(token_refresher_ptr self, milliseconds wait) {
  self->delayed_send(self, wait, tick_refresh{++self->state.timer});
}

/// All who wait get the token, or the error if it may not be used.
void answer_waiters(token_refresher_ptr self) {
  auto& state = self->state;
  const bool give = usable(state.token, self->clock().now());
  for (const auto& waiter : std::exchange(state.waiters, {}))
    if (give)
      waiter.deliver(state.token->lease);
    else
      waiter.deliver(make_error(state.failure));
}

void log_refreshed(const token_refresher_state& state, milliseconds remaining) {
  state.services->events.write(event_level::info, "token.refreshed",
                               {{"app", state.app.value},
                                {"epoch", std::to_string(state.token->lease.epoch)},
                                {"expires_in_s", std::to_string(remaining.count() / 1000)}});
}

void log_unchanged(const token_refresher_state& state, milliseconds wait) {
  state.services->events.write(event_level::error, "token.refused_but_unchanged",
                               {{"app", state.app.value},
                                {"epoch", std::to_string(state.token->lease.epoch)},
                                {"retry_in_ms", std::to_string(wait.count())}});
}

/// A fetch has given a token. Had somebody else replaced the one that we held?
void look_for_foreigner(token_refresher_ptr self, bool same) {
  auto& state = self->state;
  if (!state.token || !state.token->left_when_refused)
    return;
  const auto left = *std::exchange(state.token->left_when_refused, std::nullopt);
  if (!is_foreign_refresh({.refused = true, .unchanged = same, .left = left}))
    return;
  const auto now = self->clock().now();
  const auto age = std::chrono::floor<std::chrono::seconds>(now - state.token->since);
  ++state.foreign;
  state.foreign_at = now;
  state.services->events.write(event_level::warn, "token.foreign_refresher",
                               {{"app", state.app.value},
                                {"count", std::to_string(state.foreign)},
                                {"token_age_s", std::to_string(age.count())}});
}

/// The platform gave a token that lives until `ends`.
void on_fetched(token_refresher_ptr self, access_token_fetched& fetched, caf::actor_clock::time_point ends) {
  auto& state = self->state;
  auto& services = *state.services;
  const auto remaining = std::chrono::floor<milliseconds>(ends - self->clock().now());
  const bool same = state.token && state.token->lease.token == fetched.token;
  const bool refused = same && (state.token->trust == token_trust::refused || state.token->refused_again);
  state.failure = ec::none;
  look_for_foreigner(self, same);
  if (!same)
    state.token =
        held_token{.lease = {.token = std::move(fetched.token), .epoch = ++state.epoch, .expires_at = {}},
                   .ends = {},
                   .since = self->clock().now(),
                   .left_when_refused = {}};
  state.token->ends = ends;
  state.token->lease.expires_at = services.wall.now() + remaining;
  state.token->trust = refused ? token_trust::doubted : token_trust::good;
  state.token->refused_again = false;
  const auto random = random_bits(services.random);
  const auto wait = refused ? state.schedule->after_failure(false, random)
                            : state.schedule->after_success(remaining, same, random);
  if (refused)
    log_unchanged(state, wait);
  else
    log_refreshed(state, remaining);
  fetch_in(self, wait);
  answer_waiters(self);
}

void on_failed(token_refresher_ptr self, ec failure, const std::string& detail) {
  auto& state = self->state;
  state.failure = failure;
  const auto wait =
      state.schedule->after_failure(failure == ec::wechat_misconfigured, random_bits(state.services->random));
  const bool left = usable(state.token, self->clock().now());
  state.services->events.write(left ? event_level::warn : event_level::error, "token.refresh_failed",
                               {{"app", state.app.value},
                                {"error", std::string(describe(failure).name)},
                                {"detail", detail},
                                {"failures", std::to_string(state.schedule->failures())},
                                {"retry_in_ms", std::to_string(wait.count())}});
  fetch_in(self, wait);
  answer_waiters(self);
}

/// What a failed fetch is to those who wait: an error of WeChat, or of the part that should have asked it.
ec failure_of(const caf::error& error) {
  const auto code = code_of(error);
  return code == ec::handler_timeout ? ec::wechat_timeout : code;
}

/// Is this the end of the fetch that is under way? Then it is under way no more.
bool end_fetch(token_refresher_ptr self, std::uint64_t number) {
  auto& state = self->state;
  if (!state.fetching || number != state.fetches)
    return false;
  state.fetching = false;
  self->demonitor(state.asked);
  return true;
}

void start_fetch(token_refresher_ptr self) {
  auto& state = self->state;
  if (state.fetching)
    return;
  ++state.timer; // a timer that is still set is void
  const auto gateway = state.services->peers->wechat.get();
  if (!gateway)
    return on_failed(self, ec::overloaded, "no gateway");
  state.fetching = true;
  state.asked = gateway.address();
  self->monitor(gateway);
  const auto number = ++state.fetches;
  self->request(gateway, max_fetch_time, fetch_access_token{state.app})
      .then(
          [self, number, asked_at = self->clock().now()](access_token_fetched& fetched) {
            if (!end_fetch(self, number))
              return;
            const auto ends = asked_at + fetched.expires_in; // not later than the platform thinks
            if (fetched.token.empty() || ends <= self->clock().now())
              on_failed(self, ec::wechat_unavailable, "a token without life");
            else
              on_fetched(self, fetched, ends);
          },
          [self, number](const caf::error& error) {
            if (end_fetch(self, number))
              on_failed(self, failure_of(error), detail_of(error));
          });
}

void on_gateway_down(token_refresher_ptr self, const caf::down_msg& down) {
  auto& state = self->state;
  if (down.source == state.asked && end_fetch(self, state.fetches))
    on_failed(self, ec::overloaded, "the gateway died");
}

caf::result<token_lease> lend(token_refresher_ptr self) {
  auto& state = self->state;
  if (usable(state.token, self->clock().now()))
    return state.token->lease;
  if (!state.fetching)
    return make_error(state.failure == ec::none ? ec::wechat_unavailable : state.failure);
  if (state.waiters.size() >= max_token_waiters)
    return refuse_as_full(*self, ec::overloaded, "too many wait for an access token");
  const token_refresher_state::waiter promise(self->make_response_promise<token_lease>());
  state.waiters.push_back(promise);
  return promise.get();
}

void on_rejected(token_refresher_ptr self, std::uint64_t epoch) {
  auto& token = self->state.token;
  if (!token || token->lease.epoch != epoch)
    return; // replaced already
  switch (token->trust) {
  case token_trust::good:
    token->trust = token_trust::refused;
    if (!self->state.fetching)
      token->left_when_refused = std::chrono::floor<milliseconds>(token->ends - self->clock().now());
    return start_fetch(self);
  case token_trust::doubted:
    token->refused_again = true;
    return;
  case token_trust::refused:
    return; // is being replaced
  }
}

status_report status_of(const token_refresher_state& state, caf::actor_clock::time_point now) {
  const std::string why =
      state.failure == ec::none ? "" : "; last fetch: " + std::string(describe(state.failure).name);
  if (!usable(state.token, now))
    return {.state = health::down, .detail = "no token" + why};
  const auto left = std::chrono::floor<std::chrono::seconds>(state.token->ends - now);
  auto detail = "token for " + std::to_string(left.count()) + " s" + why;
  if (state.foreign != 0)
    detail += "; replaced by somebody else: " + std::to_string(state.foreign) + " times";
  if (state.foreign != 0 && now - state.foreign_at < foreign_memory)
    return {.state = health::degraded,
            .detail = detail + ", within the last hour; does another program fetch this app's token?"};
  if (state.token->trust == token_trust::doubted)
    return {.state = health::degraded, .detail = detail + "; refused, and the platform gives no other"};
  return {.state = state.failure == ec::none ? health::ok : health::degraded, .detail = detail};
}

} // namespace

token_refresher_self::behavior_type
token_refresher(token_refresher_self::stateful_pointer<token_refresher_state> self, services_ptr services,
                app_key app) {
  auto& state = self->state;
  state.epoch = static_cast<std::uint64_t>(services->wall.now().time_since_epoch().count());
  state.schedule.emplace(services->config.token);
  state.services = std::move(services);
  state.app = std::move(app);
  self->set_down_handler([self](const caf::down_msg& down) { on_gateway_down(self, down); });
  start_fetch(self);
  return {
      [self](get_status) { return status_of(self->state, self->clock().now()); },
      [self](get_access_token) { return lend(self); },
      [self](access_token_rejected rejected) { on_rejected(self, rejected.epoch); },
      [self](tick_refresh tick) {
        if (tick.timer == self->state.timer)
          start_fetch(self);
      },
  };
}

} // namespace weappd
