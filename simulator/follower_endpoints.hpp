#pragma once

#include "simulator/exchange.hpp"
#include "simulator/state.hpp"

namespace weappd::simulator {

/// cgi-bin/user/get: the openids of an official account's followers, page by page.
reply list_followers(state& state, const request& call);

/// cgi-bin/user/info/batchget: whether people follow, and their unionids.
reply describe_followers(state& state, const request& call);

} // namespace weappd::simulator
