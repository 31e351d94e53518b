#include "persistence/sqlite_followers.hpp"

#include "messages/outbox.hpp"
#include "persistence/sqlite_connection.hpp"
#include "persistence/sqlite_statements.hpp"

#include <optional>

namespace weappd {

sqlite_followers::sqlite_followers(SQLite::Database& connection, sealed_columns& sealed,
                                   sqlite_recipients& recipients)
    : sealed_(sealed), recipients_(recipients), find_unionid_(connection, sql::find_unionid),
      insert_identity_(connection, sql::insert_identity), insert_follower_(connection, sql::insert_follower),
      claim_followers_(connection, sql::claim_followers), forget_claimed_(connection, sql::forget_claimed),
      forget_follower_(connection, sql::forget_follower), find_following_(connection, sql::find_following) {}

followers_added sqlite_followers::add(const add_followers& what) {
  followers_added out;
  for (const auto& one : what.items) {
    const auto openid_hash = sealed_.hash(what.app, one.who);
    if (sqlite_query(find_following_, what.app, openid_hash).next())
      continue; // somebody's already, whatever the unionid says
    const auto unionid_hash = sealed_.hash(one.union_id);
    const auto box = sealed_.seal(one.who, what.app, openid_hash);
    std::optional<user_id> user;
    {
      sqlite_query row(find_unionid_, unionid_hash);
      if (row.next())
        user = row.user(0);
    }
    if (user) {
      sqlite_query(insert_identity_, what.app, openid_hash, *user, blob_view{box}, what.at).run();
      recipients_.changed(*user);
      ++out.linked;
    } else {
      const int added =
          sqlite_query(insert_follower_, what.app, openid_hash, unionid_hash, blob_view{box}, what.at).run();
      out.waiting += static_cast<std::size_t>(added);
    }
  }
  return out;
}

void sqlite_followers::note(const note_following& what) {
  const auto openid_hash = sealed_.hash(what.app, what.who);
  if (!what.follows)
    sqlite_query(forget_follower_, what.app, openid_hash).run();
  user_id user;
  auto mark = user_mark::none;
  {
    sqlite_query row(find_following_, what.app, openid_hash);
    if (!row.next())
      return;
    user = row.user(0);
    if (!row.is_null(1))
      mark = row.one_of(1, user_mark::bad_openid);
  }
  if (!what.follows && mark == user_mark::none)
    recipients_.mark(user, what.app, user_mark::not_following, what.at);
  if (what.follows && mark == user_mark::not_following)
    recipients_.clear_marks(user, what.app);
}

void sqlite_followers::claim(const keyed_hash& unionid_hash, user_id user, timestamp at) {
  sqlite_query(claim_followers_, unionid_hash, user, at).run();
  recipients_.changed(user);
  sqlite_query(forget_claimed_, unionid_hash).run();
}

sqlite_follower_reader::sqlite_follower_reader(SQLite::Database& connection, sealed_columns& sealed)
    : sealed_(sealed), find_following_(connection, sql::find_following),
      find_follower_(connection, sql::find_follower) {}

new_followers sqlite_follower_reader::find_new(const find_new_followers& what) {
  new_followers out;
  for (const auto& who : what.who) {
    const auto hash = sealed_.hash(what.app, who);
    sqlite_query user(find_following_, what.app, hash);
    if (user.next()) {
      if (!user.is_null(1) && user.one_of(1, user_mark::bad_openid) == user_mark::not_following)
        out.returned.push_back(who);
    } else if (!sqlite_query(find_follower_, what.app, hash).next()) {
      out.unknown.push_back(who);
    }
  }
  return out;
}

} // namespace weappd
