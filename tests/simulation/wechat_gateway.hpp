#pragma once

#include "messages/actors.hpp"
#include "messages/fwd.hpp"
#include "tests/simulation/checks/token_fetches.hpp"
#include "tests/simulation/pretended_wechat.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

namespace weappd::simulation {

/// To itself: the half of a call is over.
struct tick_call {
  std::uint64_t number = 0;
};

using simulated_gateway_actor = wechat_gateway_actor::extend<caf::reacts_to<tick_call>>;

struct simulated_gateway_state {
  static inline const char* name = "simulated_gateway";
  std::map<std::uint64_t, std::function<void()>> due;
  std::uint64_t numbers = 0;
};

/// What the gateway works with; all of it outlives the actor.
struct gateway_parts {
  pretended_wechat& wechat;
  token_fetches& fetches;
  const wall_clock& wall;
  std::function<std::uint64_t(const caf::abstract_actor&)> number_of; ///< as token_fetches knows it
};

/// The way to the pretended WeChat and back: each call arrives there after a while, and its answer here after
/// another one. Who waits for a gateway that dies hears `overloaded`.
simulated_gateway_actor::behavior_type
simulated_gateway(simulated_gateway_actor::stateful_pointer<simulated_gateway_state> self,
                  gateway_parts parts);

} // namespace weappd::simulation

WEAPPD_MESSAGE(weappd::simulation::tick_call)
