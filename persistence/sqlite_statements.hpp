#pragma once

#include <array>

namespace weappd {

/// Every statement of the SQLite store outside of the migrations, in one place: to be read beside the schema,
/// and so that a test can ask SQLite's planner about each of them (none may walk through a whole table).
struct sqlite_statements {
  // identities
  static constexpr auto find_identity = "SELECT user_id FROM identities WHERE app = ? AND openid_hash = ?";
  static constexpr auto find_unionid = "SELECT user_id FROM unionids WHERE unionid_hash = ?";
  static constexpr auto insert_user = "INSERT INTO users (id, nickname, avatar_url, role, status, created_at,"
                                      " updated_at, last_login_at) VALUES (?1, '', '', 0, 0, ?2, ?2, ?2)"
                                      " ON CONFLICT (id) DO NOTHING";
  static constexpr auto insert_identity =
      "INSERT INTO identities (app, openid_hash, user_id, sealed_openid, created_at) VALUES (?, ?, ?, ?, ?)";
  static constexpr auto insert_unionid =
      "INSERT INTO unionids (unionid_hash, user_id, sealed_unionid, created_at) VALUES (?, ?, ?, ?)";

  // followers of official accounts
  static constexpr auto find_following =
      "SELECT i.user_id, m.mark FROM identities i LEFT JOIN user_marks m ON m.user_id = i.user_id"
      " AND m.app = i.app WHERE i.app = ? AND i.openid_hash = ?";
  static constexpr auto find_follower = "SELECT 1 FROM followers WHERE app = ? AND openid_hash = ?";
  static constexpr auto insert_follower =
      "INSERT INTO followers (app, openid_hash, unionid_hash, sealed_openid, seen_at) VALUES (?, ?, ?, ?, ?)"
      " ON CONFLICT DO NOTHING";
  static constexpr auto claim_followers =
      "INSERT INTO identities (app, openid_hash, user_id, sealed_openid, created_at)"
      " SELECT app, openid_hash, ?2, sealed_openid, ?3 FROM followers WHERE unionid_hash = ?1"
      " ON CONFLICT DO NOTHING";
  static constexpr auto forget_claimed = "DELETE FROM followers WHERE unionid_hash = ?";
  static constexpr auto forget_follower = "DELETE FROM followers WHERE app = ? AND openid_hash = ?";

  // bans
  static constexpr auto put_ban =
      "INSERT INTO bans (high, low, since, until, times, why) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
      " ON CONFLICT (high, low) DO UPDATE SET since = ?3, until = ?4, times = ?5, why = ?6";
  static constexpr auto delete_ban = "DELETE FROM bans WHERE high = ? AND low = ?";
  static constexpr auto load_bans = "SELECT high, low, since, until, times, why FROM bans";

  // keys (sqlite_key_check.cpp)
  static constexpr auto load_key_checks = "SELECT key_id, value FROM key_checks WHERE purpose = ?";
  static constexpr auto insert_key_check = "INSERT INTO key_checks (purpose, key_id, value) VALUES (?, ?, ?)";
  // User ids grow with time.
  static constexpr auto oldest_openids =
      "SELECT app, openid_hash, sealed_openid FROM identities INDEXED BY identities_by_user"
      " WHERE user_id > 0 ORDER BY user_id LIMIT 8";
  static constexpr auto newest_openids =
      "SELECT app, openid_hash, sealed_openid FROM identities INDEXED BY identities_by_user"
      " WHERE user_id > 0 ORDER BY user_id DESC LIMIT 8";

  // logins
  static constexpr auto note_login = "UPDATE users SET last_login_at = ? WHERE id = ?";
  static constexpr auto delete_session = "DELETE FROM sessions WHERE user_id = ? AND id = ?";
  static constexpr auto delete_expired = "DELETE FROM sessions WHERE user_id = ? AND refresh_expires_at <= ?";
  static constexpr auto insert_session =
      "INSERT INTO sessions (user_id, id, app, device_name, device_platform, created_at, last_seen_at,"
      " refresh_expires_at, refresh_hash, previous_refresh_hash, refreshed_at, generation)"
      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING";
  static constexpr auto put_session_key =
      "INSERT INTO session_keys (user_id, app, sealed_session_key, updated_at) VALUES (?1, ?2, ?3, ?4)"
      " ON CONFLICT (user_id, app) DO UPDATE SET sealed_session_key = ?3, updated_at = ?4";

  // changes
  static constexpr auto rotate_session =
      "UPDATE sessions SET refresh_hash = ?4, previous_refresh_hash = ?5, refreshed_at = ?6,"
      " refresh_expires_at = ?7, generation = ?8, last_seen_at = max(last_seen_at, ?9)"
      " WHERE user_id = ?1 AND id = ?2 AND refresh_hash = ?3";
  static constexpr auto find_session = "SELECT 1 FROM sessions WHERE user_id = ? AND id = ?";
  static constexpr auto update_user =
      "UPDATE users SET nickname = ?2, avatar_url = ?3, sealed_phone = ?4, role = ?5,"
      " status = ?6, updated_at = ?7 WHERE id = ?1";
  static constexpr auto touch_session =
      "UPDATE sessions SET last_seen_at = ?3 WHERE user_id = ?1 AND id = ?2 AND last_seen_at < ?3";
  static constexpr auto probe = "UPDATE write_probe SET count = count + 1 WHERE id = 1";

  // reads
  static constexpr auto load_user =
      "SELECT nickname, avatar_url, sealed_phone, role, status, created_at, updated_at,"
      " last_login_at FROM users WHERE id = ?";
  static constexpr auto load_sessions = "SELECT id, app, device_name, device_platform, created_at, "
                                        "last_seen_at, refresh_expires_at, refresh_hash,"
                                        " previous_refresh_hash, refreshed_at, generation FROM sessions "
                                        "WHERE user_id = ? ORDER BY created_at, id";
  static constexpr auto newest_user = "SELECT max(id) FROM users";
  // Left to itself the planner takes the primary key, and walks over all users of the app.
  // The newest one; NULL without any. Next to max() SQLite gives the columns of the row that has it, and
  // needs no sorter, which was a third of what a lease costs.
  static constexpr auto load_openid =
      "SELECT openid_hash, sealed_openid, max(created_at) FROM identities INDEXED BY identities_by_user"
      " WHERE user_id = ? AND app = ?";
  static constexpr auto load_unionid = "SELECT unionid_hash, sealed_unionid FROM unionids WHERE user_id = ?"
                                       " ORDER BY created_at DESC LIMIT 1";
  static constexpr auto load_session_key =
      "SELECT sealed_session_key FROM session_keys WHERE user_id = ? AND app = ?";

  static constexpr std::array all{
      find_identity,    find_unionid,    insert_user,    insert_identity, insert_unionid,
      note_login,       delete_session,  delete_expired, insert_session,  put_session_key,
      rotate_session,   find_session,    update_user,    touch_session,   probe,
      load_user,        load_sessions,   newest_user,    load_openid,     load_unionid,
      load_session_key, find_following,  find_follower,  insert_follower, claim_followers,
      forget_claimed,   forget_follower, put_ban,        delete_ban,      load_key_checks,
      insert_key_check, oldest_openids,  newest_openids};
};

using sql = sqlite_statements;

} // namespace weappd
