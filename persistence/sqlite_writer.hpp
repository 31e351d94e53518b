#pragma once

#include "persistence/message_counts.hpp"
#include "persistence/sealed.hpp"
#include "persistence/sqlite_answers.hpp"
#include "persistence/sqlite_bans.hpp"
#include "persistence/sqlite_connection.hpp"
#include "persistence/sqlite_followers.hpp"
#include "persistence/sqlite_ledger.hpp"
#include "persistence/sqlite_outbox.hpp"
#include "persistence/sqlite_recipients.hpp"
#include "persistence/store.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <optional>

namespace weappd {

/// Writes to an SQLite file. A batch is a transaction that takes the write lock at once; an operation that
/// may find out late that it must not be done is a savepoint in it.
class sqlite_writer final : public store_writer {
public:
  /// Throws SQLite::Exception when the schema is not the one of this program.
  sqlite_writer(SQLite::Database connection, sealed_columns sealed);

  caf::error begin() override;
  caf::expected<identity_resolved> apply(const resolve_identity& what) override;
  caf::expected<stored> apply(const add_session& what) override;
  caf::expected<stored> apply(const rotate_refresh_token& what) override;
  caf::expected<stored> apply(const remove_sessions& what) override;
  caf::expected<stored> apply(const save_user& what) override;
  caf::expected<stored> apply(const touch_sessions& what) override;
  caf::expected<message_accepted> apply(const add_message& what) override;
  caf::expected<messages_leased> apply(const lease_messages& what) override;
  caf::expected<stored> apply(const settle_messages& what) override;
  caf::expected<requeued> apply(const requeue_message& what) override;
  caf::expected<consent_balances> apply(const record_consents& what) override;
  caf::expected<stored> apply(const clear_marks& what) override;
  caf::expected<stored> apply(const keep_answer& what) override;
  caf::expected<forgotten> apply(const forget_old& what) override;
  caf::expected<followers_added> apply(const add_followers& what) override;
  caf::expected<stored> apply(const note_following& what) override;
  caf::expected<stored> apply(const save_bans& what) override;
  caf::error commit() override;
  void rollback() noexcept override;
  caf::error probe() override;

private:
  /// Runs the body of an operation between SAVEPOINT and RELEASE, and undoes it when it gives an error.
  template <class Body>
  auto in_savepoint(Body&& body) -> decltype(body());
  void undo_operation() noexcept;
  /// What was remembered of the tables is read anew.
  void discard() noexcept;
  /// Runs the body of an operation that gives errors only before its first write. That is cheaper than a
  /// savepoint; if the disk fails it after its first write, the whole batch is lost.
  template <class Body>
  auto in_batch(Body&& body) -> decltype(body());
  [[nodiscard]] caf::error batch_lost() const;
  std::int64_t data_version();

  // The parts of operations. They may throw.
  caf::expected<identity_resolved> resolve(const resolve_identity& what);
  std::optional<user_id> find_by_openid(const app_key& app, const keyed_hash& hash);
  std::optional<user_id> find_by_unionid(const std::optional<keyed_hash>& hash);
  caf::expected<stored> add(const add_session& what);
  caf::expected<stored> rotate(const rotate_refresh_token& what);

  SQLite::Database connection_;
  sealed_columns sealed_;
  message_counts counts_;
  message_user_index by_user_;
  sqlite_ledger ledger_;
  sqlite_recipients recipients_;
  sqlite_answers answers_;
  sqlite_outbox outbox_;
  sqlite_followers followers_;
  sqlite_bans bans_;

  std::int64_t seen_version_ = 0; ///< of the data; another one: another connection wrote
  bool open_ = false; ///< a batch was begun and not committed, also when SQLite has rolled it back meanwhile

  SQLite::Statement begin_;
  SQLite::Statement data_version_;
  SQLite::Statement commit_;
  SQLite::Statement rollback_;
  SQLite::Statement savepoint_;
  SQLite::Statement release_;
  SQLite::Statement undo_;
  SQLite::Statement find_identity_;
  SQLite::Statement find_unionid_;
  SQLite::Statement insert_user_;
  SQLite::Statement insert_identity_;
  SQLite::Statement insert_unionid_;
  SQLite::Statement note_login_;
  SQLite::Statement delete_session_;
  SQLite::Statement delete_expired_;
  SQLite::Statement insert_session_;
  SQLite::Statement put_session_key_;
  SQLite::Statement rotate_session_;
  SQLite::Statement find_session_;
  SQLite::Statement update_user_;
  SQLite::Statement touch_session_;
  SQLite::Statement probe_;
};

} // namespace weappd
