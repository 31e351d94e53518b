#include "persistence/sqlite_writer.hpp"

#include "persistence/sqlite_statements.hpp"

#include <optional>
#include <string>
#include <utility>

namespace weappd {

sqlite_writer::sqlite_writer(SQLite::Database connection, sealed_columns sealed)
    : connection_(std::move(connection)), sealed_(std::move(sealed)), counts_(connection_),
      by_user_(connection_), ledger_(connection_), recipients_(connection_, sealed_),
      answers_(connection_, sealed_),
      outbox_(connection_, sealed_, ledger_, recipients_, answers_, counts_, by_user_),
      followers_(connection_, sealed_, recipients_), bans_(connection_),
      // The write lock is taken at the beginning: a batch that has begun cannot fail for a lock in its
      // middle.
      begin_(connection_, "BEGIN IMMEDIATE"), data_version_(connection_, "PRAGMA data_version"),
      commit_(connection_, "COMMIT"), rollback_(connection_, "ROLLBACK"),
      savepoint_(connection_, "SAVEPOINT operation"), release_(connection_, "RELEASE operation"),
      undo_(connection_, "ROLLBACK TO operation"), find_identity_(connection_, sql::find_identity),
      find_unionid_(connection_, sql::find_unionid), insert_user_(connection_, sql::insert_user),
      insert_identity_(connection_, sql::insert_identity), insert_unionid_(connection_, sql::insert_unionid),
      note_login_(connection_, sql::note_login), delete_session_(connection_, sql::delete_session),
      delete_expired_(connection_, sql::delete_expired), insert_session_(connection_, sql::insert_session),
      put_session_key_(connection_, sql::put_session_key), rotate_session_(connection_, sql::rotate_session),
      find_session_(connection_, sql::find_session), update_user_(connection_, sql::update_user),
      touch_session_(connection_, sql::touch_session), probe_(connection_, sql::probe) {}

// -- batches
// ------------------------------------------------------------------------------------------------------

caf::error sqlite_writer::begin() {
  rollback();
  return guarded([&]() -> caf::error {
    sqlite_query(begin_).run();
    open_ = true;
    if (const auto version = data_version(); version != std::exchange(seen_version_, version))
      discard();
    return {};
  });
}

std::int64_t sqlite_writer::data_version() {
  sqlite_query row(data_version_);
  row.next(); // it always has its row
  return row.number(0);
}

caf::error sqlite_writer::commit() {
  if (!in_transaction(connection_))
    return batch_lost();
  auto failure = guarded([&]() -> caf::error {
    by_user_.advance();
    ledger_.flush();
    counts_.flush();
    sqlite_query(commit_).run();
    open_ = false;
    return {};
  });
  if (failure)
    rollback();
  return failure;
}

void sqlite_writer::rollback() noexcept {
  if (!std::exchange(open_, false))
    return;
  discard();
  if (!in_transaction(connection_))
    return;
  // It cannot be helped if this fails: SQLite then undoes the transaction when the file is used the next
  // time.
  (void)rollback_.tryExecuteStep();
  (void)rollback_.tryReset();
}

void sqlite_writer::discard() noexcept {
  counts_.discard();
  by_user_.discard();
  ledger_.discard();
  recipients_.discard();
  outbox_.discard();
}

caf::error sqlite_writer::probe() {
  if (auto failure = begin())
    return failure;
  auto failure = guarded([&]() -> caf::error {
    sqlite_query(probe_).run();
    return {};
  });
  if (!failure)
    return commit();
  rollback();
  return failure;
}

caf::error sqlite_writer::batch_lost() const {
  return make_error(ec::storage_unavailable,
                    "the transaction was rolled back by an earlier failure of its batch");
}

template <class Body>
auto sqlite_writer::in_savepoint(Body&& body) -> decltype(body()) {
  // After a full disk or an I/O error SQLite may have ended the transaction; nothing may run outside of one.
  if (!in_transaction(connection_))
    return batch_lost();
  auto outcome = guarded([&]() -> decltype(body()) {
    sqlite_query(savepoint_).run();
    auto result = body();
    if (result)
      sqlite_query(release_).run();
    return result;
  });
  if (!outcome)
    undo_operation();
  return outcome;
}

template <class Body>
auto sqlite_writer::in_batch(Body&& body) -> decltype(body()) {
  if (!in_transaction(connection_))
    return batch_lost();
  const auto changes = connection_.getTotalChanges();
  auto outcome = guarded(body);
  if (!outcome && connection_.getTotalChanges() != changes)
    rollback(); // better no batch than half of an operation
  return outcome;
}

void sqlite_writer::undo_operation() noexcept {
  if (!in_transaction(connection_))
    return;
  const auto failure = guarded([&]() -> caf::error {
    sqlite_query(undo_).run();
    sqlite_query(release_).run();
    return {};
  });
  if (failure)
    rollback(); // better no batch than half of an operation
}

// -- operations
// ---------------------------------------------------------------------------------------------------

caf::expected<identity_resolved> sqlite_writer::apply(const resolve_identity& what) {
  return in_savepoint([&] { return resolve(what); });
}

caf::expected<identity_resolved> sqlite_writer::resolve(const resolve_identity& what) {
  const auto openid_hash = sealed_.hash(what.app, what.who);
  std::optional<keyed_hash> unionid_hash;
  if (what.union_id)
    unionid_hash = sealed_.hash(*what.union_id);
  const auto by_openid = find_by_openid(what.app, openid_hash);
  const auto by_unionid = find_by_unionid(unionid_hash);

  identity_resolved answer;
  if (by_openid || by_unionid) {
    answer.user = by_openid ? *by_openid : *by_unionid;
  } else {
    if (sqlite_query(insert_user_, what.candidate, what.at).run() == 0)
      return make_error(ec::conflict, "the id for a new user is taken");
    answer = {.user = what.candidate, .created = true};
  }
  if (!by_openid) {
    sqlite_query(insert_identity_, what.app, openid_hash, answer.user,
                 blob_view{sealed_.seal(what.who, what.app, openid_hash)}, what.at)
        .run();
    recipients_.changed(answer.user);
  }
  if (unionid_hash && !by_unionid) {
    sqlite_query(insert_unionid_, *unionid_hash, answer.user,
                 blob_view{sealed_.seal(*what.union_id, *unionid_hash)}, what.at)
        .run();
    followers_.claim(*unionid_hash, answer.user, what.at);
    answer.new_union_id = true;
  }
  return answer;
}

std::optional<user_id> sqlite_writer::find_by_openid(const app_key& app, const keyed_hash& hash) {
  sqlite_query row(find_identity_, app, hash);
  return row.next() ? std::optional(row.user(0)) : std::nullopt;
}

std::optional<user_id> sqlite_writer::find_by_unionid(const std::optional<keyed_hash>& hash) {
  if (!hash)
    return std::nullopt;
  sqlite_query row(find_unionid_, *hash);
  return row.next() ? std::optional(row.user(0)) : std::nullopt;
}

caf::expected<stored> sqlite_writer::apply(const add_session& what) {
  return in_savepoint([&] { return add(what); });
}

caf::expected<stored> sqlite_writer::add(const add_session& what) {
  const auto& one = what.session;
  if (sqlite_query(note_login_, one.created_at, one.user).run() == 0)
    return make_error(ec::not_found);
  for (const auto& id : what.evicted)
    sqlite_query(delete_session_, one.user, id).run();
  // The housekeeping of the table: whoever logs in leaves no dead sessions behind.
  sqlite_query(delete_expired_, one.user, one.created_at).run();
  const int added =
      sqlite_query(insert_session_, one.user, one.id, one.app, one.device.name, one.device.platform,
                   one.created_at, one.last_seen_at, one.refresh_expires_at, one.refresh_hash,
                   one.previous_refresh_hash, one.refreshed_at, one.generation)
          .run();
  if (added == 0)
    return make_error(ec::conflict);
  if (!what.session_key.empty())
    sqlite_query(put_session_key_, one.user, one.app,
                 blob_view{sealed_.seal(what.session_key, one.user, one.app)}, one.created_at)
        .run();
  recipients_.clear_marks(one.user, {});
  return stored{};
}

caf::expected<stored> sqlite_writer::apply(const rotate_refresh_token& what) {
  return in_savepoint([&] { return rotate(what); });
}

caf::expected<stored> sqlite_writer::rotate(const rotate_refresh_token& what) {
  const auto& one = what.session;
  const int changed = sqlite_query(rotate_session_, one.user, one.id, what.expected, one.refresh_hash,
                                   one.previous_refresh_hash, one.refreshed_at, one.refresh_expires_at,
                                   one.generation, one.last_seen_at)
                          .run();
  if (changed == 1)
    return stored{};
  return make_error(sqlite_query(find_session_, one.user, one.id).next() ? ec::conflict : ec::not_found);
}

caf::expected<stored> sqlite_writer::apply(const remove_sessions& what) {
  return in_savepoint([&]() -> caf::expected<stored> {
    for (const auto& id : what.ids)
      sqlite_query(delete_session_, what.user, id).run();
    return stored{};
  });
}

caf::expected<stored> sqlite_writer::apply(const save_user& what) {
  return in_savepoint([&]() -> caf::expected<stored> {
    const auto& user = what.user;
    const auto role = static_cast<std::uint32_t>(user.role);
    const auto status = static_cast<std::uint32_t>(user.status);
    const auto box = user.phone.empty() ? std::string() : sealed_.seal(user.phone, user.id);
    const auto phone = user.phone.empty() ? std::nullopt : std::optional(blob_view{box});
    const int changed = sqlite_query(update_user_, user.id, user.nickname, user.avatar_url, phone, role,
                                     status, user.updated_at)
                            .run();
    if (changed == 0)
      return make_error(ec::not_found);
    recipients_.changed(user.id);
    return stored{};
  });
}

caf::expected<stored> sqlite_writer::apply(const touch_sessions& what) {
  return in_savepoint([&]() -> caf::expected<stored> {
    for (const auto& [id, seen_at] : what.seen)
      sqlite_query(touch_session_, what.user, id, seen_at).run();
    return stored{};
  });
}

// -- operations on messages
// ---------------------------------------------------------------------------------------------------

caf::expected<message_accepted> sqlite_writer::apply(const add_message& what) {
  return in_batch([&] { return outbox_.add(what); });
}

caf::expected<messages_leased> sqlite_writer::apply(const lease_messages& what) {
  return in_batch([&]() -> caf::expected<messages_leased> { return outbox_.lease(what); });
}

caf::expected<stored> sqlite_writer::apply(const settle_messages& what) {
  return in_batch([&]() -> caf::expected<stored> {
    outbox_.settle(what);
    return stored{};
  });
}

caf::expected<requeued> sqlite_writer::apply(const requeue_message& what) {
  return in_batch([&] { return outbox_.requeue(what); });
}

caf::expected<consent_balances> sqlite_writer::apply(const record_consents& what) {
  return in_batch([&] {
    if (what.once && answers_.is_in_force(*what.once, what.at))
      return ledger_.look(what);
    auto balances = ledger_.record(what);
    if (balances && what.once)
      answers_.set_guard(*what.once, {});
    return balances;
  });
}

caf::expected<stored> sqlite_writer::apply(const clear_marks& what) {
  return in_batch([&]() -> caf::expected<stored> {
    recipients_.clear_marks(what.user, what.app);
    return stored{};
  });
}

caf::expected<stored> sqlite_writer::apply(const keep_answer& what) {
  return in_batch([&]() -> caf::expected<stored> {
    if (answers_.holds(what.slot.name, what.at))
      return make_error(ec::conflict, "there is an answer under this idempotency key");
    answers_.keep(what.slot, what.answer, what.at);
    return stored{};
  });
}

caf::expected<forgotten> sqlite_writer::apply(const forget_old& what) {
  return in_batch([&]() -> caf::expected<forgotten> {
    const auto messages = outbox_.forget(what.messages_before, what.max_rows);
    const auto others = answers_.forget(what.at, what.max_rows);
    return forgotten{.rows = messages.rows + others.rows, .more = messages.more || others.more};
  });
}

// -- operations on followers
// ---------------------------------------------------------------------------------------------------

caf::expected<followers_added> sqlite_writer::apply(const add_followers& what) {
  return in_batch([&]() -> caf::expected<followers_added> { return followers_.add(what); });
}

caf::expected<stored> sqlite_writer::apply(const note_following& what) {
  return in_batch([&]() -> caf::expected<stored> {
    followers_.note(what);
    return stored{};
  });
}

caf::expected<stored> sqlite_writer::apply(const save_bans& what) {
  return in_batch([&]() -> caf::expected<stored> {
    bans_.save(what);
    return stored{};
  });
}

} // namespace weappd
