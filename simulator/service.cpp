#include "simulator/service.hpp"

#include "simulator/control.hpp"
#include "simulator/endpoints.hpp"

#include <utility>

namespace weappd::simulator {

reply answer_request(state& state, const request& call) {
  if (call.path.starts_with(control_prefix))
    return answer_control(state, call);
  state.calls.add(state.clock.now(), call);
  auto fault = state.faults.take(call.path);
  if (!fault)
    return answer_wechat(state, call);
  if (!fault->only_delays())
    return answer_of(std::move(*fault), call.path);
  auto late = answer_wechat(state, call);
  late.delay = fault->delay;
  return late;
}

} // namespace weappd::simulator
