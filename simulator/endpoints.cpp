#include "simulator/endpoints.hpp"

#include "simulator/json_text.hpp"

#include <array>
#include <string_view>
#include <variant>

namespace weappd::simulator {
namespace {

reply success(const nlohmann::json& body) {
  return {.body = to_text(body)};
}

reply failure(const state& state, errcode code) {
  const auto message = std::string(text_of(code)) + ", rid: " + state.world.make_rid(state.clock.now());
  return success({{"errcode", static_cast<int>(code)}, {"errmsg", message}});
}

reply token_reply(const state& state, const std::variant<token_answer, errcode>& answer) {
  if (const auto* refused = std::get_if<errcode>(&answer))
    return failure(state, *refused);
  const auto& token = std::get<token_answer>(answer);
  return success({{"access_token", token.access_token}, {"expires_in", token.expires_in.count()}});
}

std::string_view param(const request& call, std::string_view name) {
  return find_param(call.query, name).value_or(std::string_view());
}

reply code_to_session(state& state, const request& call) {
  const auto app_id = param(call, "appid");
  const auto app_secret = param(call, "secret");
  const auto code = param(call, "js_code");
  if (app_id.empty())
    return failure(state, errcode::app_id_missing);
  if (app_secret.empty())
    return failure(state, errcode::secret_missing);
  if (code.empty())
    return failure(state, errcode::code_missing);
  if (param(call, "grant_type") != "authorization_code")
    return failure(state, errcode::bad_grant_type);
  const auto answer = state.world.exchange(state.clock.now(), app_id, app_secret, code);
  if (const auto* refused = std::get_if<errcode>(&answer))
    return failure(state, *refused);
  const auto& session = std::get<wechat_world::session>(answer);
  nlohmann::json body{{"openid", session.openid}, {"session_key", session.session_key}};
  if (session.unionid)
    body["unionid"] = *session.unionid;
  return success(body);
}

reply classic_token(state& state, const request& call) {
  if (param(call, "grant_type") != "client_credential")
    return failure(state, errcode::bad_grant_type);
  if (param(call, "appid").empty())
    return failure(state, errcode::app_id_missing);
  if (param(call, "secret").empty())
    return failure(state, errcode::secret_missing);
  return token_reply(
      state, state.world.classic_token(state.clock.now(), param(call, "appid"), param(call, "secret")));
}

std::string text_member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

reply stable_token(state& state, const request& call) {
  const auto body = parse_json(call.body);
  if (!body || !body->is_object())
    return failure(state, errcode::bad_json);
  if (text_member(*body, "grant_type") != "client_credential")
    return failure(state, errcode::bad_grant_type);
  const auto app_id = text_member(*body, "appid");
  const auto app_secret = text_member(*body, "secret");
  if (app_id.empty())
    return failure(state, errcode::app_id_missing);
  if (app_secret.empty())
    return failure(state, errcode::secret_missing);
  const auto force = body->find("force_refresh");
  const bool forced = force != body->end() && force->is_boolean() && force->get<bool>();
  return token_reply(state, state.world.stable_token(state.clock.now(), app_id, app_secret, forced));
}

reply api_addresses(state& state, const request& call) {
  if (const auto refused = state.world.check_token(state.clock.now(), param(call, "access_token")))
    return failure(state, *refused);
  return success({{"ip_list", {"127.0.0.1"}}});
}

struct endpoint {
  std::string_view path;
  std::string_view method;
  reply (*answer)(state&, const request&);
};

constexpr std::array endpoints{
    endpoint{"/sns/jscode2session", "GET", code_to_session},
    endpoint{"/cgi-bin/token", "GET", classic_token},
    endpoint{"/cgi-bin/stable_token", "POST", stable_token},
    endpoint{"/cgi-bin/get_api_domain_ip", "GET", api_addresses},
};

} // namespace

reply answer_wechat(state& state, const request& call) {
  for (const auto& each : endpoints) {
    if (each.path != call.path)
      continue;
    if (each.method != call.method)
      return failure(state, each.method == "GET" ? errcode::get_required : errcode::post_required);
    return each.answer(state, call);
  }
  return failure(state, errcode::unknown_api);
}

} // namespace weappd::simulator
