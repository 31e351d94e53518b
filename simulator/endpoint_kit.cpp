#include "simulator/endpoint_kit.hpp"

#include "simulator/json_text.hpp"

namespace weappd::simulator {
namespace {

reply failure_reply(const state& state, errcode code, std::string message) {
  message += " rid: " + state.world.make_rid(state.clock.now());
  return success({{"errcode", static_cast<int>(code)}, {"errmsg", std::move(message)}});
}

} // namespace

reply success(const nlohmann::json& body) {
  return {.body = to_text(body)};
}

reply failure(const state& state, errcode code) {
  return failure_reply(state, code, std::string(text_of(code)) + ',');
}

reply failure(const state& state, errcode code, std::string_view words) {
  return failure_reply(state, code, std::string(words));
}

std::string_view param(const request& call, std::string_view name) {
  return find_param(call.query, name).value_or(std::string_view());
}

std::string text_member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<reply> refuse_over_quota(state& state, std::string_view app_id, const std::string& path) {
  if (!state.world.find_known(app_id))
    return std::nullopt;
  const auto over = state.limits.count(state.clock.now(), app_id, path);
  return over ? std::optional(failure(state, *over)) : std::nullopt;
}

std::variant<const app*, reply> admit(state& state, const request& call) {
  const auto owner = state.world.app_of_token(state.clock.now(), param(call, "access_token"));
  if (const auto* refused = std::get_if<errcode>(&owner))
    return failure(state, *refused);
  const auto* caller = std::get<const app*>(owner);
  if (auto over = refuse_over_quota(state, caller->app_id, call.path))
    return std::move(*over);
  return caller;
}

std::variant<const app*, reply> admit(state& state, const request& call, app_kind kind) {
  auto caller = admit(state, call);
  if (const auto* const* admitted = std::get_if<const app*>(&caller); admitted && (*admitted)->kind != kind)
    return failure(state, errcode::wrong_kind_of_app);
  return caller;
}

} // namespace weappd::simulator
