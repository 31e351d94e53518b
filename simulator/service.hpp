#pragma once

#include "simulator/exchange.hpp"
#include "simulator/state.hpp"

namespace weappd::simulator {

/// The answer to any request: of the control interface, of a fault, or of the pretended WeChat. Everything
/// but control calls is written to the call log.
reply answer_request(state& state, const request& call);

} // namespace weappd::simulator
