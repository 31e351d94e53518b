#pragma once

#include "messages/fwd.hpp"
#include "messages/meter/actor_meter.hpp"

#include <caf/actor.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

/// What operators may ask of a running server.
namespace weappd {

/// What came of reading the configuration again. With a problem nothing was applied.
struct reload_report {
  std::vector<std::string> problems;      ///< "limits.login.limit: ...", all of them
  std::vector<std::string> applied;       ///< options, or entries, that have changed and are in force now
  std::vector<std::string> needs_restart; ///< those that have changed and are not
};

/// Write log lines of this level and above from now on, until the next start or reload. Answer: done.
struct set_log_level {
  std::string level; ///< as in log.level; has been checked
};

/// From now on readyz fails and answers say Connection: close, yet everything is served: so that whoever
/// balances load sends clients elsewhere. Answer: done.
struct begin_drain {};

/// All actors that are supervised. Answer: child_list.
struct list_children {};
struct child_info {
  std::string name;                ///< "session_router/2"
  caf::actor handle;               ///< null between a death and a restart; answers get_status
  std::uint64_t restarts = 0;      ///< since the server started
  std::uint32_t recent_deaths = 0; ///< within the last minute
  meter_ptr meter;                 ///< null: it is dead, or was not spawned with a meter
  meter_totals before;             ///< of those that were here before it
  bool retired = false;            ///< its place in the pool is gone: only what was done there counts
};
struct child_list {
  std::vector<child_info> children; ///< in the order of their start
};

/// The first `size` workers of this pool shall live: the others of them are started, which is done when the
/// answer comes; those beyond end a moment later, so that nobody who has just found one asks in vain. Answer:
/// done.
struct resize_pool {
  std::string role;
  std::size_t size = 0;
};

/// So many messages may wait for each actor from now on (pools.queue_limit). Answer: done.
struct limit_queues {
  std::uint64_t messages = 0;
};

/// To the pool sizer: which pools may be resized by their load, or how, may be another now.
struct pools_changed {};

/// Read the configuration again and apply what can be applied. Answer: reload_report.
struct reload_configuration {};

} // namespace weappd

WEAPPD_MESSAGE(weappd::reload_report)
WEAPPD_MESSAGE(weappd::reload_configuration)
WEAPPD_MESSAGE(weappd::set_log_level)
WEAPPD_MESSAGE(weappd::begin_drain)
WEAPPD_MESSAGE(weappd::resize_pool)
WEAPPD_MESSAGE(weappd::limit_queues)
WEAPPD_MESSAGE(weappd::pools_changed)
WEAPPD_MESSAGE(weappd::list_children)
WEAPPD_MESSAGE(weappd::child_list)
