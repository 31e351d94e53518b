#pragma once

#include "simulator/exchange.hpp"
#include "simulator/state.hpp"

#include <string_view>

namespace weappd::simulator {

/// Paths that begin so belong to the control interface and never to WeChat.
inline constexpr std::string_view control_prefix = "/_sim/";

/// The control interface: makes login codes, sets faults, shows calls, ends tokens, moves the clock, forgets
/// everything. README.md has the calls. Wrong input: 400 `{"error":"..."}` that names the field.
reply answer_control(state& state, const request& call);

} // namespace weappd::simulator
