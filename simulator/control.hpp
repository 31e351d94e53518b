#pragma once

#include "simulator/control_body.hpp"
#include "simulator/exchange.hpp"
#include "simulator/state.hpp"

namespace weappd::simulator {

/// The control interface: makes login codes, grants consents, sets faults and quotas, shows calls and
/// messages, ends tokens, moves the clock, forgets everything. README.md has the calls. Wrong input: 400
/// `{"error":"..."}` that names the field.
reply answer_control(state& state, const request& call);

} // namespace weappd::simulator
