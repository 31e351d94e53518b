#include "tests/unit/simulator/message_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace weappd::simulator {
namespace {

using nlohmann::json;

class message_controls_test : public message_fixture {};

TEST_F(message_controls_test, what_was_delivered_can_be_shown_in_parts_and_forgotten) {
  grant("oA", "paid", 3);
  for (int i = 0; i < 3; ++i)
    send(paid("oA"));
  EXPECT_EQ(delivered("?limit=2")["items"].size(), 2U);
  EXPECT_EQ(delivered("?offset=2&limit=2")["items"].size(), 1U);
  EXPECT_EQ(delivered("?openid=oB")["count"], 0);
  for (const std::string query : {"?limit=x", "?limit=-1", "?limit=1000001", "?offset=", "?offset=1x"})
    EXPECT_EQ(call("GET", "/_sim/delivered" + query).status, 400) << query;
  EXPECT_EQ(call("DELETE", "/_sim/delivered").status, 200);
  EXPECT_EQ(delivered(), (json{{"count", 0}, {"items", json::array()}}));
  EXPECT_EQ(send(paid("oA"))["errcode"], 43101) << "consents are not forgotten with it";
  EXPECT_EQ(call("POST", "/_sim/delivered").status, 405);
}

TEST_F(message_controls_test, everything_about_messages_is_forgotten_with_the_state) {
  const std::string path = "/cgi-bin/message/subscribe/send";
  grant("oA", "paid", 9);
  join("wx_oa", {{"openid", "oB"}});
  send_order(order("oB", "m1"));
  post("/_sim/quotas", {{"path", path}, {"per_day", 0}});
  EXPECT_EQ(call("DELETE", "/_sim/state").status, 200);
  EXPECT_EQ(delivered()["count"], 0);
  EXPECT_EQ(send_order(order("oB"))["errcode"], 40003);
  join("wx_mini", {{"openid", "oA"}});
  EXPECT_EQ(send(paid("oA"))["errcode"], 43101);
  join("wx_oa", {{"openid", "oB"}});
  send_order(order("oB", "m1"));
  EXPECT_EQ(delivered()["count"], 1);
}

TEST_F(message_controls_test, a_consent_is_for_the_app_that_is_named) {
  expect_refused("/_sim/subscriptions",
                 R"({"openid":"oA","template_id":"paid","credits":1,"app_id":"wx_other"})", "template_id");
  EXPECT_EQ(
      post("/_sim/subscriptions",
           {{"openid", "oA"}, {"template_id", "paid"}, {"credits", 1}, {"app_id", "wx_mini"}})["credits"],
      1);
}

TEST_F(message_controls_test, wrong_control_input_is_answered_with_the_name_of_the_field) {
  const std::string consents = "/_sim/subscriptions";
  expect_refused(consents, R"({"template_id":"paid","credits":1})", "openid");
  expect_refused(consents, R"({"openid":"oA","credits":1})", "template_id");
  expect_refused(consents, R"({"openid":"oA","template_id":"paid"})", "credits");
  expect_refused(consents, R"({"openid":"oA","template_id":"paid","credits":1000001})", "credits");
  expect_refused(consents, R"({"openid":"oA","template_id":"none","credits":1})", "template_id");
  expect_refused(consents, R"({"openid":"oA","template_id":"order","credits":1})", "template_id");
  expect_refused(consents, R"({"openid":"oA","template_id":"paid","credits":1,"app_id":"no"})", "app_id");
  expect_refused(consents, R"({"openid":"oA","template_id":"paid","credits":1,"more":1})", "more");
  const std::string followers = "/_sim/followers";
  expect_refused(followers, R"({"openid":"oA"})", "follows");
  expect_refused(followers, R"({"follows":true})", "openid");
  expect_refused(followers, R"({"openid":"oA","unionid":"uA","follows":true})", "openid");
  expect_refused(followers, R"({"openid":"oA","follows":1})", "follows");
  expect_refused(followers, R"({"openid":"oA","follows":true,"app_id":"wx_mini"})", "app_id");
  const std::string quotas = "/_sim/quotas";
  expect_refused(quotas, R"({"per_day":1})", "path");
  expect_refused(quotas, R"({"path":"a","per_day":1})", "path");
  expect_refused(quotas, R"({"path":"/a","per_day":-1})", "per_day");
  expect_refused(quotas, R"({"path":"/a","per_minute":"1"})", "per_minute");
  expect_refused(quotas, R"({"path":"/a","per_minute":1,"app_id":"no"})", "app_id");
  EXPECT_EQ(call("GET", "/_sim/subscriptions").status, 405);
}

TEST_F(message_controls_test, quotas_are_bounded_in_number) {
  for (std::size_t i = 0; i < quotas::max_rules; ++i)
    post("/_sim/quotas", {{"path", "/p" + std::to_string(i)}, {"per_day", 1}});
  expect_refused("/_sim/quotas", R"({"path":"/more","per_day":1})", "path");
}

} // namespace
} // namespace weappd::simulator
