#include "persistence/sqlite_connection.hpp"

#include <cstring>

#include <sqlite3.h>

namespace weappd {
namespace {

/// SQLite counts its memory under one lock for all threads, at each allocation: a tenth of what a message
/// costs, and nobody asks for it. To be called before SQLite is used; later it changes nothing.
void count_no_memory() {
  static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  static_cast<void>(done);
}

} // namespace

SQLite::Database open_connection(const std::filesystem::path& file, sqlite_mode mode,
                                 std::chrono::milliseconds busy_timeout) {
  count_no_memory();
  // A connection belongs to one thread, so SQLite's own mutex is not needed.
  const int flags = (mode == sqlite_mode::read_write ? SQLite::OPEN_READWRITE : SQLite::OPEN_READONLY) |
                    SQLite::OPEN_NOMUTEX;
  SQLite::Database connection(file.string(), flags, static_cast<int>(busy_timeout.count()));
  if (mode == sqlite_mode::read_write) {
    if (connection.execAndGet("PRAGMA journal_mode = WAL").getString() != "wal")
      throw std::runtime_error("this file system cannot hold a database with a write-ahead log");
    connection.exec("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                    // What a savepoint needs to undo stays out of files in a foreign folder.
                    "PRAGMA temp_store = MEMORY;"
                    // After a burst the log gives its space back.
                    "PRAGMA journal_size_limit = 67108864");
  }
  return connection;
}

bool in_transaction(const SQLite::Database& connection) noexcept {
  return sqlite3_get_autocommit(connection.getHandle()) == 0;
}

caf::error to_error(const std::exception& failure) {
  const auto* sqlite = dynamic_cast<const SQLite::Exception*>(&failure);
  if (sqlite == nullptr)
    return make_error(ec::storage_unavailable, failure.what());
  // SQLite's sentences name tables, columns and files, never values.
  const auto detail = "sqlite " + std::to_string(sqlite->getExtendedErrorCode()) + ": " + sqlite->what();
  return make_error(
      sqlite->getErrorCode() == SQLITE_CONSTRAINT ? ec::internal_error : ec::storage_unavailable, detail);
}

void sqlite_query::refuse_value(int column) const {
  throw bad_row(std::string("a value of the column ") + statement_.getColumnName(column) + " is unknown");
}

void sqlite_query::copy_exactly(const void* from, std::size_t size, std::uint8_t* to, std::size_t wanted) {
  if (size != wanted)
    throw bad_row("a hash or id in the store has a wrong length");
  std::memcpy(to, from, wanted);
}

} // namespace weappd
