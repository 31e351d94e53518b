#pragma once

#include <span>
#include <string_view>

namespace SQLite {
class Database;
}

/// The schema, as a row of steps that only go forward. A step is a file persistence/migrations/NNNN_name.sql;
/// the build makes it part of the program. A step that was released is never edited: a change is a new step.
namespace weappd {

struct migration {
  int version; ///< from 1, without gaps
  std::string_view name;
  std::string_view sql;
};

/// All steps this program knows, in order.
std::span<const migration> all_migrations();

/// Brings the database to the last of `steps`, each step in a transaction of its own; the table
/// schema_version keeps what was done. Several processes may call it at once: one does the work. Nothing to
/// do: nothing is written. Throws std::runtime_error when the database is newer than `steps` or knows a
/// version under another name, SQLite::Exception when a step fails; that step has changed nothing then.
void migrate(SQLite::Database& database, std::span<const migration> steps = all_migrations());

/// Throws as migrate() does if that would refuse the database; changes nothing.
void check_version(SQLite::Database& database, std::span<const migration> steps = all_migrations());

} // namespace weappd
