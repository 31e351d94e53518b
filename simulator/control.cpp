#include "simulator/control.hpp"

#include "simulator/control_body.hpp"
#include "simulator/json_text.hpp"
#include "simulator/message_controls.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace weappd::simulator {
namespace {

reply make_code(state& state, const request& call) {
  body_reader body(call.body, {"openid", "unionid", "app_id"});
  const auto app_id = body.text("app_id");
  auto openid = body.text("openid");
  const auto unionid = body.text("unionid");
  if (!body.problem().empty())
    return refuse_control(body.problem());
  const auto made = state.world.make_code(state.clock.now(), app_id, std::move(openid), unionid);
  if (!made)
    return refuse_control("app_id: no such app");
  return control_answer(200, {{"code", made->code}, {"openid", made->openid}});
}

fault read_fault(body_reader& body) {
  constexpr std::int64_t max_times = 1'000'000'000;
  constexpr std::int64_t max_delay_ms = 600'000;
  fault out;
  out.times = static_cast<int>(body.number("times", fault::forever, max_times).value_or(0));
  if (const auto status = body.number("status", 200, 599))
    out.status = static_cast<int>(*status);
  out.delay = std::chrono::milliseconds(body.number("delay_ms", 0, max_delay_ms).value_or(0));
  out.reset = body.flag("reset");
  if (body.has("answer")) {
    const auto& given = body.member("answer");
    out.body_is_text = given.is_string();
    if (given.is_object())
      out.body = to_text(given);
    else if (given.is_string())
      out.body = given.get<std::string>();
    else
      body.fail("answer", "must be an object, or a string for a raw body");
  }
  return out;
}

reply set_fault(state& state, const request& call) {
  body_reader body(call.body, {"path", "times", "answer", "status", "delay_ms", "reset"});
  const auto path = body.api_path("path");
  if (!body.has("times"))
    body.fail("times", "is missing");
  auto fault = read_fault(body);
  if (body.problem().empty() && fault.times != 0 && fault.only_delays() && fault.delay.count() == 0)
    body.fail("answer", "one of answer, status, delay_ms and reset is needed");
  if (!body.problem().empty())
    return refuse_control(body.problem());
  if (!state.faults.set(*path, std::move(fault)))
    return refuse_control("path: too many faults, or too large ones, are set already");
  return control_answer(200, nlohmann::json::object());
}

reply show_calls(state& state, const request& call) {
  const auto path = find_param(call.query, "path");
  return control_answer(200, state.calls.report(path && !path->empty() ? path : std::nullopt));
}

reply expire_tokens(state& state, const request& call) {
  body_reader body(call.body, {"app_id"});
  const auto app_id = body.text("app_id");
  if (!body.problem().empty())
    return refuse_control(body.problem());
  const auto count = state.world.expire_tokens(state.clock.now(), app_id);
  if (!count)
    return refuse_control("app_id: no such app");
  return control_answer(200, {{"expired", *count}});
}

reply move_clock(state& state, const request& call) {
  constexpr std::int64_t ten_years_s = 315'360'000;
  body_reader body(call.body, {"advance_s"});
  const auto seconds = body.number("advance_s", 0, ten_years_s);
  if (!seconds)
    body.fail("advance_s", "is missing");
  else if (state.clock.ahead().count() + *seconds > ten_years_s)
    body.fail("advance_s", "the clock would be more than ten years ahead");
  if (!body.problem().empty())
    return refuse_control(body.problem());
  state.clock.advance(std::chrono::seconds(*seconds));
  return control_answer(200, {{"now", to_rfc3339(state.clock.now())}});
}

reply forget_everything(state& state, const request&) {
  state.reset();
  return control_answer(200, nlohmann::json::object());
}

struct control_call {
  std::string_view path;
  std::string_view method;
  reply (*answer)(state&, const request&);
};

constexpr std::array control_calls{
    control_call{"/_sim/codes", "POST", make_code},
    control_call{"/_sim/faults", "POST", set_fault},
    control_call{"/_sim/calls", "GET", show_calls},
    control_call{"/_sim/tokens/expire", "POST", expire_tokens},
    control_call{"/_sim/clock", "POST", move_clock},
    control_call{"/_sim/subscriptions", "POST", set_subscription},
    control_call{"/_sim/followers", "POST", set_follower},
    control_call{"/_sim/quotas", "POST", set_quota},
    control_call{"/_sim/delivered", "GET", show_delivered},
    control_call{"/_sim/delivered", "DELETE", forget_delivered},
    control_call{"/_sim/state", "DELETE", forget_everything},
};

} // namespace

reply answer_control(state& state, const request& call) {
  const control_call* other_method = nullptr;
  for (const auto& each : control_calls) {
    if (each.path != call.path)
      continue;
    if (each.method == call.method)
      return each.answer(state, call);
    other_method = &each;
  }
  if (other_method)
    return control_answer(405,
                          {{"error", "method: " + std::string(other_method->method) + " is needed here"}});
  return control_answer(404, {{"error", "path: no such control call"}});
}

} // namespace weappd::simulator
