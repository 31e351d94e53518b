#pragma once

#include "tests/flow/answers.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/message_history.hpp"
#include "tests/kit/server/test_server.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

/// What the flow tests of messages share: a server, somebody's phone, and a program that sends to it.
namespace weappd {

inline constexpr auto order_paid_id = "tmpl_order_paid";
inline constexpr auto ticket_ready_id = "tmpl_ticket_ready";
inline constexpr auto official_app_id = "wxdemo0000000002";

struct message_flow : testing::Test {
  explicit message_flow(const kit::test_server::change_function& change = {}) : server(change) {}

  kit::test_server server;
  kit::service_client shop = server.service();

  /// Somebody who has logged in; with a unionid if one is given.
  std::string user(const std::string& who, const std::string& union_id = {}) {
    auto phone = server.phone();
    EXPECT_EQ(phone.login(server.wechat().make_code(who, union_id)).status, 200);
    return phone.user_id;
  }

  /// Somebody who is known to the mini program (openid "o-alice") and to the official account ("oa-alice").
  std::string follower() {
    auto phone = server.phone();
    EXPECT_EQ(phone.login(server.wechat().make_code("o-alice", "u-alice")).status, 200);
    const auto id = phone.user_id;
    const auto code = server.wechat().make_code("oa-alice", "u-alice", official_app_id);
    EXPECT_EQ(phone.login(code, {{"app", "demo_oa"}}).status, 200);
    EXPECT_EQ(phone.user_id, id) << "one user, joined by unionid";
    return id;
  }

  static nlohmann::json order_paid(const std::string& to, const std::string& thing = "two coffees") {
    return {{"template", "custom:order_paid"},
            {"to", to},
            {"data",
             {{"character_string1", "NO20261125"},
              {"amount2", "18.50元"},
              {"time3", "15:01"},
              {"thing4", thing}}}};
  }
  static nlohmann::json ticket_ready(const std::string& to) {
    return {{"template", "custom:ticket_ready"},
            {"to", to},
            {"data", {{"thing1", "a ticket"}, {"date2", "2026-11-25"}}}};
  }
  static nlohmann::json order_confirm(const std::string& to) {
    return {{"template", "industry:order_confirm"},
            {"to", to},
            {"data", {{"character_string1", "NO20261125"}, {"thing2", "two coffees"}}}};
  }

  /// Asks for a message and gives its id.
  std::string accepted(const nlohmann::json& body, const kit::field_list& headers = {}) {
    const auto answer = shop.post_message(body, headers);
    EXPECT_EQ(answer.status, 202) << answer.body;
    return text_of(answer, "id");
  }
  /// How the message ends.
  nlohmann::json end_of(const nlohmann::json& body) { return shop.end_of(accepted(body)); }

  /// "And then it worked again": a message to a fresh user gets through.
  testing::AssertionResult works() {
    const auto who = "o-again-" + std::to_string(++again_);
    const auto to = user(who);
    server.wechat().grant(who, order_paid_id);
    const auto end = end_of(order_paid(to));
    if (end.value("status", "") != "sent")
      return testing::AssertionFailure() << end.dump();
    return testing::AssertionSuccess();
  }

private:
  int again_ = 0;
};

} // namespace weappd
