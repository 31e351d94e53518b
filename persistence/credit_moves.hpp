#pragma once

#include "messages/ids.hpp"
#include "persistence/consent_entry.hpp"
#include "persistence/sqlite_connection.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weappd {

/// What messages have reserved, spent and given back that is not in the rows of the ledger (consents) yet. To
/// change a row of the ledger for each message was a page at a random place each time, twice for a message
/// that is sent. So what a transaction did is noted as one row of a short list, and counted in later, in the
/// order of the users, so that many go into one page. A row of the ledger says up to where it has the list.
///
/// Belongs to the writer's thread and works within its transaction. Everything may throw.
class credit_moves {
public:
  /// From so many noted moves on they are counted in. Whoever reads balances reads all that are noted.
  static constexpr std::size_t segment_size = 16'384;

  explicit credit_moves(SQLite::Database& connection);

  void add(user_id user, const std::string& template_name, const credit_move& move);
  /// What the row lacks.
  credit_move of(user_id user, const std::string& template_name);
  /// What a row must say in moved_to that is written with all of that.
  std::int64_t newest();
  /// It was written.
  void counted_in(user_id user, const std::string& template_name);

  /// A row of the ledger.
  struct key {
    user_id user;
    const std::string* template_name; ///< valid until the transaction ends
  };
  /// Once, at the end of each transaction: what was added in it goes to the list. Whose rows are to be
  /// written in this same transaction: some, in proportion to what was added, once the list is long.
  [[nodiscard]] std::vector<key> note();
  /// The transaction was rolled back: begins anew from what is in the tables.
  void discard() noexcept;

private:
  using by_user = std::unordered_map<user_id, credit_move>;
  using by_template = std::map<std::string, by_user>;

  /// Whose rows are being written; what they have done is in the list until all are.
  struct segment {
    std::vector<key> keys; ///< in the order of the ledger
    std::size_t taken = 0;
    std::int64_t last_seq = 0;
    std::size_t moves = 0;
  };

  void load();
  [[nodiscard]] std::int64_t moved_to(user_id user, const std::string& template_name);
  std::size_t note_fresh();
  void begin_segment();
  void strike();

  SQLite::Statement list_;
  SQLite::Statement note_;
  SQLite::Statement strike_;
  SQLite::Statement find_moved_to_;
  bool loaded_ = false;
  std::int64_t newest_seq_ = 0;
  by_template lacking_; ///< what the rows lack; templates are as few as are configured
  by_template fresh_;   ///< of these, what was added in this transaction
  std::size_t noted_ =
      0; ///< moves in the list, without those of a row that stays although they are counted in
  std::optional<segment> segment_;
};

struct moves_of_user {
  user_id user;
  credit_move move;
};
/// The column `moves` of a row of the list. bad_row if its length is none that is written.
std::vector<moves_of_user> unpack_moves(std::string_view packed);

} // namespace weappd
