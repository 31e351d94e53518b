#pragma once

#include "messages/outbox.hpp"
#include "persistence/consent_entry.hpp"
#include "persistence/credit_moves.hpp"
#include "persistence/sqlite_connection.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <caf/expected.hpp>

#include <optional>
#include <string>

namespace weappd {

/// A row of the table consents, from the column `first` on: as it is, without what it lacks (credit_moves).
consent_entry consent_of(const sqlite_query& row, int first = 0);

/// Consents and marks within the writer's batch. Everything may throw.
class sqlite_ledger {
public:
  explicit sqlite_ledger(SQLite::Database& connection);

  std::optional<consent_entry> find(user_id user, const std::string& template_name);
  /// The entry of a row that was read by another statement.
  consent_entry with_moves(consent_entry row, user_id user, const std::string& template_name);
  void put(user_id user, const std::string& template_name, const consent_entry& entry, timestamp at);

  /// A credit that the ledger has is a message's now; what comes of it, if the row is still there.
  void reserve(user_id user, const std::string& template_name, timestamp at);
  void spend(user_id user, const std::string& template_name, timestamp at);
  void refund(user_id user, const std::string& template_name, timestamp at);

  caf::expected<consent_balances> record(const record_consents& what);
  /// What record() would answer without the report being counted.
  caf::expected<consent_balances> look(const record_consents& what);

  void mark(user_id user, const app_key& app, user_mark mark, timestamp at);
  /// For all apps when the key is empty.
  void clear_marks(user_id user, const app_key& app);

  /// Once, at the end of each transaction.
  void flush();
  /// The transaction was rolled back.
  void discard() noexcept { moves_.discard(); }

private:
  void move(user_id user, const std::string& template_name, const credit_move& how, timestamp at);

  credit_moves moves_;
  timestamp latest_{}; ///< move: what rows say in updated_at when moves are counted in
  SQLite::Statement user_exists_;
  SQLite::Statement load_consent_;
  SQLite::Statement put_consent_;
  SQLite::Statement count_moves_in_;
  SQLite::Statement put_mark_;
  SQLite::Statement clear_mark_;
  SQLite::Statement clear_marks_;
};

} // namespace weappd
