#pragma once

#include "messages/outbox.hpp"
#include "persistence/consent_entry.hpp"
#include "persistence/sealed.hpp"
#include "persistence/sqlite_connection.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <caf/expected.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace weappd {

/// The reader's part about messages, consents and kept answers. Everything may throw.
class sqlite_message_reader {
public:
  /// `sealed` must outlive it.
  sqlite_message_reader(SQLite::Database& connection, const sealed_columns& sealed);

  caf::expected<message_record> load(const load_message& what);
  /// Two statements: to be called within a snapshot.
  message_page list(const list_messages& what);
  unfinished_messages unfinished(const load_unfinished& what);
  /// Two statements: to be called within a snapshot.
  consent_balances consents(const load_consents& what);
  answer_found answer(const find_answer& what);
  newest_message newest();

private:
  /// What a list can walk by.
  enum class walk : std::uint8_t { all, state, user, by_template, leases };
  struct walk_plan {
    walk by = walk::all;
    std::uint64_t total = 0;
  };
  walk_plan plan_for(const list_messages& what);
  SQLite::Statement& statement_for(walk by, bool oldest_first);

  /// What rows of the ledger may lack (credit_moves).
  struct noted_move {
    std::int64_t seq = 0;
    std::string template_name;
    credit_move move;
  };
  std::vector<noted_move> moves_of(user_id user);

  const sealed_columns& sealed_;
  SQLite::Statement load_message_;
  SQLite::Statement load_unfinished_;
  SQLite::Statement newest_message_;
  SQLite::Statement load_consents_;
  SQLite::Statement list_moves_;
  SQLite::Statement find_answer_;
  SQLite::Statement load_counts_;
  SQLite::Statement count_of_user_;
  std::vector<SQLite::Statement> newest_first_; ///< in the order of `walk`
  std::vector<SQLite::Statement> oldest_first_;
};

} // namespace weappd
