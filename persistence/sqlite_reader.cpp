#include "persistence/sqlite_reader.hpp"

#include "persistence/sqlite_statements.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weappd {
namespace {

user_role role_of(std::int64_t number) {
  if (number < 0 || number > static_cast<std::int64_t>(user_role::operator_))
    throw bad_row("users.role is unknown");
  return static_cast<user_role>(number);
}

user_status status_of(std::int64_t number) {
  if (number < 0 || number > static_cast<std::int64_t>(user_status::locked))
    throw bad_row("users.status is unknown");
  return static_cast<user_status>(number);
}

/// What a box held; a box that does not open is a bad row like any other.
template <class Text>
Text opened(std::optional<Text> text, const char* column) {
  if (!text)
    throw bad_row(std::string(column) + " does not open: changed, moved, or its key is not known any more");
  return std::move(*text);
}

} // namespace

sqlite_reader::sqlite_reader(SQLite::Database connection, sealed_columns sealed)
    : connection_(std::move(connection)), sealed_(std::move(sealed)), messages_(connection_, sealed_),
      followers_(connection_, sealed_), bans_(connection_), begin_(connection_, "BEGIN"),
      end_(connection_, "ROLLBACK"), load_user_(connection_, sql::load_user),
      load_sessions_(connection_, sql::load_sessions), newest_user_(connection_, sql::newest_user),
      load_openid_(connection_, sql::load_openid), load_unionid_(connection_, sql::load_unionid),
      load_session_key_(connection_, sql::load_session_key) {}

template <class Body>
auto sqlite_reader::in_snapshot(Body&& body) -> decltype(body()) {
  auto outcome = guarded([&]() -> decltype(body()) {
    sqlite_query(begin_).run();
    return body();
  });
  if (in_transaction(connection_)) {
    (void)end_.tryExecuteStep(); // nothing was written: there is nothing that could fail to be undone
    (void)end_.tryReset();
  }
  return outcome;
}

caf::expected<user_snapshot> sqlite_reader::read(const load_user& what) {
  return in_snapshot([&]() -> caf::expected<user_snapshot> {
    auto record = user(what.user);
    if (!record)
      return std::move(record.error());
    return user_snapshot{std::move(*record), sessions(what.user)};
  });
}

caf::expected<user_record> sqlite_reader::user(user_id id) {
  sqlite_query row(load_user_, id);
  if (!row.next())
    return make_error(ec::not_found);
  user_record out;
  out.id = id;
  out.nickname = row.text(0);
  out.avatar_url = row.text(1);
  if (!row.is_null(2))
    out.phone = opened(sealed_.open_phone(row.text(2), id), "users.sealed_phone");
  out.role = role_of(row.number(3));
  out.status = status_of(row.number(4));
  out.created_at = row.time(5);
  out.updated_at = row.time(6);
  out.last_login_at = row.time(7);
  return out;
}

std::vector<session_record> sqlite_reader::sessions(user_id id) {
  std::vector<session_record> out;
  sqlite_query row(load_sessions_, id);
  while (row.next()) {
    session_record one;
    one.user = id;
    one.id.bytes = row.bytes<16>(0);
    one.app.value = row.text(1);
    one.device.name = row.text(2);
    one.device.platform = row.text(3);
    one.created_at = row.time(4);
    one.last_seen_at = row.time(5);
    one.refresh_expires_at = row.time(6);
    one.refresh_hash.bytes = row.bytes<32>(7);
    one.previous_refresh_hash.bytes = row.bytes<32>(8);
    one.refreshed_at = row.time(9);
    one.generation = static_cast<std::uint32_t>(row.number(10));
    out.push_back(std::move(one));
  }
  return out;
}

caf::expected<newest_user> sqlite_reader::read(const get_newest_user&) {
  return guarded([&]() -> caf::expected<newest_user> {
    sqlite_query row(newest_user_);
    row.next(); // an aggregate always has its row; NULL, which reads as 0, when there is no user
    return newest_user{row.user(0)};
  });
}

caf::expected<new_followers> sqlite_reader::read(const find_new_followers& what) {
  return in_snapshot([&]() -> caf::expected<new_followers> { return followers_.find_new(what); });
}

caf::expected<all_bans> sqlite_reader::read(const load_bans&) {
  return in_snapshot([&]() -> caf::expected<all_bans> { return bans_.load(); });
}

caf::expected<platform_identity> sqlite_reader::read_identity(user_id user, const app_key& app) {
  return in_snapshot([&] { return identity(user, app); });
}

caf::expected<platform_identity> sqlite_reader::identity(user_id user, const app_key& app) {
  platform_identity out;
  sqlite_query by_app(load_openid_, user, app);
  if (!by_app.next() || by_app.is_null(0))
    return make_error(ec::not_found);
  out.who =
      opened(sealed_.open_openid(by_app.text(1), app, {by_app.bytes<32>(0)}), "identities.sealed_openid");

  sqlite_query across(load_unionid_, user);
  if (across.next())
    out.union_id =
        opened(sealed_.open_unionid(across.text(1), {across.bytes<32>(0)}), "unionids.sealed_unionid");

  sqlite_query key(load_session_key_, user, app);
  if (key.next())
    out.session_key =
        opened(sealed_.open_session_key(key.text(0), user, app), "session_keys.sealed_session_key");
  return out;
}

caf::expected<message_record> sqlite_reader::read(const load_message& what) {
  return guarded([&] { return messages_.load(what); });
}

caf::expected<message_page> sqlite_reader::read(const list_messages& what) {
  return in_snapshot([&]() -> caf::expected<message_page> { return messages_.list(what); });
}

caf::expected<unfinished_messages> sqlite_reader::read(const load_unfinished& what) {
  return guarded([&]() -> caf::expected<unfinished_messages> { return messages_.unfinished(what); });
}

caf::expected<consent_balances> sqlite_reader::read(const load_consents& what) {
  return in_snapshot([&]() -> caf::expected<consent_balances> { return messages_.consents(what); });
}

caf::expected<answer_found> sqlite_reader::read(const find_answer& what) {
  return guarded([&]() -> caf::expected<answer_found> { return messages_.answer(what); });
}

caf::expected<newest_message> sqlite_reader::read(const get_newest_message&) {
  return guarded([&]() -> caf::expected<newest_message> { return messages_.newest(); });
}

} // namespace weappd
