#include "tests/unit/simulator/message_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace weappd::simulator {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;
using testing::MatchesRegex;

class message_service_test : public message_fixture {};

TEST_F(message_service_test, a_message_arrives_on_the_phone_of_who_agreed_once_for_each_credit) {
  join("wx_mini", {{"openid", "oA"}});
  EXPECT_EQ(grant("oA", "paid", 2), (json{{"credits", 2}}));
  const auto first = send(paid("oA"));
  EXPECT_EQ(first["errcode"], 0);
  EXPECT_EQ(first["errmsg"], "ok");
  EXPECT_EQ(send(paid("oA"))["msgid"].get<std::int64_t>(), first["msgid"].get<std::int64_t>() + 1);
  const auto third = send(paid("oA"));
  EXPECT_EQ(third["errcode"], 43101);
  EXPECT_THAT(third["errmsg"].get<std::string>(), MatchesRegex(".+, rid: [0-9a-f]+-[0-9a-f]+-[0-9a-f]+"));
  EXPECT_EQ(grant("oA", "paid", 1), (json{{"credits", 1}}));
  EXPECT_EQ(send(paid("oA"))["errcode"], 0);
  const auto shown = delivered("?openid=oA&template_id=paid");
  EXPECT_EQ(shown["count"], 3);
  EXPECT_EQ(shown["items"][0], (json{{"openid", "oA"},
                                     {"template_id", "paid"},
                                     {"data", {{"character_string1", "A1"}, {"thing4", "thanks"}}},
                                     {"at", "2026-11-21T08:30:00.000Z"}}));
}

TEST_F(message_service_test, a_long_term_template_needs_one_acceptance) {
  const json ready{
      {"touser", "oA"}, {"template_id", "ready"}, {"data", {{"enum_string2", {{"value", "A"}}}}}};
  join("wx_mini", {{"openid", "oA"}});
  EXPECT_EQ(send(ready)["errcode"], 43101);
  EXPECT_EQ(grant("oA", "ready", 5), (json{{"credits", 1}}));
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(send(ready)["errcode"], 0);
  EXPECT_EQ(grant("oA", "ready", 0), (json{{"credits", 0}}));
  EXPECT_EQ(send(ready)["errcode"], 43101);
  EXPECT_EQ(delivered()["count"], 3);
}

TEST_F(message_service_test, a_grant_makes_the_user) {
  EXPECT_EQ(send(paid("oNew"))["errcode"], 40003);
  grant("oNew", "paid", 1);
  EXPECT_EQ(send(paid("oNew"))["errcode"], 0);
}

TEST_F(message_service_test, each_wrong_send_has_its_errcode_and_uses_nothing_up) {
  grant("oA", "paid", 1);
  join("wx_other", {{"openid", "oOther"}});
  EXPECT_EQ(send(paid("oOther"))["errcode"], 40003) << "a user of another app";
  EXPECT_EQ(send({{"template_id", "paid"}})["errcode"], 40003);
  auto body = paid("oA");
  body["template_id"] = "order";
  EXPECT_EQ(send(body)["errcode"], 40037) << "a template of another app";
  body = paid("oA");
  body["data"].erase("thing4");
  const auto missing = send(body);
  EXPECT_EQ(missing["errcode"], 47003);
  EXPECT_THAT(missing["errmsg"].get<std::string>(),
              MatchesRegex("argument invalid! data.thing4.value is empty rid: .*"));
  body = paid("oA");
  body["data"]["thing4"]["value"] = std::string(21, 'x');
  EXPECT_THAT(send(body)["errmsg"].get<std::string>(),
              HasSubstr("argument invalid! data.thing4.value invalid"));
  body.erase("data");
  EXPECT_EQ(send(body)["errcode"], 47003);
  const auto target = with_token("/cgi-bin/message/subscribe/send", "wx_mini");
  EXPECT_EQ(parse_json(call("POST", target, "{").body).value()["errcode"], 47001);
  EXPECT_EQ(parse_json(call("POST", target, "[]").body).value()["errcode"], 47001);
  EXPECT_EQ(get(target)["errcode"], 43002);
  EXPECT_EQ(parse_json(raw_send(paid("oA"), "wx_oa").body).value()["errcode"], 48001);
  EXPECT_EQ(delivered()["count"], 0);
  EXPECT_EQ(send(paid("oA"))["errcode"], 0) << "the credit is still there";
}

TEST_F(message_service_test, a_send_asks_for_a_token_first) {
  const std::string path = "/cgi-bin/message/subscribe/send";
  EXPECT_EQ(post(path, paid("oA"))["errcode"], 41001);
  EXPECT_EQ(post(path + "?access_token=90_unknown", paid("oA"))["errcode"], 40001);
  EXPECT_EQ(post(path + "?access_token=not+a+token", paid("oA"))["errcode"], 40014);
  const auto target = with_token(path, "wx_mini");
  post("/_sim/tokens/expire", json::object());
  EXPECT_EQ(post(target, paid("oA"))["errcode"], 42001);
}

TEST_F(message_service_test, a_receiver_is_busy_until_the_answer_has_been_written) {
  grant("oA", "paid", 9);
  grant("oB", "paid", 9);
  auto under_way = raw_send(paid("oA"));
  EXPECT_EQ(send(paid("oA"))["errcode"], 43108);
  EXPECT_EQ(send(paid("oB"))["errcode"], 0);
  under_way = {};
  EXPECT_EQ(send(paid("oA"))["errcode"], 0);
  EXPECT_EQ(delivered("?openid=oA")["count"], 2);
}

