#pragma once

#include "actors/logic/snowflake.hpp"
#include "actors/services.hpp"
#include "actors/sure_promise.hpp"
#include "config/crypto/hmac.hpp"
#include "messages/actors.hpp"
#include "messages/fwd.hpp"
#include "messages/login.hpp"
#include "messages/session.hpp"
#include "messages/wechat.hpp"

#include <caf/actor_clock.hpp>
#include <caf/error.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <unordered_map>
#include <vector>

/// From a wx.login code to a session. Options: auth.code_memory_s, auth.code_memory_max, node.id and
/// pools.login_desk of config/options.hpp.
namespace weappd {

/// To itself: forget what is too old.
struct tick_forget_codes {};
/// To itself: a login that had to wait for a user id may go on.
struct tick_resume_login {
  keyed_hash code;
};

/// What a desk really takes; everybody else sees a login_actor.
using login_desk_self =
    login_actor::extend<caf::reacts_to<tick_forget_codes>, caf::reacts_to<tick_resume_login>>;

struct finished_code {
  keyed_hash code;
  caf::actor_clock::time_point at;
};

/// What became of one code. It is either under way (there are waiters) or finished (it has a place in
/// by_age).
struct code_outcome {
  app_key app;
  device_info device; ///< of the first who sent the code
  std::vector<sure_promise<token_grant>> waiters;
  std::optional<code_exchanged> identity; ///< the code is spent; this is what it gave
  std::optional<resume_session> session;  ///< what is asked when it is sent again, or
  caf::error refusal;                     ///< the final error
  std::list<finished_code>::iterator place;
};

struct login_desk_state {
  static inline const char* name = "login_desk";

  services_ptr services;
  std::uint32_t worker = 0;
  std::size_t memory_max = 0;
  std::optional<crypto::hmac_sha256> code_mac;
  std::optional<snowflake> ids; ///< made when the store has told its newest user
  std::unordered_map<keyed_hash, code_outcome> codes;
  std::list<finished_code> by_age; ///< oldest first
  std::size_t under_way = 0;
  bool clock_refused = false; ///< the last user id was refused
};

/// Different codes under way at one desk, and clients waiting for one code; more are refused with
/// `overloaded`.
inline constexpr std::size_t max_logins_under_way = 2'048;
inline constexpr std::size_t max_waiters_per_code = 1'024;

/// One shard of the desk (by code). `shard` makes user ids unique: with node.id it is the Snowflake's worker.
///
/// The promise of messages/login.hpp: one exchange for each code, and everybody who sends it gets the same
/// session for auth.code_memory_s after it began. Who sends the code while it is under way shares the first
/// grant; for whoever sends it later the user's session is asked, so a lock, a logout and a refresh count. Of
/// the code a keyed hash is kept, of the grant the first refresh token. At most auth.code_memory_max /
/// pools.login_desk codes are remembered; the oldest is forgotten first.
///
/// A code works once, so two things are done for the client: the store is asked for what a new user needs
/// before the code is spent; and when the store or the session fails after the exchange, what the code gave
/// is remembered and the next attempt goes on from there. A part that dies meanwhile gives `overloaded`; one
/// that does not answer within `patience`, handler_timeout.
///
/// Keeps no promise over a kill: the client calls wx.login again. Status: degraded while the clock of the
/// machine is so far behind the newest user that no user id can be made (logins get `overloaded` then).
login_desk_self::behavior_type login_desk(login_desk_self::stateful_pointer<login_desk_state> self,
                                          services_ptr services, std::uint32_t shard);

} // namespace weappd

WEAPPD_MESSAGE(weappd::tick_forget_codes)
WEAPPD_MESSAGE(weappd::tick_resume_login)
