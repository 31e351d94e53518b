#include "tests/kit/server/mini_program.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace weappd::kit {

nlohmann::json wechat_control::ask(std::string_view method, const std::string& path,
                                   const nlohmann::json& body) {
  const auto answer = http_.request(method, path, method == "GET" ? std::string() : body.dump());
  if (answer.status != 200)
    throw std::runtime_error("the simulator refuses " + path + ": " + answer.body);
  return answer.json();
}

std::string wechat_control::make_code(const std::string& openid, const std::string& unionid,
                                      const std::string& app_id) {
  auto wanted = nlohmann::json::object();
  if (!openid.empty())
    wanted["openid"] = openid;
  if (!unionid.empty())
    wanted["unionid"] = unionid;
  if (!app_id.empty())
    wanted["app_id"] = app_id;
  return ask("POST", "/_sim/codes", wanted).at("code").get<std::string>();
}

void wechat_control::set_fault(std::string_view path, nlohmann::json fault) {
  fault["path"] = path;
  ask("POST", "/_sim/faults", fault);
}

std::uint64_t wechat_control::calls_of(std::string_view path) {
  return ask("GET", "/_sim/calls?path=" + std::string(path), nullptr).at("count").get<std::uint64_t>();
}

void wechat_control::expire_access_tokens() {
  ask("POST", "/_sim/tokens/expire", nlohmann::json::object());
}

void wechat_control::grant(const std::string& openid, const std::string& template_id, int credits) {
  ask("POST", "/_sim/subscriptions",
      {{"openid", openid}, {"template_id", template_id}, {"credits", credits}});
}

std::string wechat_control::set_follows(const std::string& unionid, bool follows) {
  const auto answer = ask("POST", "/_sim/followers", {{"unionid", unionid}, {"follows", follows}});
  return answer.at("changed").at(0).at("openid").get<std::string>();
}

nlohmann::json wechat_control::delivered() {
  return ask("GET", "/_sim/delivered", nullptr).at("items");
}

std::uint64_t wechat_control::count_delivered() {
  return ask("GET", "/_sim/delivered", nullptr).at("count").get<std::uint64_t>();
}

void wechat_control::set_quota(std::string_view path, nlohmann::json quota) {
  quota["path"] = path;
  ask("POST", "/_sim/quotas", quota);
}

void wechat_control::advance_clock(std::chrono::seconds by) {
  ask("POST", "/_sim/clock", {{"advance_s", by.count()}});
}

http_response mini_program::login(const std::string& code, nlohmann::json more) {
  more["code"] = code;
  auto answer = http_.post_json("/api/v1/auth/login", more);
  keep(answer);
  return answer;
}

http_response mini_program::refresh() {
  auto answer = refresh_with(refresh_token);
  keep(answer);
  return answer;
}

http_response mini_program::refresh_with(const std::string& other_token) {
  return http_.post_json("/api/v1/auth/refresh", {{"refresh_token", other_token}});
}

http_response mini_program::change_me(const nlohmann::json& change) {
  return request("PATCH", "/api/v1/users/me", change.dump());
}

http_response mini_program::close_session(const std::string& id) {
  return request("DELETE", "/api/v1/auth/sessions/" + id);
}

http_response mini_program::logout(const nlohmann::json& body) {
  return request("POST", "/api/v1/auth/logout", body.dump());
}

http_response mini_program::request(std::string_view method, std::string_view path, std::string_view body,
                                    field_list headers) {
  const bool has_own =
      std::ranges::any_of(headers, [](const auto& field) { return field.first == "Authorization"; });
  if (!access_token.empty() && !has_own)
    headers.emplace_back("Authorization", "Bearer " + access_token);
  return http_.request(method, path, body, headers);
}

void mini_program::keep(const http_response& answer) {
  if (answer.status != 200)
    return;
  const auto data = answer.json().at("data");
  access_token = data.at("access_token").get<std::string>();
  refresh_token = data.at("refresh_token").get<std::string>();
  session_id = data.at("session_id").get<std::string>();
  if (data.contains("user"))
    user_id = data.at("user").at("id").get<std::string>();
}

} // namespace weappd::kit
