#pragma once

#include "persistence/sealed.hpp"
#include "persistence/sqlite_connection.hpp"
#include "persistence/store.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <optional>

namespace weappd {

/// Writes to an SQLite file. A batch is a transaction that takes the write lock at once; an operation is a
/// savepoint in it.
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
  caf::error commit() override;
  void rollback() noexcept override;
  caf::error probe() override;

private:
  /// Runs the body of an operation between SAVEPOINT and RELEASE, and undoes it when it gives an error.
  template <class Body>
  auto in_savepoint(Body&& body) -> decltype(body());
  void undo_operation() noexcept;
  [[nodiscard]] caf::error batch_lost() const;

  // The parts of operations. They may throw.
  caf::expected<identity_resolved> resolve(const resolve_identity& what);
  std::optional<user_id> find_by_openid(const app_key& app, const keyed_hash& hash);
  std::optional<user_id> find_by_unionid(const std::optional<keyed_hash>& hash);
  caf::expected<stored> add(const add_session& what);
  caf::expected<stored> rotate(const rotate_refresh_token& what);

  SQLite::Database connection_;
  sealed_columns sealed_;

  SQLite::Statement begin_;
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
