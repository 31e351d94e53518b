#pragma once

#include "actors/services.hpp"
#include "messages/actors.hpp"
#include "messages/fwd.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

/// Forgets what is over. Options: push.keep_days and auth.idempotency_s of config/options.hpp.
namespace weappd {

/// To itself: the next step.
struct tick_tidy {};

/// What a housekeeper really takes; everybody else sees a housekeeper_actor.
using housekeeper_self = housekeeper_actor::extend<caf::reacts_to<tick_tidy>>;

struct housekeeper_state {
  static inline const char* name = "housekeeper";

  services_ptr services;
  std::size_t forgotten = 0; ///< rows, since it looked for them
  bool failed = false;       ///< the last step
};

/// Between two looks, between two steps of one look, and rows of each kind in one step: so a step takes the
/// writer a few milliseconds, and what others write passes between two of them.
inline constexpr std::chrono::minutes tidy_interval{5};
inline constexpr std::chrono::milliseconds tidy_pause{200};
inline constexpr std::uint32_t tidy_rows = 500;

/// Every few minutes it has the store forget messages that ended push.keep_days ago, answers kept for longer
/// than auth.idempotency_s, and guards that are over: one step at a time with a pause after it, until there
/// is no more. After an error it waits for its next look; nothing depends on it being in time.
///
/// Status: degraded while the last step failed.
housekeeper_self::behavior_type housekeeper(housekeeper_self::stateful_pointer<housekeeper_state> self,
                                            services_ptr services);

} // namespace weappd

WEAPPD_MESSAGE(weappd::tick_tidy)
