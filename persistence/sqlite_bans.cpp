#include "persistence/sqlite_bans.hpp"

#include "persistence/sqlite_connection.hpp"
#include "persistence/sqlite_statements.hpp"

namespace weappd {

sqlite_bans::sqlite_bans(SQLite::Database& connection)
    : put_ban_(connection, sql::put_ban), delete_ban_(connection, sql::delete_ban) {}

void sqlite_bans::save(const save_bans& what) {
  for (const auto& ban : what.put)
    sqlite_query(put_ban_, ban.who.high, ban.who.low, ban.since, ban.until, ban.times, ban.why).run();
  for (const auto& who : what.gone)
    sqlite_query(delete_ban_, who.high, who.low).run();
}

sqlite_ban_reader::sqlite_ban_reader(SQLite::Database& connection) : load_bans_(connection, sql::load_bans) {}

all_bans sqlite_ban_reader::load() {
  all_bans found;
  sqlite_query row(load_bans_);
  while (row.next())
    found.items.push_back(
        {.who = {static_cast<std::uint64_t>(row.number(0)), static_cast<std::uint64_t>(row.number(1))},
         .since = row.time(2),
         .until = row.time(3),
         .times = row.small(4),
         .why = row.one_of(5, ban_reason::operators)});
  return found;
}

} // namespace weappd
