#include "tests/unit/simulator/message_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace weappd::simulator {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class official_account_service_test : public message_fixture {};

TEST_F(official_account_service_test, a_follower_gets_template_messages) {
  const auto openid = join("wx_oa", json::object());
  EXPECT_EQ(send_order(order(openid))["errcode"], 0);
  EXPECT_EQ(send_order(order(openid))["errcode"], 0);
  EXPECT_EQ(delivered("?openid=" + openid)["count"], 2);
  EXPECT_FALSE(delivered()["items"][0].contains("client_msg_id"));
}

TEST_F(official_account_service_test, a_client_msg_id_lets_one_message_through_in_ten_minutes) {
  join("wx_oa", {{"openid", "oA"}});
  join("wx_oa", {{"openid", "oB"}});
  const auto first = send_order(order("oA", "m1"));
  EXPECT_EQ(first["errcode"], 0);
  post("/_sim/clock", {{"advance_s", 599}});
  EXPECT_EQ(send_order(order("oA", "m1")), first);
  EXPECT_NE(send_order(order("oB", "m1"))["msgid"], first["msgid"]);
  EXPECT_EQ(delivered("?openid=oA")["count"], 1);
  EXPECT_EQ(delivered("?openid=oA")["items"][0]["client_msg_id"], "m1");
  post("/_sim/clock", {{"advance_s", 1}});
  EXPECT_NE(send_order(order("oA", "m1"))["msgid"], first["msgid"]);
  EXPECT_EQ(delivered("?openid=oA")["count"], 2);
}

TEST_F(official_account_service_test, a_refused_template_message_leaves_its_client_msg_id_free) {
  join("wx_oa", {{"openid", "oA"}});
  auto body = order("oA", "m1");
  body["data"] = json::object();
  EXPECT_EQ(send_order(body)["errcode"], 47003);
  EXPECT_EQ(send_order(order("oA", "m1"))["errcode"], 0);
  EXPECT_EQ(delivered()["count"], 1);
}

TEST_F(official_account_service_test, each_wrong_template_message_has_its_errcode) {
  const auto openid = join("wx_oa", json::object());
  EXPECT_EQ(send_order(order("oNobody"))["errcode"], 40003);
  auto body = order(openid);
  body["template_id"] = "paid";
  EXPECT_EQ(send_order(body)["errcode"], 40037);
  body = order(openid);
  body["data"]["thing1"]["value"] = "a\nb";
  EXPECT_THAT(send_order(body)["errmsg"].get<std::string>(), HasSubstr("data.thing1.value invalid"));
  EXPECT_EQ(send_order(order(openid, std::string(129, 'x')))["errcode"], 47003);
  EXPECT_EQ(post("/_sim/followers", {{"openid", openid}, {"follows", false}}),
            (json{{"changed", {{{"app_id", "wx_oa"}, {"openid", openid}}}}}));
  EXPECT_EQ(send_order(order(openid))["errcode"], 43004);
  EXPECT_EQ(post(with_token("/cgi-bin/message/template/send", "wx_mini"), order(openid))["errcode"], 48001);
  EXPECT_EQ(delivered()["count"], 0);
  post("/_sim/followers", {{"openid", openid}, {"follows", true}});
  EXPECT_EQ(send_order(order(openid))["errcode"], 0);
}

TEST_F(official_account_service_test, users_are_joined_by_unionid) {
  join("wx_mini", {{"openid", "oA"}, {"unionid", "uA"}});
  const auto list = get(with_token("/cgi-bin/user/get", "wx_oa"));
  const auto openid = list["data"]["openid"][0].get<std::string>();
  EXPECT_EQ(list,
            (json{{"total", 1}, {"count", 1}, {"data", {{"openid", {openid}}}}, {"next_openid", openid}}));
  const auto target = with_token("/cgi-bin/user/info/batchget", "wx_oa");
  const json who{{"user_list", {{{"openid", openid}, {"lang", "zh_CN"}}}}};
  EXPECT_EQ(
      post(target, who)["user_info_list"],
      (json::array({{{"subscribe", 1}, {"openid", openid}, {"unionid", "uA"}, {"language", "zh_CN"}}})));
  EXPECT_EQ(send_order(order(openid))["errcode"], 0);

  EXPECT_EQ(post("/_sim/followers", {{"unionid", "uA"}, {"follows", false}})["changed"][0]["openid"], openid);
  EXPECT_EQ(send_order(order(openid))["errcode"], 43004);
  EXPECT_EQ(post(target, who)["user_info_list"][0], (json{{"subscribe", 0}, {"openid", openid}}));
  EXPECT_EQ(get(with_token("/cgi-bin/user/get", "wx_oa")),
            (json{{"total", 0}, {"count", 0}, {"next_openid", ""}}));
}

