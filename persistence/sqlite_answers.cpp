#include "persistence/sqlite_answers.hpp"

#include "persistence/sqlite_connection.hpp"
#include "persistence/sqlite_message_statements.hpp"

#include <cstddef>

namespace weappd {

sqlite_answers::sqlite_answers(SQLite::Database& connection, sealed_columns& sealed)
    : sealed_(sealed), find_answer_(connection, message_sql::find_answer_in_force),
      put_answer_(connection, message_sql::put_answer),
      forget_answers_(connection, message_sql::forget_answers),
      find_guard_(connection, message_sql::find_guard), put_guard_(connection, message_sql::put_guard),
      forget_guards_(connection, message_sql::forget_guards) {}

bool sqlite_answers::holds(const keyed_hash& name, timestamp at) {
  return sqlite_query(find_answer_, name, at).next();
}

void sqlite_answers::keep(const once_slot& slot, const kept_answer& answer, timestamp at) {
  sqlite_query(put_answer_, slot.name, slot.fingerprint, std::int64_t{answer.status},
               blob_view{sealed_.seal_answer(answer.body, slot.name)}, at, at + slot.keep)
      .run();
}

bool sqlite_answers::is_in_force(const duplicate_guard& guard, timestamp at) {
  return sqlite_query(find_guard_, sealed_.hash(guard), at).next();
}

std::optional<message_accepted> sqlite_answers::find_first(const duplicate_guard& guard, timestamp at) {
  sqlite_query row(find_guard_, sealed_.hash(guard), at);
  if (!row.next())
    return std::nullopt;
  message_accepted out{.id = row.message(0), .duplicate = true};
  if (row.is_null(1)) // the guard has outlived its message
    return out;
  out.state = row.one_of(1, message_state::cancelled);
  out.reason = row.one_of(2, fail_reason::outcome_unknown);
  return out;
}

void sqlite_answers::set_guard(const duplicate_guard& guard, message_id message) {
  sqlite_query(put_guard_, sealed_.hash(guard), message, guard.until).run();
}

forgotten sqlite_answers::forget(timestamp at, std::uint32_t max_rows) {
  const auto answers = sqlite_query(forget_answers_, at, max_rows).run();
  const auto guards = sqlite_query(forget_guards_, at, max_rows).run();
  const auto most = static_cast<std::int64_t>(max_rows);
  return {.rows = static_cast<std::size_t>(answers + guards), .more = answers >= most || guards >= most};
}

} // namespace weappd
