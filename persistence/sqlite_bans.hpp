#pragma once

#include "messages/bans.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace weappd {

/// Banned addresses within the writer's batch. May throw.
class sqlite_bans {
public:
  explicit sqlite_bans(SQLite::Database& connection);

  void save(const save_bans& what);

private:
  SQLite::Statement put_ban_;
  SQLite::Statement delete_ban_;
};

/// The read of them.
class sqlite_ban_reader {
public:
  explicit sqlite_ban_reader(SQLite::Database& connection);

  all_bans load();

private:
  SQLite::Statement load_bans_;
};

} // namespace weappd
