#pragma once

#include "messages/outbox.hpp"
#include "persistence/consent_entry.hpp"
#include "persistence/credit_moves.hpp"
#include "persistence/recent_map.hpp"
#include "persistence/sqlite_connection.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <caf/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace weappd {

/// A row of the table consents as it is, without what it lacks (credit_moves).
consent_entry consent_of(const sqlite_query& row);

/// Consents within the writer's batch. The rows that were asked for last are remembered: a message asks when
/// it is added and when it is leased. Everything may throw.
class sqlite_ledger {
public:
  /// Rows that are remembered, some 120 bytes each; also that there is none.
  static constexpr std::size_t max_remembered = 65'536;

  explicit sqlite_ledger(SQLite::Database& connection);

  std::optional<consent_entry> find(user_id user, const std::string& template_name);
  void put(user_id user, const std::string& template_name, const consent_entry& entry, timestamp at);

  /// A credit that the ledger has is a message's now; what comes of it, if the row is still there.
  void reserve(user_id user, const std::string& template_name, timestamp at);
  void spend(user_id user, const std::string& template_name, timestamp at);
  void refund(user_id user, const std::string& template_name, timestamp at);

  caf::expected<consent_balances> record(const record_consents& what);
  /// What record() would answer without the report being counted.
  caf::expected<consent_balances> look(const record_consents& what);

  /// Once, at the end of each transaction.
  void flush();
  /// The transaction was rolled back, or somebody else wrote.
  void discard() noexcept {
    moves_.discard();
    rows_.clear();
  }

private:
  /// A user and a template, by a number of its own.
  struct row_key {
    user_id user;
    std::size_t template_number = 0;

    bool operator==(const row_key&) const = default;
  };
  struct row_key_hash {
    std::size_t operator()(const row_key& key) const noexcept {
      return std::hash<user_id>{}({key.user.value ^ (std::uint64_t{key.template_number} << 48)});
    }
  };

  row_key key_of(user_id user, const std::string& template_name);
  const std::optional<consent_entry>& row_of(user_id user, const std::string& template_name);
  void move(user_id user, const std::string& template_name, const credit_move& how, timestamp at);

  credit_moves moves_;
  std::map<std::string, std::size_t> template_numbers_; ///< templates are as few as are configured
  recent_map<row_key, std::optional<consent_entry>, row_key_hash> rows_{max_remembered}; ///< without moves
  timestamp latest_{}; ///< move: what rows say in updated_at when moves are counted in
  SQLite::Statement user_exists_;
  SQLite::Statement load_consent_;
  SQLite::Statement put_consent_;
  SQLite::Statement count_moves_in_;
};

} // namespace weappd