TEST_F(message_service_test, a_refused_send_is_under_way_as_well) {
  join("wx_mini", {{"openid", "oA"}});
  const auto refused = raw_send(paid("oA"));
  EXPECT_EQ(send(paid("oA"))["errcode"], 43108);
}

TEST_F(message_service_test, a_fault_of_delay_keeps_the_receiver_busy_and_any_other_fault_does_not) {
  grant("oA", "paid", 9);
  const std::string path = "/cgi-bin/message/subscribe/send";
  post("/_sim/faults", {{"path", path}, {"times", 1}, {"delay_ms", 250}});
  auto late = raw_send(paid("oA"));
  EXPECT_EQ(late.delay, 250ms);
  EXPECT_EQ(send(paid("oA"))["errcode"], 43108);
  late = {};
  post("/_sim/faults", {{"path", path}, {"times", 1}, {"answer", {{"errcode", -1}}}, {"delay_ms", 250}});
  late = raw_send(paid("oA"));
  EXPECT_EQ(send(paid("oA"))["errcode"], 0);
}

TEST_F(message_service_test, an_answer_that_waits_while_everything_is_forgotten_does_no_harm) {
  grant("oA", "paid", 1);
  auto under_way = raw_send(paid("oA"));
  EXPECT_EQ(call("DELETE", "/_sim/state").status, 200);
  EXPECT_EQ(delivered()["count"], 0);
  EXPECT_EQ(send(paid("oA"))["errcode"], 40003);
  grant("oA", "paid", 1);
  EXPECT_EQ(send(paid("oA"))["errcode"], 0);
  under_way = {};
}

TEST_F(message_service_test, an_app_can_list_its_templates) {
  const auto list = get(with_token("/wxaapi/newtmpl/gettemplate", "wx_mini"))["data"];
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0]["priTmplId"], "paid");
  EXPECT_EQ(list[0]["title"], "Paid");
  EXPECT_EQ(list[0]["type"], 2);
  EXPECT_EQ(list[0]["content"], "编号:{{character_string1.DATA}}\n事项:{{thing4.DATA}}\n");
  EXPECT_EQ(list[0]["example"], "编号:A-1001\n事项:取餐提醒\n");
  EXPECT_EQ(list[0]["keywordEnumValueList"], json::array());
  EXPECT_EQ(list[1]["type"], 3);
  EXPECT_EQ(list[1]["example"], "内容:A\n");
  EXPECT_EQ(list[1]["keywordEnumValueList"],
            json::array({{{"keywordCode", "enum_string2.DATA"}, {"enumValueList", {"A", "B"}}}}));
  EXPECT_EQ(get(with_token("/wxaapi/newtmpl/gettemplate", "wx_oa"))["data"][0]["priTmplId"], "order");
  EXPECT_EQ(get(with_token("/wxaapi/newtmpl/gettemplate", "wx_other"))["data"], json::array());
  EXPECT_EQ(get("/wxaapi/newtmpl/gettemplate")["errcode"], 41001);
}

TEST_F(message_service_test, quotas_stop_an_app_until_the_minute_or_the_day_is_over) {
  const std::string path = "/cgi-bin/message/subscribe/send";
  grant("oA", "paid", 100);
  post("/_sim/quotas", {{"path", path}, {"per_minute", 1}, {"per_day", 2}, {"app_id", "wx_mini"}});
  EXPECT_EQ(send(paid("oA"))["errcode"], 0);
  EXPECT_EQ(send(paid("oA"))["errcode"], 45011);
  post("/_sim/clock", {{"advance_s", 60}});
  EXPECT_EQ(send(paid("oA"))["errcode"], 0);
  post("/_sim/clock", {{"advance_s", 60}});
  EXPECT_EQ(send(paid("oA"))["errcode"], 45009);
  post("/_sim/clock", {{"advance_s", 7 * 3600 + 28 * 60 - 1}}); // one second before 16:00 in UTC
  EXPECT_EQ(send(paid("oA"))["errcode"], 45009);
  post("/_sim/clock", {{"advance_s", 1}});
  EXPECT_EQ(send(paid("oA"))["errcode"], 0);
  post("/_sim/quotas", {{"path", path}, {"app_id", "wx_mini"}});
  EXPECT_EQ(send(paid("oA"))["errcode"], 0);
  EXPECT_EQ(delivered()["count"], 4);
}

TEST_F(message_service_test, quotas_are_for_log_ins_and_tokens_too) {
  for (const std::string path :
       {"/sns/jscode2session", "/sns/oauth2/access_token", "/cgi-bin/token", "/cgi-bin/stable_token"})
    post("/_sim/quotas", {{"path", path}, {"per_minute", 0}});
  const std::string login = "appid=wx_mini&secret=s&grant_type=authorization_code";
  EXPECT_EQ(get("/sns/jscode2session?js_code=c&" + login)["errcode"], 45011);
  EXPECT_EQ(get("/sns/oauth2/access_token?code=c&" + login)["errcode"], 45011);
  EXPECT_EQ(get("/cgi-bin/token?grant_type=client_credential&appid=wx_mini&secret=s")["errcode"], 45011);
  EXPECT_EQ(get("/cgi-bin/token?grant_type=client_credential&appid=wx_none&secret=s")["errcode"], 40013);
  EXPECT_EQ(post("/cgi-bin/stable_token",
                 {{"grant_type", "client_credential"}, {"appid", "wx_mini"}, {"secret", "s"}})["errcode"],
            45011);
}

} // namespace
} // namespace weappd::simulator
