#include "actors/session.hpp"

#include "actors/logic/session_rules.hpp"
#include "actors/logic/token_mint.hpp"

#include <caf/exit_reason.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace weappd {
namespace {

using session_ptr = session_actor::stateful_pointer<session_state>;
using std::chrono::seconds;

/// From here on the memory of this actor is not believed. What waits in the mailbox is refused; then it ends.
void leave(session_ptr self, ec failure) {
  auto& state = self->state;
  state.failure = failure;
  if (!std::exchange(state.leaving, true))
    self->send_exit(self, caf::exit_reason::user_shutdown); // queues behind what is in the mailbox now
}

/// No error, or the reason why nothing can be answered. `if_absent` is what a missing user means to the
/// asker.
caf::error not_ready(session_ptr self, ec if_absent) {
  const auto failure = self->state.failure;
  if (failure == ec::none)
    return {};
  leave(self, failure);
  return make_error(failure == ec::not_found ? if_absent : failure);
}

session_record* find_row(session_state& state, const session_id& id) {
  const auto found =
      std::find_if(state.rows.begin(), state.rows.end(), [&](const auto& row) { return row.id == id; });
  return found == state.rows.end() ? nullptr : &*found;
}

void drop_rows(session_state& state, const std::vector<session_id>& ids) {
  std::erase_if(state.rows,
                [&](const auto& row) { return std::find(ids.begin(), ids.end(), row.id) != ids.end(); });
}

// -- last_seen_at

touch_sessions unsaved_touches(const session_state& state) {
  touch_sessions message{.user = state.id, .seen = {}};
  for (const auto& row : state.rows)
    if (row.last_seen_at >= state.saved_until)
      message.seen.emplace_back(row.id, row.last_seen_at);
  return message;
}

/// Stores last_seen_at beside other work: nobody waits for it, and one that failed is tried again at the next
/// turn.
void store_touches(session_ptr self, timestamp now) {
  auto& state = self->state;
  state.touch_after = now + seconds(state.services->config.session.touch_interval_s);
  const auto writer = state.services->peers->store_writer.get();
  if (!writer)
    return;
  self->request(writer, patience(*self->state.services), unsaved_touches(state))
      .then([self, now](stored) { self->state.saved_until = now; }, [](caf::error&) {});
}

void note_seen(session_ptr self, session_record& row, timestamp now) {
  row.last_seen_at = std::max(row.last_seen_at, now);
  const auto& state = self->state;
  // The second test: a clock that was set back must not stop this for as long as it went back.
  if (now >= state.touch_after ||
      state.touch_after - now > seconds(state.services->config.session.touch_interval_s))
    store_touches(self, now);
}

// -- who may ask

/// No error when the client's session is alive and the user is not locked. Notes that it was seen.
caf::error admit(session_ptr self, const caller& who) {
  auto& state = self->state;
  if (auto error = not_ready(self, ec::invalid_access_token))
    return error;
  const auto now = state.services->wall.now();
  auto* row = find_row(state, who.session);
  if (row == nullptr || has_ended(*row, now, state.services->config.auth))
    return make_error(ec::invalid_access_token);
  if (state.user->status == user_status::locked)
    return make_error(ec::user_blocked);
  note_seen(self, *row, now);
  return {};
}

// -- writing

/// The store said storage_unavailable: nothing has changed, memory is right. Anything else leaves it open.
caf::error write_failed(session_ptr self, const caf::error& error) {
  if (code_of(error) != ec::storage_unavailable)
    leave(self, ec::storage_unavailable);
  return make_error(ec::storage_unavailable, detail_of(error));
}

/// Sends a write and waits for it; no other message is taken meanwhile. `done` changes the memory accordingly
/// and gives the answer.
template <class Answer, class Message, class Done>
caf::result<Answer> write(session_ptr self, Message message, Done done) {
  const auto writer = self->state.services->peers->store_writer.get();
  if (!writer)
    return make_error(ec::storage_unavailable);
  auto promise = self->template make_response_promise<Answer>();
  self->request(writer, patience(*self->state.services), std::move(message))
      .await(
          [promise, done](stored) mutable {
            caf::expected<Answer> answer = done();
            if (answer)
              promise.deliver(std::move(*answer));
            else
              promise.deliver(std::move(answer.error()));
          },
          [self, promise](caf::error& error) mutable { promise.deliver(write_failed(self, error)); });
  return promise;
}

template <class Answer, class Done>
caf::result<Answer> save(session_ptr self, user_record next, Done done) {
  next.updated_at = self->state.services->wall.now();
  return write<Answer>(self, save_user{next}, [self, next, done] {
    self->state.user = std::make_shared<const user_record>(next);
    return done();
  });
}

// -- begin and refresh

/// The pair of the row, with the life that is left of it at `now`: when the row was written, or later.
token_grant grant_for(const session_state& state, const session_record& row, secret refresh_token,
                      timestamp now) {
  using std::chrono::floor;
  // In whole seconds, as a JWT counts. A clock that ran back makes no life longer.
  const auto second = floor<seconds>(std::max(now, row.refreshed_at));
  return {
      .access_token = state.services->mint->access_token(row, state.user->role),
      .access_ttl = std::max(access_end(row, state.services->config.auth) - second, seconds(0)),
      .refresh_token = std::move(refresh_token),
      .refresh_ttl = floor<seconds>(row.refresh_expires_at) - second,
      .session = row.id,
      .user = state.user,
      .is_new_user = false,
  };
}

caf::result<token_grant> open(session_ptr self, open_session& wanted) {
  auto& state = self->state;
  // The desk has just been told of this user: one that is not there is our own fault.
  if (auto error = not_ready(self, ec::internal_error))
    return error;
  if (state.user->status == user_status::locked)
    return make_error(ec::user_blocked);
  const auto& services = *state.services;
  const auto now = services.wall.now();
  session_record row{
      .id = {},
      .user = state.id,
      .app = std::move(wanted.app),
      .device = std::move(wanted.device),
      .created_at = now,
      .last_seen_at = now,
      .refresh_expires_at = refresh_end(now, now, services.config.auth),
      .refresh_hash = {},
      .refreshed_at = now,
  };
  services.random.fill(row.id.bytes);
  auto refresh_token = services.mint->first_refresh_token(state.id, row.id, services.random);
  row.refresh_hash = services.mint->hash(refresh_token);
  auto evicted = sessions_to_evict(state.rows, now, services.config.auth);
  add_session message{.session = row, .session_key = std::move(wanted.session_key), .evicted = evicted};
  return write<token_grant>(self, std::move(message), [=, is_new = wanted.is_new_user] {
    auto& memory = self->state;
    drop_rows(memory, evicted);
    memory.rows.push_back(row);
    auto user = *memory.user;
    user.last_login_at = row.created_at;
    memory.user = std::make_shared<const user_record>(std::move(user));
    auto grant = grant_for(memory, row, refresh_token, row.refreshed_at);
    grant.is_new_user = is_new;
    return grant;
  });
}

caf::result<token_grant> rotate(session_ptr self, const session_record& row, const secret& presented,
                                bool is_new_user = false) {
  const auto& services = *self->state.services;
  const auto now = services.wall.now();
  auto next_token = services.mint->successor(presented, row.user, row.id);
  auto next = row;
  next.previous_refresh_hash = row.refresh_hash;
  next.refresh_hash = services.mint->hash(next_token);
  next.refreshed_at = now;
  next.refresh_expires_at = refresh_end(row.created_at, now, services.config.auth);
  next.last_seen_at = std::max(row.last_seen_at, now);
  ++next.generation;
  rotate_refresh_token message{.session = next, .expected = row.refresh_hash};
  return write<token_grant>(self, std::move(message), [=]() -> caf::expected<token_grant> {
    auto* stored_row = find_row(self->state, next.id);
    if (stored_row == nullptr)
      return make_error(ec::internal_error);
    *stored_row = next;
    self->state.rotations.note(next.id, next.refreshed_at,
                               seconds(self->state.services->config.auth.refresh_reuse_window_s));
    auto grant = grant_for(self->state, next, next_token, next.refreshed_at);
    grant.is_new_user = is_new_user;
    return grant;
  });
}

caf::result<token_grant> repeat(session_ptr self, const session_record& row, const secret& presented) {
  const auto& services = *self->state.services;
  auto token = services.mint->successor(presented, row.user, row.id);
  return grant_for(self->state, row, std::move(token), services.wall.now());
}

/// Equal for all who ask at the same time, also when it has to refresh: who comes second finds the new pair.
caf::result<token_grant> resume(session_ptr self, const resume_session& wanted) {
  auto& state = self->state;
  if (auto error = not_ready(self, ec::invalid_code))
    return error;
  // First, as for a fresh code: whoever has the code has proved to be the user.
  if (state.user->status == user_status::locked)
    return make_error(ec::user_blocked);
  const auto& services = *state.services;
  const auto now = services.wall.now();
  const auto* row = find_row(state, wanted.session);
  if (row == nullptr || has_ended(*row, now, services.config.auth))
    return make_error(ec::invalid_code);
  auto token = services.mint->newest_refresh_token(wanted.first_refresh_token, *row);
  if (!token)
    return make_error(ec::invalid_code);
  if (now >= access_end(*row, services.config.auth))
    return rotate(self, *row, *token, wanted.is_new_user);
  auto grant = grant_for(state, *row, std::move(*token), now);
  grant.is_new_user = wanted.is_new_user;
  return grant;
}

caf::result<token_grant> revoke_stolen(session_ptr self, const session_id& id) {
  const std::vector<session_id> ids{id};
  return write<token_grant>(self, remove_sessions{self->state.id, ids}, [=]() -> caf::expected<token_grant> {
    auto& state = self->state;
    drop_rows(state, ids);
    state.services->events.write(event_level::warn, "session.refresh_reused",
                                 {{"user_id", to_string(state.id)}, {"session_id", to_string(id)}});
    return make_error(ec::invalid_refresh_token);
  });
}

caf::result<token_grant> refresh(session_ptr self, const refresh_session& wanted) {
  auto& state = self->state;
  if (auto error = not_ready(self, ec::invalid_refresh_token))
    return error;
  const auto* row = find_row(state, wanted.session);
  if (row == nullptr)
    return make_error(ec::invalid_refresh_token);
  const auto age = state.services->mint->age_of(wanted.refresh_token, *row);
  const auto decision =
      judge_refresh(age, *row, state.rotations, state.services->wall.now(), state.services->config.auth);
  if (decision == refresh_decision::refuse)
    return make_error(ec::invalid_refresh_token);
  if (decision == refresh_decision::revoke)
    return revoke_stolen(self, wanted.session);
  // Only who has proved to be the user learns that the user is locked.
  if (state.user->status == user_status::locked)
    return make_error(ec::user_blocked);
  return decision == refresh_decision::rotate ? rotate(self, *row, wanted.refresh_token)
                                              : repeat(self, *row, wanted.refresh_token);
}

// -- what a client with a session asks

caf::result<profile> change(session_ptr self, change_profile& wanted) {
  if (auto error = admit(self, wanted.who))
    return error;
  const auto& current = *self->state.user;
  auto next = current;
  if (wanted.nickname)
    next.nickname = std::move(*wanted.nickname);
  if (wanted.avatar_url)
    next.avatar_url = std::move(*wanted.avatar_url);
  if (next.nickname == current.nickname && next.avatar_url == current.avatar_url)
    return profile{self->state.user};
  return save<profile>(self, std::move(next), [self] { return profile{self->state.user}; });
}

caf::result<session_list> list(session_ptr self, const caller& who) {
  if (auto error = admit(self, who))
    return error;
  const auto& state = self->state;
  const auto now = state.services->wall.now();
  session_list answer;
  answer.items.reserve(state.rows.size());
  for (const auto& row : state.rows)
    if (!has_ended(row, now, state.services->config.auth))
      answer.items.push_back({row.id, row.device, row.created_at, row.last_seen_at, row.id == who.session});
  std::reverse(answer.items.begin(), answer.items.end()); // rows are in the order of their making
  std::stable_sort(answer.items.begin(), answer.items.end(),
                   [](const auto& a, const auto& b) { return a.created_at > b.created_at; });
  return answer;
}

caf::result<done> remove(session_ptr self, const std::vector<session_id>& ids) {
  return write<done>(self, remove_sessions{self->state.id, ids}, [=] {
    drop_rows(self->state, ids);
    return done{};
  });
}

caf::result<done> close(session_ptr self, const close_session& wanted) {
  if (auto error = admit(self, wanted.who))
    return error;
  auto& state = self->state;
  const auto* row = find_row(state, wanted.which);
  if (row == nullptr || has_ended(*row, state.services->wall.now(), state.services->config.auth))
    return make_error(ec::session_not_found);
  return remove(self, {wanted.which});
}

caf::result<done> log_out(session_ptr self, const logout& wanted) {
  if (auto error = admit(self, wanted.who))
    return error;
  if (!wanted.everywhere)
    return remove(self, {wanted.who.session});
  std::vector<session_id> all;
  for (const auto& row : self->state.rows)
    all.push_back(row.id);
  return remove(self, all);
}

// -- administration, sleep

caf::result<done> set_status(session_ptr self, user_status status) {
  if (auto error = not_ready(self, ec::not_found))
    return error;
  auto next = *self->state.user;
  if (next.status == status)
    return done{};
  next.status = status;
  return save<done>(self, std::move(next), [=] {
    const auto& state = self->state;
    state.services->events.write(event_level::info,
                                 status == user_status::locked ? "user.locked" : "user.unlocked",
                                 {{"user_id", to_string(state.id)}});
    return done{};
  });
}

/// Always yes: no message is taken while something is under way.
caf::result<sleep_answer> sleep(session_ptr self) {
  auto& state = self->state;
  auto touches = unsaved_touches(state);
  const auto writer = state.services->peers->store_writer.get();
  if (state.failure != ec::none || touches.seen.empty() || !writer) {
    self->quit();
    return sleep_answer{true};
  }
  auto promise = self->make_response_promise<sleep_answer>();
  auto fall = [self, promise]() mutable {
    promise.deliver(sleep_answer{true});
    self->quit();
  };
  // A last_seen_at that cannot be stored is no reason to stay awake.
  self->request(writer, patience(*self->state.services), std::move(touches))
      .await([fall](stored) mutable { fall(); }, [fall](caf::error&) mutable { fall(); });
  return promise;
}

void load(session_ptr self) {
  auto& state = self->state;
  const auto reader = state.services->peers->store_readers.pick(state.id.value);
  if (!reader) {
    state.failure = ec::storage_unavailable;
    return;
  }
  self->request(reader, patience(*self->state.services), load_user{state.id})
      .await(
          [self](user_snapshot& snapshot) {
            auto& memory = self->state;
            memory.user = std::make_shared<const user_record>(std::move(snapshot.user));
            memory.rows = std::move(snapshot.sessions);
            memory.saved_until = memory.services->wall.now();
            memory.touch_after =
                memory.saved_until + seconds(memory.services->config.session.touch_interval_s);
          },
          [self](caf::error& error) {
            const bool absent = code_of(error) == ec::not_found;
            self->state.failure = absent ? ec::not_found : ec::storage_unavailable;
          });
}

} // namespace

session_actor::behavior_type session(session_ptr self, services_ptr services, user_id user) {
  self->state.services = std::move(services);
  self->state.id = user;
  load(self);
  return {
      [self](open_session& wanted) { return open(self, wanted); },
      [self](const resume_session& wanted) { return resume(self, wanted); },
      [self](const refresh_session& wanted) { return refresh(self, wanted); },
      [self](const get_profile& wanted) -> caf::result<profile> {
        if (auto error = admit(self, wanted.who))
          return error;
        return profile{self->state.user};
      },
      [self](change_profile& wanted) { return change(self, wanted); },
      [self](const list_sessions& wanted) { return list(self, wanted.who); },
      [self](const close_session& wanted) { return close(self, wanted); },
      [self](const logout& wanted) { return log_out(self, wanted); },
      [self](const set_user_status& wanted) { return set_status(self, wanted.status); },
      [self](fall_asleep) { return sleep(self); },
  };
}

} // namespace weappd
