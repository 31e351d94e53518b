#pragma once

#include <caf/logger.hpp>

namespace weappd {

/// A thread that made an actor system or a scoped actor keeps a reference to the system's logger, and
/// ~actor_system waits until that is gone. This lets go of it, so that another thread may stop the daemon.
struct release_logger {
  ~release_logger() { caf::logger::set_current_actor_system(nullptr); }
};

} // namespace weappd
