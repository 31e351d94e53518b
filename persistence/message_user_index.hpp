#pragma once

#include "messages/ids.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace weappd {

/// Which messages a user has. An index of SQLite's own would change a page at a random place for each new
/// message, which was half of what adding one cost. So a new message is first noted at the end of a short
/// list (messages_to_index), and what waits there is taken over in the order of the users, so that many go
/// into one page. A reader looks at both; a message may be in both.
///
/// Belongs to the writer's thread and works within its transaction. Everything may throw.
class message_user_index {
public:
  /// From so many waiting messages on they are taken over. A list of a user's messages reads all that wait.
  static constexpr std::size_t segment_size = 16'384;

  explicit message_user_index(SQLite::Database& connection);

  void added(message_id message, user_id user);
  /// A part of what is to be taken over, in proportion to what was added since: once in each transaction.
  void advance();
  /// Takes over some `rows` of what waits. True when nothing waits any more.
  bool catch_up(std::size_t rows);
  /// Only while nothing waits.
  void removed(message_id message, user_id user);
  /// The transaction was rolled back: begins anew from what is in the tables.
  void discard() noexcept;

private:
  /// What is being taken over; its rows are in the list until all are in the index.
  struct segment {
    std::vector<std::pair<user_id, message_id>> rows; ///< in the order of the index
    std::size_t taken = 0;
    std::int64_t first_seq = 0; ///< of those that are still in the list
    std::int64_t last_seq = 0;
  };

  std::size_t waiting();
  void begin_segment();
  void take(std::size_t rows);
  void strike(std::size_t rows);

  SQLite::Statement note_;
  SQLite::Statement count_;
  SQLite::Statement gather_;
  SQLite::Statement take_;
  SQLite::Statement strike_;
  SQLite::Statement remove_;
  std::optional<std::size_t> waiting_; ///< rows of the list; nothing: to be counted
  std::size_t added_ = 0;              ///< since the last part
  std::optional<segment> segment_;
};

} // namespace weappd
