#pragma once

#include "actors/logic/recent_rotations.hpp"
#include "actors/services.hpp"
#include "messages/actors.hpp"
#include "messages/error.hpp"
#include "messages/session.hpp"
#include "messages/user.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <vector>

/// One user: what is known of them, their logins, and everything that changes either. Options: auth and
/// session.touch_interval_s of config/options.hpp.
namespace weappd {

/// What one awake user costs: about 1.4 KB of actor, this, the user and a few hundred bytes for each login.
struct session_state {
  static inline const char* name = "session";

  services_ptr services;
  user_id id;
  user_ptr user;                    ///< null until it is loaded
  std::vector<session_record> rows; ///< as stored, but for last_seen_at; some may have ended already
  recent_rotations rotations;       ///< of these rows
  timestamp saved_until{};          ///< a last_seen_at before it is in the store
  timestamp touch_after{};          ///< when last_seen_at is stored next
  ec failure = ec::none; ///< not none: what memory holds may be wrong, so nothing is answered from it
  bool leaving = false;
};

/// Loads the user when it is spawned, and takes no message until the store has answered. From then on each
/// message is finished before the next one is looked at, also while the store writes: the operations of one
/// user are serial. Nothing is answered before it is durable, save last_seen_at, which is stored at most
/// every session.touch_interval_s and when the session falls asleep; a kill may lose it.
///
/// It never guesses. When the user could not be loaded, and when a write ended in a way that leaves open what
/// the store holds now, it refuses what is in its mailbox and quits; the router wakes a new one, which reads
/// the store. Errors then: storage_unavailable, or for a user that does not exist invalid_access_token,
/// invalid_refresh_token, not_found (set_user_status).
///
/// Every wait is for the store and ends after `patience`, as if the store had died.
session_actor::behavior_type session(session_actor::stateful_pointer<session_state> self,
                                     services_ptr services, user_id user);

} // namespace weappd
