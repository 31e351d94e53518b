#pragma once

#include "messages/actors.hpp"

#include <caf/actor_system.hpp>

#include <functional>
#include <string>

namespace weappd {

/// What the operator desk can do to the server that it is in.
struct operator_actions {
  std::function<reload_report()> reload;
  std::function<void(const std::string& level)> set_log_level;
  std::function<void()> drain;
};

/// On a thread of its own, one thing after the other.
operator_desk_actor spawn_operator_desk(caf::actor_system& system, operator_actions actions);

} // namespace weappd
