#pragma once

#include "simulator/json_text.hpp"
#include "simulator/service.hpp"
#include "tests/unit/simulator/fixed_random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weappd::simulator {

inline std::vector<app> message_apps() {
  return {{.app_id = "wx_mini",
           .app_secret = secret("s"),
           .templates = {{.id = "paid", .title = "Paid", .fields = {"character_string1", "thing4"}},
                         {.id = "ready",
                          .title = "Ready",
                          .long_term = true,
                          .fields = {"enum_string2"},
                          .choices = {{"enum_string2", {"A", "B"}}}}}},
          {.app_id = "wx_oa",
           .app_secret = secret("s"),
           .kind = app_kind::official_account,
           .templates = {{.id = "order", .title = "Order", .fields = {"thing1"}}}},
          {.app_id = "wx_other", .app_secret = secret("s")}};
}

/// Messages over the API, without sockets. The base clock stands still.
class message_fixture : public testing::Test {
protected:
  reply call(std::string_view method, std::string_view target, std::string body = {}) {
    return answer_request(memory, make_request(method, target, std::move(body)));
  }
  nlohmann::json get(std::string_view target) { return parse_json(call("GET", target).body).value(); }
  nlohmann::json post(std::string_view target, const nlohmann::json& body) {
    return parse_json(call("POST", target, body.dump()).body).value();
  }
  std::string token(const std::string& app_id) {
    return post("/cgi-bin/stable_token",
                {{"grant_type", "client_credential"}, {"appid", app_id}, {"secret", "s"}})
        .at("access_token")
        .get<std::string>();
  }
  std::string with_token(const std::string& path, const std::string& app_id) {
    return path + "?access_token=" + token(app_id);
  }
  std::string join(const std::string& app_id, nlohmann::json who) {
    who["app_id"] = app_id;
    return post("/_sim/codes", who).at("openid").get<std::string>();
  }
  nlohmann::json grant(const std::string& openid, const std::string& template_id, int credits) {
    return post("/_sim/subscriptions",
                {{"openid", openid}, {"template_id", template_id}, {"credits", credits}});
  }
  static nlohmann::json paid(const std::string& openid) {
    return {{"touser", openid},
            {"template_id", "paid"},
            {"page", "pages/order"},
            {"data", {{"character_string1", {{"value", "A1"}}}, {"thing4", {{"value", "thanks"}}}}}};
  }
  static nlohmann::json order(const std::string& openid, const std::string& id = {}) {
    nlohmann::json body{
        {"touser", openid}, {"template_id", "order"}, {"data", {{"thing1", {{"value", "now"}}}}}};
    if (!id.empty())
      body["client_msg_id"] = id;
    return body;
  }
  reply raw_send(const nlohmann::json& body, const std::string& app_id = "wx_mini") {
    return call("POST", with_token("/cgi-bin/message/subscribe/send", app_id), body.dump());
  }
  nlohmann::json send(const nlohmann::json& body) { return parse_json(raw_send(body).body).value(); }
  nlohmann::json send_order(const nlohmann::json& body) {
    return post(with_token("/cgi-bin/message/template/send", "wx_oa"), body);
  }
  nlohmann::json delivered(const std::string& query = {}) { return get("/_sim/delivered" + query); }
  void expect_refused(std::string_view target, const std::string& body, const std::string& field) {
    const auto answer = call("POST", target, body);
    EXPECT_EQ(answer.status, 400) << target << ' ' << body;
    EXPECT_THAT(parse_json(answer.body).value()["error"].get<std::string>(), testing::StartsWith(field + ":"))
        << target << ' ' << body;
  }

  moment start = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + std::chrono::minutes(510);
  fixed_random random;
  state memory{message_apps(), [this] { return start; }, random};
};

} // namespace weappd::simulator
