#pragma once

#include "messages/followers.hpp"
#include "persistence/sealed.hpp"
#include "persistence/sqlite_recipients.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

namespace weappd {

/// Followers of official accounts within the writer's batch. Everything may throw.
class sqlite_followers {
public:
  /// The others must outlive it.
  sqlite_followers(SQLite::Database& connection, sealed_columns& sealed, sqlite_recipients& recipients);

  followers_added add(const add_followers& what);
  void note(const note_following& what);
  /// A user has this unionid from now on: those who waited for it are identities of the user.
  void claim(const keyed_hash& unionid_hash, user_id user, timestamp at);

private:
  sealed_columns& sealed_;
  sqlite_recipients& recipients_;
  SQLite::Statement find_unionid_;
  SQLite::Statement insert_identity_;
  SQLite::Statement insert_follower_;
  SQLite::Statement claim_followers_;
  SQLite::Statement forget_claimed_;
  SQLite::Statement forget_follower_;
  SQLite::Statement find_following_;
};

/// The reads about them.
class sqlite_follower_reader {
public:
  sqlite_follower_reader(SQLite::Database& connection, sealed_columns& sealed);

  new_followers find_new(const find_new_followers& what);

private:
  sealed_columns& sealed_;
  SQLite::Statement find_following_;
  SQLite::Statement find_follower_;
};

} // namespace weappd
