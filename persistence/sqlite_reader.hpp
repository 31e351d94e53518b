#pragma once

#include "persistence/sealed.hpp"
#include "persistence/sqlite_bans.hpp"
#include "persistence/sqlite_connection.hpp"
#include "persistence/sqlite_followers.hpp"
#include "persistence/sqlite_message_reader.hpp"
#include "persistence/store.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace weappd {

/// Reads an SQLite file beside its writer: in WAL mode neither waits for the other.
class sqlite_reader final : public store_reader {
public:
  /// Throws SQLite::Exception when the schema is not the one of this program.
  sqlite_reader(SQLite::Database connection, sealed_columns sealed);

  caf::expected<user_snapshot> read(const load_user& what) override;
  caf::expected<newest_user> read(const get_newest_user& what) override;
  caf::expected<message_record> read(const load_message& what) override;
  caf::expected<message_page> read(const list_messages& what) override;
  caf::expected<unfinished_messages> read(const load_unfinished& what) override;
  caf::expected<consent_balances> read(const load_consents& what) override;
  caf::expected<answer_found> read(const find_answer& what) override;
  caf::expected<newest_message> read(const get_newest_message& what) override;
  caf::expected<new_followers> read(const find_new_followers& what) override;
  caf::expected<all_bans> read(const load_bans& what) override;
  caf::expected<platform_identity> read_identity(user_id user, const app_key& app) override;

private:
  /// Runs a body of several statements against one state of the store.
  template <class Body>
  auto in_snapshot(Body&& body) -> decltype(body());

  // The parts of reads. They may throw.
  caf::expected<user_record> user(user_id id);
  std::vector<session_record> sessions(user_id id);
  caf::expected<platform_identity> identity(user_id user, const app_key& app);

  SQLite::Database connection_;
  sealed_columns sealed_;
  sqlite_message_reader messages_;
  sqlite_follower_reader followers_;
  sqlite_ban_reader bans_;

  SQLite::Statement begin_;
  SQLite::Statement end_;
  SQLite::Statement load_user_;
  SQLite::Statement load_sessions_;
  SQLite::Statement newest_user_;
  SQLite::Statement load_openid_;
  SQLite::Statement load_unionid_;
  SQLite::Statement load_session_key_;
};

} // namespace weappd
