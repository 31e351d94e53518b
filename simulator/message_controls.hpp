#pragma once

#include "simulator/exchange.hpp"
#include "simulator/state.hpp"

/// The control calls about messages and those who get them. README.md has what they take and answer.
namespace weappd::simulator {

reply set_subscription(state& state, const request& call);
reply set_follower(state& state, const request& call);
reply set_quota(state& state, const request& call);
reply show_delivered(state& state, const request& call);
reply forget_delivered(state& state, const request& call);

} // namespace weappd::simulator
