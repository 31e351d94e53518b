#pragma once

#include "config/secret.hpp"
#include "messages/fwd.hpp"
#include "messages/ids.hpp"
#include "messages/user.hpp"

#include <optional>
#include <utility>
#include <vector>

/// What may be asked of the store. An answer to a write is given when the write is durable, never before; a
/// write that is answered with an error has changed nothing. Every message may be answered with
/// storage_unavailable (disk full, connection lost, file locked). Nothing here assumes a kind of database.
namespace weappd {

/// The user behind an openid of an app; made if there is none. Concurrent calls for one openid get one user.
/// A unionid that another user has already (the same person in another app of the company) gives that user
/// and adds the openid to it. A known openid keeps its user, whatever the unionid says, and a unionid keeps
/// the user that it named first. With a unionid that is new the user gets the openids of those followers that
/// waited for it (messages/followers.hpp). Answer: identity_resolved. Errors: conflict (a user would be made,
/// but there is one with the id of the candidate).
struct resolve_identity {
  app_key app;
  openid who;
  std::optional<unionid> union_id;
  user_id candidate; ///< the id of the user, if one is made
  timestamp at;
};
struct identity_resolved {
  user_id user;
  bool created = false;
  bool new_union_id = false; ///< nobody had it before
};

/// Everything of one user. Answer: user_snapshot. Errors: not_found.
struct load_user {
  user_id user;
};
struct user_snapshot {
  user_record user;
  std::vector<session_record> sessions; ///< in the order of created_at
};

/// A login: adds the session, sets the user's last_login_at to its created_at, replaces the session_key of
/// (app, user), and removes the sessions that had to make room. One transaction. Sessions of the user whose
/// refresh_expires_at is not after that created_at are removed as well, and so are all marks of the user
/// (messages/outbox.hpp). An empty session_key leaves the stored one as it is. Answer: stored.
/// Errors: not_found (no such user), conflict (the session id is there already).
struct add_session {
  session_record session;
  secret session_key;
  std::vector<session_id> evicted;
};

/// A refresh: writes the rotation fields of the session (both hashes, refreshed_at, refresh_expires_at,
/// generation; last_seen_at where it is older) if its refresh_hash is still `expected`. Answer: stored.
/// Errors: conflict, not_found.
struct rotate_refresh_token {
  session_record session; ///< as it shall be
  keyed_hash expected;
};

/// Removes sessions of a user; ids that are not there are ignored. Answer: stored.
struct remove_sessions {
  user_id user;
  std::vector<session_id> ids;
};

/// Replaces nickname, avatar_url, phone, role, status and updated_at. Answer: stored. Errors: not_found.
struct save_user {
  user_record user;
};

/// Sets last_seen_at where it is older; sessions that are not there are ignored. Answer: stored.
struct touch_sessions {
  user_id user;
  std::vector<std::pair<session_id, timestamp>> seen;
};

/// The largest user id that was ever made, or 0. Answer: user_id in newest_user.
struct get_newest_user {};
struct newest_user {
  user_id user;
};

struct stored {};

} // namespace weappd

WEAPPD_MESSAGE(weappd::resolve_identity)
WEAPPD_MESSAGE(weappd::identity_resolved)
WEAPPD_MESSAGE(weappd::load_user)
WEAPPD_MESSAGE(weappd::user_snapshot)
WEAPPD_MESSAGE(weappd::add_session)
WEAPPD_MESSAGE(weappd::rotate_refresh_token)
WEAPPD_MESSAGE(weappd::remove_sessions)
WEAPPD_MESSAGE(weappd::save_user)
WEAPPD_MESSAGE(weappd::touch_sessions)
WEAPPD_MESSAGE(weappd::get_newest_user)
WEAPPD_MESSAGE(weappd::newest_user)
WEAPPD_MESSAGE(weappd::stored)
