#include "persistence/sqlite_key_check.hpp"

#include "persistence/key_check.hpp"
#include "persistence/sqlite_connection.hpp"
#include "persistence/sqlite_statements.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace weappd {
namespace {

enum class key_purpose_column : std::int64_t { lookup, encryption };

std::vector<key_mark> load_marks(SQLite::Database& database, key_purpose_column purpose) {
  SQLite::Statement statement(database, sql::load_key_checks);
  sqlite_query rows(statement, purpose);
  std::vector<key_mark> marks;
  while (rows.next())
    marks.push_back({.key_id = rows.text(0), .value = rows.text(1)});
  return marks;
}

key_marks load_marks(SQLite::Database& database) {
  if (!database.tableExists("key_checks"))
    return {};
  key_marks marks{.lookup = {}, .encryption = load_marks(database, key_purpose_column::encryption)};
  for (auto& mark : load_marks(database, key_purpose_column::lookup))
    marks.lookup = std::move(mark);
  return marks;
}

/// Of the users who came first, then of those who came last: keys were rotated between them.
std::vector<stored_openid> load_samples(SQLite::Database& database) {
  std::vector<stored_openid> samples;
  if (!database.tableExists("identities"))
    return samples;
  for (const auto* text : {sql::oldest_openids, sql::newest_openids}) {
    SQLite::Statement statement(database, text);
    for (sqlite_query rows(statement); rows.next();)
      samples.push_back({.app = {rows.text(0)}, .row = {rows.bytes<32>(1)}, .box = rows.text(2)});
  }
  return samples;
}

void store_marks(SQLite::Database& database, key_purpose_column purpose, const std::vector<key_mark>& marks) {
  SQLite::Statement statement(database, sql::insert_key_check);
  for (const auto& [id, value] : marks)
    sqlite_query(statement, purpose, id, blob_view{value}).run();
}

void refuse_if_any(const std::vector<std::string>& problems) {
  std::string text;
  for (const auto& problem : problems)
    text.append(text.empty() ? "" : "; ").append(problem);
  if (!text.empty())
    throw std::runtime_error(text);
}

/// The marks that are not there yet. Throws if the keys are not those of the store.
key_marks judge(SQLite::Database& database, const key_check& check) {
  const auto known = load_marks(database);
  if (known.lookup) {
    refuse_if_any(check.problems(known));
    return check.missing(known, false);
  }
  const auto samples = load_samples(database);
  refuse_if_any(check.problems(samples));
  return check.missing(known, !samples.empty());
}

} // namespace

void check_keys(SQLite::Database& database, const key_set& keys, crypto::random_source& random) {
  const key_check check(keys, random);
  if (judge(database, check).empty())
    return;
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  // Asked again under the write lock: another process may have noted its keys meanwhile.
  const auto marks = judge(database, check);
  if (marks.lookup)
    store_marks(database, key_purpose_column::lookup, {*marks.lookup});
  store_marks(database, key_purpose_column::encryption, marks.encryption);
  transaction.commit();
}

void examine_keys(SQLite::Database& database, const key_set& keys, crypto::random_source& random) {
  judge(database, key_check(keys, random));
}

} // namespace weappd
