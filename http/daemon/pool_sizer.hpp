#pragma once

#include "actors/logic/pool_sizing.hpp"
#include "messages/actors.hpp"
#include "messages/directory.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

/// Makes pools larger or smaller by what their workers measure. Options: pools.*_max, pools.target_wait_ms
/// and pools.shrink_after_s of config/options.hpp. When is decided by actors/logic/pool_sizing.
namespace weappd {

/// A pool that may be resized by its load.
struct sized_pool {
  std::string role; ///< "rate_limiter"
  std::size_t size = 1;
  pool_sizing_rules rules;
};

/// What the pool sizer knows of the server that it is in, and can do to it.
struct pool_sizer_actions {
  /// As they are at this moment; none: there is nothing to do until pools_changed.
  std::function<std::vector<sized_pool>()> pools;
  /// May wait for the workers.
  std::function<void(const std::string& role, std::size_t size)> resize;
};

/// To itself: look at the pools. A timer that is not the newest one does nothing.
struct tick_pool_look {
  std::uint64_t timer = 0;
};

inline constexpr std::chrono::seconds pool_look_interval{1};

/// What a pool sizer really takes; everybody else sees a pool_sizer_actor.
using pool_sizer_self = pool_sizer_actor::extend<caf::reacts_to<tick_pool_look>>;

struct pool_sizer_state {
  static inline const char* name = "pool_sizer";
  directory_ptr peers;
  pool_sizer_actions actions;
  std::uint64_t timer = 0;
  std::map<std::string, pool_sizing> of; ///< by role
};

/// Looks at the pools once a second while there are any that may be resized, and not at all otherwise. The
/// supervisor is asked for what their workers measure.
pool_sizer_self::behavior_type pool_sizer(pool_sizer_self::stateful_pointer<pool_sizer_state> self,
                                          directory_ptr peers, pool_sizer_actions actions);

/// On a thread of its own, because a resize waits for the workers.
pool_sizer_actor spawn_pool_sizer(caf::actor_system& system, directory_ptr peers, pool_sizer_actions actions);

} // namespace weappd

WEAPPD_MESSAGE(weappd::tick_pool_look)