TEST_F(official_account_service_test, followers_come_page_by_page) {
  for (const std::string openid : {"oB", "oA"})
    join("wx_oa", {{"openid", openid}});
  const auto target = with_token("/cgi-bin/user/get", "wx_oa");
  EXPECT_EQ(get(target)["data"]["openid"], (json{"oA", "oB"}));
  const auto rest = get(target + "&next_openid=oA");
  EXPECT_EQ(rest["data"]["openid"], json::array({"oB"}));
  EXPECT_EQ(rest["total"], 2);
  EXPECT_EQ(get(target + "&next_openid=oB")["count"], 0);
}

TEST_F(official_account_service_test, wrong_questions_about_followers_have_their_errcodes) {
  const auto target = with_token("/cgi-bin/user/info/batchget", "wx_oa");
  EXPECT_EQ(post(target, json::array())["errcode"], 47001);
  EXPECT_EQ(post(target, json::object())["errcode"], 40032);
  EXPECT_EQ(post(target, {{"user_list", json::array()}})["errcode"], 40032);
  json many{{"user_list", json::array()}};
  for (int i = 0; i < 101; ++i)
    many["user_list"].push_back({{"openid", "oA"}});
  EXPECT_EQ(post(target, many)["errcode"], 40032);
  EXPECT_EQ(post(target, {{"user_list", {{{"openid", "oNobody"}}}}})["errcode"], 40003);
  EXPECT_EQ(post(target, {{"user_list", {7}}})["errcode"], 40003);
  EXPECT_EQ(get(with_token("/cgi-bin/user/get", "wx_mini"))["errcode"], 48001);
  EXPECT_EQ(get("/cgi-bin/user/get")["errcode"], 41001);
}

// --- log-in at an official account

TEST_F(official_account_service_test, a_code_of_an_official_account_becomes_a_user_token) {
  const auto made = post("/_sim/codes", {{"app_id", "wx_oa"}, {"unionid", "uA"}});
  const auto target = "/sns/oauth2/access_token?appid=wx_oa&secret=s&grant_type=authorization_code&code=" +
                      made["code"].get<std::string>();
  const auto answer = get(target);
  EXPECT_EQ(answer["openid"], made["openid"]);
  EXPECT_EQ(answer["unionid"], "uA");
  EXPECT_EQ(answer["expires_in"], 7200);
  EXPECT_EQ(answer["scope"], "snsapi_userinfo");
  EXPECT_NE(answer["access_token"], answer["refresh_token"]);
  EXPECT_FALSE(answer.contains("session_key"));
  EXPECT_EQ(get(target)["errcode"], 40163);
  EXPECT_EQ(get("/_sim/calls")["calls"][0]["query"]["code"], "***");
}

TEST_F(official_account_service_test, each_wrong_oauth_argument_has_its_errcode) {
  const std::string base = "/sns/oauth2/access_token?";
  const auto code = post("/_sim/codes", {{"app_id", "wx_oa"}})["code"].get<std::string>();
  EXPECT_EQ(get(base + "secret=s&grant_type=authorization_code&code=c")["errcode"], 41002);
  EXPECT_EQ(get(base + "appid=wx_oa&grant_type=authorization_code&code=c")["errcode"], 41004);
  EXPECT_EQ(get(base + "appid=wx_oa&secret=s&grant_type=authorization_code")["errcode"], 41008);
  EXPECT_EQ(get(base + "appid=wx_oa&secret=s&grant_type=x&code=c")["errcode"], 40002);
  EXPECT_EQ(get(base + "appid=wx_no&secret=s&grant_type=authorization_code&code=c")["errcode"], 40013);
  EXPECT_EQ(get(base + "appid=wx_mini&secret=s&grant_type=authorization_code&code=c")["errcode"], 40013);
  EXPECT_EQ(get(base + "appid=wx_oa&secret=no&grant_type=authorization_code&code=" + code)["errcode"], 40125);
  EXPECT_EQ(get(base + "appid=wx_oa&secret=s&grant_type=authorization_code&code=c")["errcode"], 40029);
  EXPECT_EQ(get("/sns/jscode2session?appid=wx_oa&secret=s&grant_type=authorization_code&js_code=" +
                code)["errcode"],
            40013);
  post("/_sim/clock", {{"advance_s", 300}});
  EXPECT_EQ(get(base + "appid=wx_oa&secret=s&grant_type=authorization_code&code=" + code)["errcode"], 40029);
}

} // namespace
} // namespace weappd::simulator
