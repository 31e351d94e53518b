#pragma once

#include "actors/logic/challenge_memory.hpp"
#include "actors/services.hpp"
#include "actors/sure_promise.hpp"
#include "messages/actors.hpp"
#include "messages/challenges.hpp"
#include "messages/fwd.hpp"

#include <caf/actor_clock.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

/// Decides which logins may be tried. Options: challenge of config/options.hpp, which may change while the
/// server runs.
namespace weappd {

/// To itself: forget what is over.
struct tick_forget_challenges {};

/// What a desk really takes; everybody else sees a challenge_desk_actor.
using challenge_desk_self = challenge_desk_actor::extend<caf::reacts_to<tick_forget_challenges>>;

/// A login whose CAPTCHA is being judged; `waiters` are the same login, sent several times.
struct judged_login {
  crypto::digest attempt{};
  rate_key who;
  std::vector<sure_promise<login_admission>> waiters;
};

struct challenge_desk_state {
  static inline const char* name = "challenge_desk";

  services_ptr services;
  std::shared_ptr<const challenge_options> rules;
  std::uint64_t rules_version = 0;
  std::map<crypto::digest, judged_login> judging;            ///< by the hash of what the service judges
  std::optional<caf::actor_clock::time_point> unclear_since; ///< when there was last no judgement
  std::optional<caf::actor_clock::time_point> told_unclear;  ///< when the log was last told of that
};

/// How often it looks at what is over; logins whose CAPTCHA is judged at a time; how many of those may be the
/// same one; how often at most the log is told that the service does not judge.
inline constexpr std::chrono::seconds forget_challenges_interval{1};
inline constexpr std::size_t max_judged_logins = 1'024;
inline constexpr std::size_t max_waiters_per_judgement = 8;
inline constexpr std::chrono::seconds unclear_pace{10};

/// Counts failed logins by address and asks for challenges as `challenge` of the configuration says. What it
/// knows is in services.challenges, so the next desk begins where this one ended; only judgements that
/// are under way are lost with it, and who waits for one gets `overloaded`.
///
/// A solution is marked as used when it is good, for the login that came with it. One that the CAPTCHA
/// service refused, or did not judge, is not: it may be sent again. While it is judged, nobody else can use
/// it.
///
/// Logins that are under way when an address begins to have to solve challenges are not called back.
///
/// Each login for which a challenge had to be solved is counted and, if it may not go on, is one event
/// "challenge.failed" with the reason, which the client is not told.
///
/// Status: degraded within a minute after the CAPTCHA service gave no judgement.
challenge_desk_self::behavior_type
challenge_desk(challenge_desk_self::stateful_pointer<challenge_desk_state> self, services_ptr services);

} // namespace weappd

WEAPPD_MESSAGE(weappd::tick_forget_challenges)
