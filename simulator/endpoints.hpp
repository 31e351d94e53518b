#pragma once

#include "simulator/exchange.hpp"
#include "simulator/state.hpp"

namespace weappd::simulator {

/// WeChat's own answer to a call of its API: HTTP 200 always, errors as `errcode` and `errmsg`.
reply answer_wechat(state& state, const request& call);

} // namespace weappd::simulator
