#include "actors/login_desk.hpp"

#include "messages/error.hpp"
#include "messages/meter/metered_actor.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace weappd {
namespace {

using login_desk_ptr = login_desk_self::stateful_pointer<login_desk_state>;
using std::chrono::seconds;

constexpr std::uint32_t shards_per_node = 32; ///< 1,024 workers of a Snowflake: 32 nodes of 32 desks

// A login goes through these steps, each one continued by the answer of the next part:
//   prepare (a source of user ids) -> exchange (WeChat) -> resolve (store) -> open (session) -> finish
void prepare(login_desk_ptr self, const keyed_hash& code, const secret& text);
void exchange(login_desk_ptr self, const keyed_hash& code, const secret& text);
void resolve(login_desk_ptr self, const keyed_hash& code);
void open(login_desk_ptr self, const keyed_hash& code, const identity_resolved& found);

/// Everything about a code that is under way. Codes under way are never forgotten.
code_outcome& outcome_of(login_desk_ptr self, const keyed_hash& code) {
  return self->state.codes.at(code);
}

// -- memory

void forget_oldest(login_desk_state& state) {
  state.codes.erase(state.by_age.front().code);
  state.by_age.pop_front();
}

void forget_codes(login_desk_ptr self) {
  auto& state = self->state;
  const auto limit = self->clock().now() - seconds(state.services->config.auth.code_memory_s);
  while (!state.by_age.empty() && state.by_age.front().at <= limit)
    forget_oldest(state);
}

void remember(login_desk_ptr self, const keyed_hash& code) {
  auto& state = self->state;
  outcome_of(self, code).place = state.by_age.insert(state.by_age.end(), {code, self->clock().now()});
  while (state.by_age.size() > state.memory_max)
    forget_oldest(state);
}

// -- ends

void succeed(login_desk_ptr self, const keyed_hash& code, token_grant& grant) {
  auto& outcome = outcome_of(self, code);
  --self->state.under_way;
  for (auto& waiter : std::exchange(outcome.waiters, {}))
    waiter.deliver(grant);
  outcome.identity.reset(); // with it the session key
  outcome.session = resume_session{
      .user = grant.user->id,
      .session = grant.session,
      .first_refresh_token = std::move(grant.refresh_token),
      .is_new_user = grant.is_new_user,
  };
  remember(self, code);
}

/// `final_answer`: remembered as the answer to this code.
void fail(login_desk_ptr self, const keyed_hash& code, const caf::error& error, bool final_answer = false) {
  auto& outcome = outcome_of(self, code);
  --self->state.under_way;
  for (auto& waiter : std::exchange(outcome.waiters, {}))
    waiter.deliver(error);
  if (final_answer)
    outcome.refusal = error;
  if (final_answer || outcome.identity)
    remember(self, code);
  else
    self->state.codes.erase(code);
}

// -- steps

void prepare(login_desk_ptr self, const keyed_hash& code, const secret& text) {
  auto& state = self->state;
  if (state.ids)
    return exchange(self, code, text);
  const auto reader = state.services->peers->store_readers.pick(state.worker);
  if (!reader)
    return fail(self, code, make_error(ec::storage_unavailable));
  self->request(reader, patience(*self->state.services), get_newest_user{})
      .then(
          [=](const newest_user& newest) {
            auto& ids = self->state.ids;
            if (!ids) // several logins may have asked
              ids.emplace(self->state.worker, newest.user);
            exchange(self, code, text);
          },
          [=](caf::error& error) { fail(self, code, error); });
}

void exchange(login_desk_ptr self, const keyed_hash& code, const secret& text) {
  const auto wechat = self->state.services->peers->wechat.get();
  if (!wechat)
    return fail(self, code, make_error(ec::overloaded, "no gateway"));
  self->request(wechat, patience(*self->state.services), exchange_code{outcome_of(self, code).app, text})
      .then(
          [=](code_exchanged& identity) {
            outcome_of(self, code).identity = std::move(identity);
            resolve(self, code);
          },
          [=](caf::error& error) {
            const auto what = code_of(error);
            fail(self, code, error, what == ec::invalid_code || what == ec::user_blocked);
          });
}

void refuse_for_clock(login_desk_ptr self, const keyed_hash& code) {
  auto& state = self->state;
  if (!std::exchange(state.clock_refused, true))
    state.services->events.write(event_level::error, "login.clock_went_back",
                                 {{"now", to_rfc3339(state.services->wall.now())}});
  fail(self, code, make_error(ec::overloaded, "the clock is behind the newest user"));
}

/// Somebody has a unionid from now on: who follows an official account shall soon be known there, too.
void look_for_followers_now(login_desk_ptr self) {
  for (const auto& [app, sync] : self->state.services->peers->follower_syncs)
    if (const auto whom = sync.get())
      self->send(whom, look_for_followers{});
}

void resolve(login_desk_ptr self, const keyed_hash& code) {
  auto& state = self->state;
  const auto now = state.services->wall.now();
  const auto made = state.ids->next(now);
  if (made.what == snowflake::outcome::wait) {
    self->delayed_send(self, made.again_at - now, tick_resume_login{code});
    return;
  }
  if (made.what == snowflake::outcome::refused)
    return refuse_for_clock(self, code);
  state.clock_refused = false;
  const auto writer = state.services->peers->store_writer.get();
  if (!writer)
    return fail(self, code, make_error(ec::storage_unavailable));
  const auto& outcome = outcome_of(self, code);
  resolve_identity question{
      .app = outcome.app,
      .who = outcome.identity->who,
      .union_id = outcome.identity->union_id,
      .candidate = made.id,
      .at = now,
  };
  self->request(writer, patience(*self->state.services), std::move(question))
      .then(
          [=](const identity_resolved& found) {
            if (found.new_union_id)
              look_for_followers_now(self);
            open(self, code, found);
          },
          [=](caf::error& error) { fail(self, code, error); });
}

void open(login_desk_ptr self, const keyed_hash& code, const identity_resolved& found) {
  const auto router = self->state.services->peers->router_of(found.user);
  if (!router)
    return fail(self, code, make_error(ec::overloaded, "no session router"));
  const auto& outcome = outcome_of(self, code);
  open_session message{
      .user = found.user,
      .app = outcome.app,
      .device = outcome.device,
      .session_key = outcome.identity->session_key,
      .is_new_user = found.created,
  };
  self->request(router, patience(*self->state.services), std::move(message))
      .then([=](token_grant& grant) { succeed(self, code, grant); },
            [=](caf::error& error) { fail(self, code, error); });
}

// -- the message

keyed_hash hash_of(login_desk_ptr self, const login& wanted) {
  std::string text = wanted.app.value;
  text += '\0';
  return {(*self->state.code_mac)(text, wanted.code.reveal())};
}

/// Only the session knows whether it has ended, whether the user is locked and which tokens are valid.
caf::result<token_grant> resume(login_desk_ptr self, const resume_session& question) {
  const auto router = self->state.services->peers->router_of(question.user);
  if (!router)
    return make_error(ec::overloaded, "no session router");
  return self->delegate(router, question);
}

caf::result<token_grant> begin(login_desk_ptr self, login& wanted) {
  auto& state = self->state;
  forget_codes(self);
  const auto code = hash_of(self, wanted);
  auto& [key, outcome] = *state.codes.try_emplace(code).first;
  if (outcome.session)
    return resume(self, *outcome.session);
  if (outcome.refusal)
    return outcome.refusal;
  const bool joins = !outcome.waiters.empty();
  if (joins ? outcome.waiters.size() >= max_waiters_per_code : state.under_way >= max_logins_under_way) {
    if (!joins && !outcome.identity)
      state.codes.erase(code);
    return refuse_as_full(*self, ec::overloaded, "too many logins under way");
  }
  const sure_promise promise(self->make_response_promise<token_grant>());
  outcome.waiters.push_back(promise);
  if (joins)
    return promise.get();
  ++state.under_way;
  if (outcome.identity) {
    state.by_age.erase(outcome.place);
    resolve(self, code);
  } else {
    outcome.app = std::move(wanted.app);
    outcome.device = std::move(wanted.device);
    prepare(self, code, wanted.code);
  }
  return promise.get();
}

status_report report(const login_desk_state& state) {
  if (state.clock_refused)
    return {.state = health::degraded, .detail = "the clock is behind the newest user: no user ids"};
  return {.state = health::ok,
          .detail = std::to_string(state.under_way) + " logins under way, " +
                    std::to_string(state.by_age.size()) + " codes remembered"};
}

} // namespace

login_desk_self::behavior_type login_desk(login_desk_ptr self, services_ptr services, std::uint32_t shard) {
  auto& state = self->state;
  const auto& config = services->config;
  const auto key = crypto::derive_key(services->keys.lookup.active().bytes.reveal(), "wx.login code");
  state.code_mac.emplace(std::string_view(reinterpret_cast<const char*>(key.data()), key.size()));
  state.worker = config.node.id * shards_per_node + shard;
  state.memory_max =
      std::max<std::size_t>(config.auth.code_memory_max / std::max(config.pools.login_desk, 1U), 1);
  state.services = std::move(services);
  // Tokens are remembered: they do not stay longer than promised for want of a next login.
  const auto tick = std::clamp(seconds(config.auth.code_memory_s), seconds(1), seconds(30));
  self->delayed_send(self, tick, tick_forget_codes{});
  return {
      [self](get_status) { return report(self->state); },
      [self](login& wanted) { return begin(self, wanted); },
      [self, tick](tick_forget_codes) {
        forget_codes(self);
        self->delayed_send(self, tick, tick_forget_codes{});
      },
      [self](const tick_resume_login& waiting) { resolve(self, waiting.code); },
  };
}

} // namespace weappd
