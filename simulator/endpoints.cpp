#include "simulator/endpoints.hpp"

#include "simulator/endpoint_kit.hpp"
#include "simulator/follower_endpoints.hpp"
#include "simulator/json_text.hpp"
#include "simulator/message_endpoints.hpp"
#include "simulator/random_text.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

namespace weappd::simulator {
namespace {

reply token_reply(const state& state, const std::variant<token_answer, errcode>& answer) {
  if (const auto* refused = std::get_if<errcode>(&answer))
    return failure(state, *refused);
  const auto& token = std::get<token_answer>(answer);
  return success({{"access_token", token.access_token}, {"expires_in", token.expires_in.count()}});
}

struct login_arguments {
  std::string_view app_id, app_secret, code;
};

/// What both kinds of logins ask first; nothing to be said against it: no reply.
std::optional<reply> refuse_login(state& state, const request& call, const login_arguments& given) {
  if (given.app_id.empty())
    return failure(state, errcode::app_id_missing);
  if (given.app_secret.empty())
    return failure(state, errcode::secret_missing);
  if (given.code.empty())
    return failure(state, errcode::code_missing);
  if (param(call, "grant_type") != "authorization_code")
    return failure(state, errcode::bad_grant_type);
  return refuse_over_quota(state, given.app_id, call.path);
}

reply code_to_session(state& state, const request& call) {
  const login_arguments given{param(call, "appid"), param(call, "secret"), param(call, "js_code")};
  if (auto refused = refuse_login(state, call, given))
    return std::move(*refused);
  const auto answer = state.world.exchange(state.clock.now(), app_kind::mini_program, given.app_id,
                                           given.app_secret, given.code);
  if (const auto* refused = std::get_if<errcode>(&answer))
    return failure(state, *refused);
  const auto& session = std::get<wechat_world::session>(answer);
  nlohmann::json body{{"openid", session.openid}, {"session_key", session.session_key}};
  if (session.unionid)
    body["unionid"] = *session.unionid;
  return success(body);
}

// The tokens of a user open nothing here: no endpoint that takes them is pretended.
reply code_to_user_token(state& state, const request& call) {
  constexpr std::size_t token_characters = 128;
  const login_arguments given{param(call, "appid"), param(call, "secret"), param(call, "code")};
  if (auto refused = refuse_login(state, call, given))
    return std::move(*refused);
  const auto answer = state.world.exchange(state.clock.now(), app_kind::official_account, given.app_id,
                                           given.app_secret, given.code);
  if (const auto* refused = std::get_if<errcode>(&answer))
    return failure(state, *refused);
  const auto& session = std::get<wechat_world::session>(answer);
  nlohmann::json body{{"access_token", "91_" + random_name(*state.random, token_characters)},
                      {"expires_in", token_vault::life.count()},
                      {"refresh_token", "91_" + random_name(*state.random, token_characters)},
                      {"openid", session.openid},
                      {"scope", "snsapi_userinfo"}};
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
  if (auto over = refuse_over_quota(state, param(call, "appid"), call.path))
    return std::move(*over);
  return token_reply(
      state, state.world.classic_token(state.clock.now(), param(call, "appid"), param(call, "secret")));
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
  if (auto over = refuse_over_quota(state, app_id, call.path))
    return std::move(*over);
  const auto force = body->find("force_refresh");
  const bool forced = force != body->end() && force->is_boolean() && force->get<bool>();
  return token_reply(state, state.world.stable_token(state.clock.now(), app_id, app_secret, forced));
}

reply api_addresses(state& state, const request& call) {
  auto caller = admit(state, call);
  if (auto* refused = std::get_if<reply>(&caller))
    return std::move(*refused);
  return success({{"ip_list", {"127.0.0.1"}}});
}

struct endpoint {
  std::string_view path;
  std::string_view method;
  reply (*answer)(state&, const request&);
};

constexpr std::array endpoints{
    endpoint{"/sns/jscode2session", "GET", code_to_session},
    endpoint{"/sns/oauth2/access_token", "GET", code_to_user_token},
    endpoint{"/cgi-bin/token", "GET", classic_token},
    endpoint{"/cgi-bin/stable_token", "POST", stable_token},
    endpoint{"/cgi-bin/get_api_domain_ip", "GET", api_addresses},
    endpoint{"/cgi-bin/message/subscribe/send", "POST", subscribe_send},
    endpoint{"/cgi-bin/message/template/send", "POST", template_send},
    endpoint{"/wxaapi/newtmpl/gettemplate", "GET", list_templates},
    endpoint{"/cgi-bin/user/get", "GET", list_followers},
    endpoint{"/cgi-bin/user/info/batchget", "POST", describe_followers},
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
