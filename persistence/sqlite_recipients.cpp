#include "persistence/sqlite_recipients.hpp"

#include "persistence/sqlite_connection.hpp"
#include "persistence/sqlite_message_statements.hpp"
#include "persistence/sqlite_statements.hpp"

#include <algorithm>

namespace weappd {

sqlite_recipients::sqlite_recipients(SQLite::Database& connection, const sealed_columns& sealed)
    : sealed_(sealed), find_standing_(connection, message_sql::find_standing),
      find_openid_(connection, sql::load_openid), put_mark_(connection, message_sql::put_mark),
      clear_mark_(connection, message_sql::clear_mark), clear_marks_(connection, message_sql::clear_marks) {}

const recipient* sqlite_recipients::find(user_id user, const app_key& app) {
  auto* known = known_.find(user);
  if (known != nullptr) {
    const auto found = std::ranges::find(*known, app, &of_apps::value_type::first);
    if (found != known->end())
      return &found->second;
  }
  auto read_now = read(user, app);
  if (!read_now)
    return nullptr;
  if (known == nullptr)
    known = &known_.put(user, {});
  return &known->emplace_back(app, std::move(*read_now)).second;
}

std::optional<recipient> sqlite_recipients::read(user_id user, const app_key& app) {
  sqlite_query row(find_standing_, user, app);
  if (!row.next())
    return std::nullopt;
  recipient out{.status = row.one_of(0, user_status::locked),
                .mark = row.is_null(1) ? user_mark::none : row.one_of(1, user_mark::bad_openid)};
  sqlite_query identity(find_openid_, user, app);
  out.has_openid = identity.next() && !identity.is_null(0);
  if (out.has_openid)
    out.who = sealed_.open_openid(identity.text(1), app, {identity.bytes<32>(0)});
  return out;
}

void sqlite_recipients::mark(user_id user, const app_key& app, user_mark mark, timestamp at) {
  changed(user);
  sqlite_query(put_mark_, user, app, mark, at).run();
}

void sqlite_recipients::clear_marks(user_id user, const app_key& app) {
  changed(user);
  if (app.value.empty())
    sqlite_query(clear_marks_, user).run();
  else
    sqlite_query(clear_mark_, user, app).run();
}

} // namespace weappd
