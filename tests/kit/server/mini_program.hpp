#pragma once

#include "tests/kit/net/raw_http.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace weappd::kit {

inline constexpr std::string_view code_exchange = "/sns/jscode2session";
inline constexpr std::string_view token_fetch = "/cgi-bin/stable_token";
inline constexpr std::string_view subscribe_send = "/cgi-bin/message/subscribe/send";
inline constexpr std::string_view follower_list = "/cgi-bin/user/get";
inline constexpr std::string_view template_send = "/cgi-bin/message/template/send";

/// The pretended WeChat from outside: its control interface. Every call throws std::runtime_error with the
/// simulator's words if it refuses.
class wechat_control {
public:
  explicit wechat_control(std::uint16_t port) : http_(port) {}

  /// A fresh login code, as wx.login gives it on the phone of that user; without an openid: of a new user.
  std::string make_code(const std::string& openid = {}, const std::string& unionid = {},
                        const std::string& app_id = {});
  /// The next calls of `path` get this: members as in the control interface ("times", "answer", "status"
  /// ...).
  void set_fault(std::string_view path, nlohmann::json fault);
  void clear_fault(std::string_view path) { set_fault(path, {{"times", 0}}); }
  /// How often `path` was called.
  std::uint64_t calls_of(std::string_view path);
  /// Every access token stops working now.
  void expire_access_tokens();
  /// The user accepts: that many sends of a one-time template, or a long-term one.
  void grant(const std::string& openid, const std::string& template_id, int credits = 1);
  /// Whoever has this unionid follows the official accounts, or leaves them. Gives the openid at the first
  /// one.
  std::string set_follows(const std::string& unionid, bool follows);
  /// What users' phones show: {"openid","template_id","data","at","client_msg_id"?} each.
  nlohmann::json delivered();
  std::uint64_t count_delivered();
  void set_quota(std::string_view path, nlohmann::json quota);
  void advance_clock(std::chrono::seconds by);

private:
  nlohmann::json ask(std::string_view method, const std::string& path, const nlohmann::json& body);

  http_client http_;
};

/// A mini program on somebody's phone: speaks to the server and keeps the tokens that it was given.
class mini_program {
public:
  explicit mini_program(std::uint16_t port, std::chrono::milliseconds patience = std::chrono::seconds(10))
      : http_(port, patience) {}

  /// POST /api/v1/auth/login; `more` are further members of the body.
  http_response login(const std::string& code, nlohmann::json more = nlohmann::json::object());
  /// POST /api/v1/auth/refresh with the newest refresh token.
  http_response refresh();
  /// The same with another one; the answer is not kept.
  http_response refresh_with(const std::string& refresh_token);
  http_response me() { return get("/api/v1/users/me"); }
  http_response change_me(const nlohmann::json& change);
  http_response sessions() { return get("/api/v1/auth/sessions"); }
  http_response close_session(const std::string& id);
  http_response logout(const nlohmann::json& body = nlohmann::json::object());

  /// Any request, with the access token if there is one and the headers do not bring their own Authorization.
  http_response request(std::string_view method, std::string_view path, std::string_view body = {},
                        field_list headers = {});
  http_response get(std::string_view path, const field_list& headers = {}) {
    return request("GET", path, {}, headers);
  }

  // Of the newest answer that brought them; a test may put others here.
  std::string access_token{};
  std::string refresh_token{};
  std::string session_id{};
  std::string user_id{};

private:
  void keep(const http_response& answer);

  http_client http_;
};

} // namespace weappd::kit
