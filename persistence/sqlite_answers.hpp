#pragma once

#include "messages/once.hpp"
#include "messages/outbox.hpp"
#include "persistence/sealed.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <cstdint>
#include <optional>

namespace weappd {

/// What must not be done twice, within the writer's batch: kept answers, and guards against duplicates.
/// Everything may throw.
class sqlite_answers {
public:
  /// `sealed` must outlive it.
  sqlite_answers(SQLite::Database& connection, sealed_columns& sealed);

  /// True if there is an answer under this name whose time is not over.
  bool holds(const keyed_hash& name, timestamp at);
  void keep(const once_slot& slot, const kept_answer& answer, timestamp at);

  bool is_in_force(const duplicate_guard& guard, timestamp at);
  /// The message that this event became before, if its guard is in force.
  std::optional<message_accepted> find_first(const duplicate_guard& guard, timestamp at);
  /// `message`: 0 if the guard is of something else.
  void set_guard(const duplicate_guard& guard, message_id message);

  /// Removes up to `max_rows` of each whose time is over.
  forgotten forget(timestamp at, std::uint32_t max_rows);

private:
  sealed_columns& sealed_;
  SQLite::Statement find_answer_;
  SQLite::Statement put_answer_;
  SQLite::Statement forget_answers_;
  SQLite::Statement find_guard_;
  SQLite::Statement put_guard_;
  SQLite::Statement forget_guards_;
};

} // namespace weappd
