#include "persistence/migrations.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <stdexcept>
#include <string>

namespace weappd {
namespace {

constexpr auto create_versions = "CREATE TABLE IF NOT EXISTS schema_version ("
                                 "version INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT";

/// The version of the database, 0 for a new one; refuses one that is not from our past.
int current_version(SQLite::Database& database, std::span<const migration> steps) {
  if (!database.tableExists("schema_version"))
    return 0;
  int version = 0;
  SQLite::Statement rows(database, "SELECT version, name FROM schema_version ORDER BY version");
  while (rows.executeStep()) {
    version = rows.getColumn(0).getInt();
    const auto name = rows.getColumn(1).getString();
    if (version < 1 || static_cast<std::size_t>(version) > steps.size())
      throw std::runtime_error("the database has schema version " + std::to_string(version) + " (" + name +
                               "), this program knows versions up to " + std::to_string(steps.size()) +
                               ": start a newer program");
    if (name != steps[static_cast<std::size_t>(version) - 1].name)
      throw std::runtime_error("the database has \"" + name + "\" as schema version " +
                               std::to_string(version) +
                               ", this program has another one: they do not belong together");
  }
  return version;
}

} // namespace

void migrate(SQLite::Database& database, std::span<const migration> steps) {
  if (current_version(database, steps) == static_cast<int>(steps.size()))
    return;
  for (const auto& step : steps) {
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    // Asked again under the write lock: another process may have taken this step meanwhile.
    if (current_version(database, steps) >= step.version)
      continue;
    database.exec(create_versions);
    database.exec(std::string(step.sql));
    SQLite::Statement note(database, "INSERT INTO schema_version (version, name) VALUES (?, ?)");
    note.bind(1, step.version);
    note.bind(2, std::string(step.name));
    note.exec();
    transaction.commit();
  }
}

void check_version(SQLite::Database& database, std::span<const migration> steps) {
  current_version(database, steps);
}

} // namespace weappd
