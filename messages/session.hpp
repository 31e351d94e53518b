#pragma once

#include "config/secret.hpp"
#include "messages/fwd.hpp"
#include "messages/ids.hpp"
#include "messages/user.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

/// What may be asked of a user's session actor. Every message names the user; the session router finds the
/// actor by it. A message with a `caller` was sent on behalf of a client with a valid access token: the
/// session refuses it with `invalid_access_token` when that session is not there any more, and with
/// `user_blocked` when the user is locked.
namespace weappd {

/// Who asks, proved by an access token.
struct caller {
  user_id user;
  session_id session;
};

/// What a login or a refresh gives to the client.
struct token_grant {
  secret access_token;
  std::chrono::seconds access_ttl{};
  secret refresh_token;
  std::chrono::seconds refresh_ttl{};
  session_id session;
  user_ptr user;
  bool is_new_user = false;
};

/// A verified login at WeChat: begin a session. The login desk alone sends it. Answer: token_grant.
struct open_session {
  user_id user;
  app_key app;
  device_info device;
  secret session_key; ///< WeChat's, base64; stored sealed
  bool is_new_user = false;
};

/// The code that began a session was sent again: the tokens of that session as they are now. The login desk
/// alone sends it. The access token is alive: if the newest one is not, the session is refreshed. Answer:
/// token_grant. Errors: user_blocked, invalid_code (the session has ended).
struct resume_session {
  user_id user;
  session_id session;
  secret first_refresh_token; ///< the one of the answer to open_session; from it the newest one is derived
  bool is_new_user = false;
};

/// Answer: token_grant. Errors: invalid_refresh_token, user_blocked.
struct refresh_session {
  user_id user;
  session_id session;
  secret refresh_token;
};

/// Answer: user_ptr in profile.
struct get_profile {
  caller who;
};
struct profile {
  user_ptr user;
};

/// Left out means unchanged. The values have been checked. Answer: profile.
struct change_profile {
  caller who;
  std::optional<std::string> nickname;
  std::optional<std::string> avatar_url;
};

/// Answer: session_list, newest first.
struct list_sessions {
  caller who;
};
struct session_summary {
  session_id id;
  device_info device;
  timestamp created_at;
  timestamp last_seen_at;
  bool current = false;
};
struct session_list {
  std::vector<session_summary> items;
};

/// End another (or the own) login of the caller. Answer: done. Errors: session_not_found.
struct close_session {
  caller who;
  session_id which;
};

/// End the caller's own login, or all logins of the user. Answer: done.
struct logout {
  caller who;
  bool everywhere = false;
};

/// Administration: lock or unlock a user. A locked user is refused at once. Answer: done.
struct set_user_status {
  user_id user;
  user_status status = user_status::active;
};

/// It was done, and it is durable.
struct done {};

/// Router to session: sleep if nothing is under way. The session stores what it holds back (last_seen_at),
/// answers, and quits if it said yes. Until the answer the router holds back messages to that session.
struct fall_asleep {};
struct sleep_answer {
  bool asleep = false;
};

} // namespace weappd

WEAPPD_MESSAGE(weappd::token_grant)
WEAPPD_MESSAGE(weappd::open_session)
WEAPPD_MESSAGE(weappd::resume_session)
WEAPPD_MESSAGE(weappd::refresh_session)
WEAPPD_MESSAGE(weappd::get_profile)
WEAPPD_MESSAGE(weappd::profile)
WEAPPD_MESSAGE(weappd::change_profile)
WEAPPD_MESSAGE(weappd::list_sessions)
WEAPPD_MESSAGE(weappd::session_list)
WEAPPD_MESSAGE(weappd::close_session)
WEAPPD_MESSAGE(weappd::logout)
WEAPPD_MESSAGE(weappd::set_user_status)
WEAPPD_MESSAGE(weappd::done)
WEAPPD_MESSAGE(weappd::fall_asleep)
WEAPPD_MESSAGE(weappd::sleep_answer)
