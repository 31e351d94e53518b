#pragma once

#include "actors/logic/follower_walk.hpp"
#include "actors/logic/gcra.hpp"
#include "actors/services.hpp"
#include "messages/actors.hpp"
#include "messages/error.hpp"
#include "messages/followers.hpp"
#include "messages/fwd.hpp"

#include <caf/actor_clock.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

/// Finds the users who follow an official account. Option: push.followers_refresh_s of config/options.hpp.
/// What is asked next is decided by logic/follower_walk.hpp.
namespace weappd {

/// To itself: go on. A timer that is not the newest one does nothing.
struct tick_follow {
  std::uint64_t timer = 0;
};

/// What a sync really takes; everybody else sees a follower_sync_actor.
using follower_sync_self = follower_sync_actor::extend<caf::reacts_to<tick_follow>>;

struct follower_sync_state {
  static inline const char* name = "follower_sync";

  services_ptr services;
  app_key app;
  std::optional<follower_walk> walk; ///< while one is under way, also while it waits after a failure
  bool asking = false;               ///< an answer is awaited; else a timer is set
  bool whole = false;                ///< the walk is along the whole list
  bool look_wanted = false;          ///< somebody has asked since the list was read
  bool token_renewed = false;        ///< the step was made again with a new access token
  std::uint32_t failures = 0;        ///< in a row
  ec failure = ec::none;             ///< of the last step
  bool nameless = false;             ///< the last walk found nobody with a unionid
  gcra_state looks;                  ///< what may be asked for beside the refresh
  std::optional<caf::actor_clock::time_point> ended_at; ///< the last walk along the whole list
  std::uint64_t timer = 0;                              ///< the newest one

  // Of the walk under way, and of the last one:
  std::uint64_t total = 0;
  std::size_t linked = 0;
  std::size_t waiting = 0;
};

/// Between two steps of a walk: some fifty calls a second at most, however long the list is.
inline constexpr std::chrono::milliseconds follower_pace{20};
/// Between the end of a walk and the next look.
inline constexpr std::chrono::seconds look_gap{1};
/// Pages of the list that looks may read: so many at once, and 288 a day. The platform counts these calls.
[[nodiscard]] inline limit_options look_budget() {
  return {.limit = 12, .window_s = 3'600, .burst = 60};
}
/// The waits after failed steps: the first, doubled for each further one, up to the longest.
inline constexpr std::chrono::seconds follow_retry_min{5};
inline constexpr std::chrono::minutes follow_retry_max{10};

/// Reads the whole list when it starts and every push.followers_refresh_s (0: never), one call at a time, and
/// asks the platform only about those whom the store does not know. What it learns is in the store before it
/// goes on, so that after its death the next one passes over it.
///
/// look_for_followers: reads the list now, or as soon as the walk under way has ended, look_gap has passed
/// and look_budget allows it. follower_changed: the mark of a user is set or taken off; a new follower is
/// described at once.
///
/// A refused access token is renewed once for each step. When the day's quota is used up it rests until
/// midnight in China. Somebody whom the platform lists and does not know is left out.
///
/// Status: degraded while a step fails, or while nobody has a unionid.
follower_sync_self::behavior_type
follower_sync(follower_sync_self::stateful_pointer<follower_sync_state> self, services_ptr services,
              app_key app);

} // namespace weappd

WEAPPD_MESSAGE(weappd::tick_follow)
