#include "simulator/control.hpp"

#include "simulator/json_text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>

namespace weappd::simulator {
namespace {

reply answer(int status, const nlohmann::json& body) {
  return {.status = status, .body = to_text(body)};
}
reply refuse(std::string_view why) {
  return answer(400, {{"error", why}});
}

/// Reads the members of a control call one by one and remembers the first thing that is wrong.
class body_reader {
public:
  body_reader(const std::string& text, std::initializer_list<std::string_view> known) {
    if (text.empty()) {
      body_ = nlohmann::json::object();
      return;
    }
    auto parsed = parse_json(text);
    if (!parsed || !parsed->is_object()) {
      fail("body", "must be a JSON object");
      return;
    }
    body_ = std::move(*parsed);
    for (const auto& [name, value] : body_.items())
      if (std::find(known.begin(), known.end(), name) == known.end())
        fail(name, "is not known here");
  }

  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
  [[nodiscard]] bool has(const char* name) const { return body_.contains(name); }
  void fail(std::string_view name, std::string_view what) {
    if (problem_.empty())
      problem_ = std::string(name) + ": " + std::string(what);
  }

  std::optional<std::string> text(const char* name) {
    constexpr std::size_t max_length = 256;
    if (!has(name))
      return std::nullopt;
    const auto& value = body_[name];
    if (value.is_string()) {
      auto out = value.get<std::string>();
      if (!out.empty() && out.size() <= max_length)
        return out;
    }
    fail(name, "must be a string of 1 to 256 bytes");
    return std::nullopt;
  }

  std::optional<std::int64_t> number(const char* name, std::int64_t min, std::int64_t max) {
    if (!has(name))
      return std::nullopt;
    const auto& value = body_[name];
    if (value.is_number_integer() &&
        (!value.is_number_unsigned() || value.get<std::uint64_t>() <= INT64_MAX)) {
      const auto out = value.get<std::int64_t>();
      if (out >= min && out <= max)
        return out;
    }
    fail(name, "must be an integer from " + std::to_string(min) + " to " + std::to_string(max));
    return std::nullopt;
  }

  bool flag(const char* name) {
    if (!has(name))
      return false;
    if (!body_[name].is_boolean())
      fail(name, "must be true or false");
    return body_[name].is_boolean() && body_[name].get<bool>();
  }

  const nlohmann::json& member(const char* name) { return body_[name]; }

private:
  nlohmann::json body_ = nlohmann::json::object();
  std::string problem_;
};

reply make_code(state& state, const request& call) {
  body_reader body(call.body, {"openid", "unionid", "app_id"});
  const auto app_id = body.text("app_id");
  auto openid = body.text("openid");
  auto unionid = body.text("unionid");
  if (!body.problem().empty())
    return refuse(body.problem());
  const auto made = state.world.make_code(state.clock.now(), app_id, std::move(openid), std::move(unionid));
  if (!made)
    return refuse("app_id: no such app");
  return answer(200, {{"code", made->code}, {"openid", made->openid}});
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
  const auto path = body.text("path");
  if (!path)
    body.fail("path", "is missing");
  else if (!path->starts_with('/') || path->starts_with(control_prefix) ||
           path->find_first_of("?# ") != std::string::npos)
    body.fail("path", "must be a path of the WeChat API, such as /sns/jscode2session");
  if (!body.has("times"))
    body.fail("times", "is missing");
  auto fault = read_fault(body);
  if (body.problem().empty() && fault.times != 0 && fault.only_delays() && fault.delay.count() == 0)
    body.fail("answer", "one of answer, status, delay_ms and reset is needed");
  if (!body.problem().empty())
    return refuse(body.problem());
  if (!state.faults.set(*path, std::move(fault)))
    return refuse("path: too many faults, or too large ones, are set already");
  return answer(200, nlohmann::json::object());
}

reply show_calls(state& state, const request& call) {
  const auto path = find_param(call.query, "path");
  return answer(200, state.calls.report(path && !path->empty() ? path : std::nullopt));
}

reply expire_tokens(state& state, const request& call) {
  body_reader body(call.body, {"app_id"});
  const auto app_id = body.text("app_id");
  if (!body.problem().empty())
    return refuse(body.problem());
  const auto count = state.world.expire_tokens(state.clock.now(), app_id);
  if (!count)
    return refuse("app_id: no such app");
  return answer(200, {{"expired", *count}});
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
    return refuse(body.problem());
  state.clock.advance(std::chrono::seconds(*seconds));
  return answer(200, {{"now", to_rfc3339(state.clock.now())}});
}

reply forget_everything(state& state, const request&) {
  state.reset();
  return answer(200, nlohmann::json::object());
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
    control_call{"/_sim/state", "DELETE", forget_everything},
};

} // namespace

reply answer_control(state& state, const request& call) {
  for (const auto& each : control_calls) {
    if (each.path != call.path)
      continue;
    if (each.method != call.method)
      return answer(405, {{"error", "method: " + std::string(each.method) + " is needed here"}});
    return each.answer(state, call);
  }
  return answer(404, {{"error", "path: no such control call"}});
}

} // namespace weappd::simulator
