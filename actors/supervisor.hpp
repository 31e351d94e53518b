#pragma once

#include "actors/logic/restart_plan.hpp"
#include "actors/services.hpp"
#include "messages/actors.hpp"
#include "messages/fwd.hpp"
#include "messages/meter/actor_meter.hpp"

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/error.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

/// Starts the services, starts them again when they die, and ends them in order.
namespace weappd {

/// One service: how it is called in logs, and how it is made.
struct child_spec {
  std::string name; ///< "session_router/2"
  /// Spawns the actor and publishes its handle. Called again after each death. May throw, which counts as a
  /// death.
  std::function<caf::actor(caf::actor_system&)> start;
  bool at_start = true; ///< false: not before resize_pool wants it
};

/// To itself: start that child again; the child has had its time to end.
struct tick_restart {
  std::size_t child = 0;
};
struct tick_stop_patience {
  std::size_t child = 0;
};
/// To itself: nobody can still be about to ask that child, unless it was wanted again since.
struct tick_retire {
  std::size_t child = 0;
  std::uint32_t retirement = 0;
};

/// What a supervisor really takes; everybody else sees a supervisor_actor.
using supervisor_self =
    supervisor_actor::extend<caf::reacts_to<tick_restart>, caf::reacts_to<tick_stop_patience>,
                             caf::reacts_to<tick_retire>>;

struct supervised_child {
  child_spec spec;
  caf::actor handle; ///< null: dead, or not started
  meter_ptr meter;   ///< its own, while it lives
  meter_totals past; ///< of those before it
  restart_plan plan;
  std::uint64_t restarts = 0;
  bool wanted = true;            ///< false: not started, or about to end
  bool leaving = false;          ///< was told to end
  std::uint32_t retirements = 0; ///< how often it has become unwanted
};

struct supervisor_state {
  static inline const char* name = "supervisor";

  services_ptr services;
  std::vector<supervised_child> children;
  std::uint64_t queue_limit = 0;
  std::optional<caf::error> stopping; ///< why

  supervisor_state() = default;
  supervisor_state(const supervisor_state&) = delete;
  supervisor_state& operator=(const supervisor_state&) = delete;
  /// However a supervisor ends, nobody it started lives on.
  ~supervisor_state();
};

/// How long a child may take to end before it is killed and the next one is asked: longer than a call of
/// WeChat, which a pusher waits for.
inline constexpr std::chrono::seconds max_stop_time{8};

/// How long a worker whose place in its pool is gone still answers.
inline constexpr std::chrono::seconds retire_after{2};

/// Starts the children in their order before it takes its first message: an answer to get_status means that
/// all were started. One that dies is started again as restart_plan says, for ever. An exit message ends them
/// one after the other, the last one first, each after it has worked off its mailbox, and then the
/// supervisor.
///
/// For a child that has a meter at most pools.queue_limit messages wait. A request that is one too many is
/// answered with `overloaded` before it gets into the mailbox.
///
/// Status: down while a child is dead and waits for its start; degraded while one has died often in the last
/// minute; the detail names them.
supervisor_self::behavior_type supervisor(supervisor_self::stateful_pointer<supervisor_state> self,
                                          services_ptr services, std::vector<child_spec> children);

} // namespace weappd

WEAPPD_MESSAGE(weappd::tick_restart)
WEAPPD_MESSAGE(weappd::tick_stop_patience)
WEAPPD_MESSAGE(weappd::tick_retire)
