#pragma once

#include "actors/services.hpp"
#include "messages/actors.hpp"
#include "messages/fwd.hpp"
#include "messages/session.hpp"

#include <caf/local_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <unordered_map>
#include <vector>

/// Finds the session actor of a user, wakes it and puts it to sleep. Options: session and
/// pools.session_router of config/options.hpp.
namespace weappd {

/// Wakes a user: spawns a session as a child of `parent`. The seam where a test puts its own.
using session_factory = std::function<session_actor(caf::local_actor& parent, user_id user)>;

/// To itself: time to look for idle sessions.
struct tick_idle_sessions {};

/// What a router really takes; everybody else sees a session_router_actor.
using session_router_self = session_router_actor::extend<caf::reacts_to<tick_idle_sessions>>;

/// A session actor that is awake or just falling asleep.
struct awake_session {
  /// A message that waits for the answer to fall_asleep. Dropped, it answers `overloaded`.
  using held_message = std::function<void(const session_actor&)>;

  user_id user;
  session_actor handle;
  std::uint32_t used_at = 0; ///< in ticks
  bool falling = false;
  std::vector<held_message> held;
};

struct session_router_state {
  static inline const char* name = "session_router";
  using order = std::list<awake_session>;

  session_router_state() = default;
  session_router_state(const session_router_state&) = delete;
  session_router_state& operator=(const session_router_state&) = delete;
  /// However a router ends, its sessions end too: the next router wakes others for the same users.
  ~session_router_state();

  services_ptr services;
  session_factory wake;
  std::size_t cap = 0;     ///< awake sessions of this shard
  std::size_t at_once = 0; ///< how many may be falling asleep at one moment
  std::uint32_t now = 0;   ///< in ticks; read instead of a clock for every message
  order by_use;            ///< awake; the one unused for longest first
  order falling;           ///< asked to fall asleep; still in by_user and by_actor
  std::unordered_map<user_id, order::iterator> by_user;
  std::unordered_map<caf::actor_id, user_id> by_actor; ///< only to find who died
};

/// An idle session sleeps after session.idle_s, at most one eighth of it later.
inline constexpr std::uint32_t ticks_until_idle = 8;
/// Messages held back for one user who falls asleep; one more is refused with `overloaded`.
inline constexpr std::size_t max_held_messages = 64;

/// One shard of user id -> session actor: every message for a user is delegated, the answer goes straight to
/// the asker. A session that is not awake is woken; one that died is woken again by the next message.
///
/// At most session.max_awake / pools.session_router are awake; at that bound each new one sends the one
/// unused for longest to sleep. While that one still stores what it holds back there is one more; when the
/// store is so slow that an eighth of the bound (at most 256) is falling asleep, new users get `overloaded`.
///
/// While a session falls asleep its messages are held back, so there are never two actors for one user: after
/// "asleep" they wake a new one, after "no" they go to the old one, in the order in which they came.
///
/// Ends its sessions when it ends. Status: ok, with how many are awake.
session_router_self::behavior_type
session_router(session_router_self::stateful_pointer<session_router_state> self, services_ptr services,
               session_factory wake);

} // namespace weappd

WEAPPD_MESSAGE(weappd::tick_idle_sessions)
