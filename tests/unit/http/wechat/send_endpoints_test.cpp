#include "http/wechat/send_endpoints.hpp"

#include "http/wechat/send_answer.hpp"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <string>

namespace weappd {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

send_to_user order_paid() {
  return {.app = {"demo"},
          .access_token = secret("t+/="),
          .to = openid("oA"),
          .template_id = "tpl_1",
          .page = "pages/a?x=1",
          .page_app = {},
          .url = {},
          .data = {{"thing4", "茶 \"und\"\\\n🍵"}, {"amount2", "¥12.50"}},
          .colors = {},
          .client_msg_id = {}};
}

TEST(send_endpoints_test, a_subscribe_message_is_a_post_that_is_never_repeated) {
  wechat_options options;
  options.base_url = "http://127.0.0.1:1";
  options.connect_timeout_ms = 7;
  options.total_timeout_ms = 8;
  const auto call = subscribe_send_call(options, {}, order_paid());
  EXPECT_EQ(call.method, http_method::post);
  EXPECT_EQ(call.url.reveal(), "http://127.0.0.1:1/cgi-bin/message/subscribe/send?access_token=t%2B%2F%3D");
  EXPECT_EQ(call.content_type, "application/json");
  EXPECT_FALSE(call.repeatable);
  EXPECT_EQ(call.connect_timeout, 7ms);
  EXPECT_EQ(call.total_timeout, 8ms);
}

TEST(send_endpoints_test, a_subscribe_message_has_what_wechat_asks_for_in_utf8) {
  const auto call =
      subscribe_send_call({}, {.version = program_state::developer, .lang = "zh_HK"}, order_paid());
  EXPECT_EQ(call.body.reveal(), R"({"touser":"oA","template_id":"tpl_1","page":"pages/a?x=1","data":{)"
                                R"("thing4":{"value":"茶 \"und\"\\\n🍵"},"amount2":{"value":"¥12.50"}},)"
                                R"("miniprogram_state":"developer","lang":"zh_HK"})");
}

TEST(send_endpoints_test, the_version_of_the_mini_program_has_wechats_names) {
  const auto version = [](program_state state) {
    const auto call = subscribe_send_call({}, {.version = state}, order_paid());
    return json::parse(call.body.reveal())["miniprogram_state"].get<std::string>();
  };
  EXPECT_EQ(version(program_state::formal), "formal");
  EXPECT_EQ(version(program_state::trial), "trial");
  EXPECT_EQ(version(program_state::developer), "developer");
}

TEST(send_endpoints_test, without_a_page_there_is_no_page) {
  auto what = order_paid();
  what.page.clear();
  EXPECT_FALSE(json::parse(subscribe_send_call({}, {}, what).body.reveal()).contains("page"));
}

TEST(send_endpoints_test, a_template_message_has_link_mini_program_colors_and_its_guard_against_duplicates) {
  auto what = order_paid();
  what.url = "https://example.com/o?a=1";
  what.colors = {{"amount2", "#f00"}};
  what.client_msg_id = "42";
  const auto call = template_send_call({}, "wx_mini", what);
  EXPECT_EQ(call.url.reveal(),
            "https://api.weixin.qq.com/cgi-bin/message/template/send?access_token=t%2B%2F%3D");
  EXPECT_EQ(call.method, http_method::post);
  EXPECT_FALSE(call.repeatable);
  EXPECT_EQ(call.body.reveal(), R"({"touser":"oA","template_id":"tpl_1","url":"https://example.com/o?a=1",)"
                                R"("miniprogram":{"appid":"wx_mini","pagepath":"pages/a?x=1"},"data":{)"
                                R"("thing4":{"value":"茶 \"und\"\\\n🍵"},)"
                                R"("amount2":{"value":"¥12.50","color":"#f00"}},"client_msg_id":"42"})");
}

TEST(send_endpoints_test, a_bare_template_message_has_nothing_more_than_it_must) {
  const auto body = json::parse(template_send_call({}, {}, order_paid()).body.reveal());
  EXPECT_EQ(body.size(), 3U) << body;
  EXPECT_EQ(body["data"]["amount2"], (json{{"value", "¥12.50"}}));
}

TEST(send_endpoints_test, the_msgid_may_be_a_number_or_a_short_name_or_missing) {
  const auto msgid = [](const std::string& value) {
    return std::get<send_accepted>(read_send(R"({"errcode":0,"msgid":)" + value + "}")).platform_id;
  };
  EXPECT_EQ(msgid("200228332"), "200228332");
  EXPECT_EQ(msgid("18446744073709551615"), "18446744073709551615");
  EXPECT_EQ(msgid(R"("Ab-9_")"), "Ab-9_");
  EXPECT_EQ(msgid('"' + std::string(64, 'x') + '"'), std::string(64, 'x'));
  for (const std::string odd : {"null", "1.5", "true", "{}", "[7]", R"("a b")", R"({"msgid":7})"})
    EXPECT_EQ(msgid(odd), "") << odd;
  EXPECT_EQ(msgid('"' + std::string(65, 'x') + '"'), "");
  EXPECT_EQ(std::get<send_accepted>(read_send(R"({"errcode":0})")).platform_id, "");
}

TEST(send_endpoints_test, an_answer_without_an_errcode_is_a_success_if_it_has_the_messages_id) {
  const auto answer = read_send(R"({"errmsg":"ok","msgid":9007199254740993})");
  EXPECT_EQ(std::get<send_accepted>(answer).platform_id, "9007199254740993");
  for (const auto* text :
       {R"({"errmsg":"ok"})", "{}", R"({"errcode":null,"msgid":7})", R"({"errcode":1.5,"msgid":7})",
        R"({"errcode":[0],"msgid":7})", R"({"errcode":{"errcode":0},"msgid":7})"})
    EXPECT_TRUE(std::holds_alternative<wechat_nonsense>(read_send(text))) << text;
}

TEST(send_endpoints_test, members_of_what_is_nested_are_not_ours) {
  const auto answer = read_send(R"({"x":{"errcode":1,"msgid":"m"},"y":[{"errcode":2}],"errcode":0})");
  EXPECT_EQ(std::get<send_accepted>(answer).platform_id, "");
  EXPECT_FALSE(parse_send_answer(R"({"x":{"errcode":0}})")->errcode);
  EXPECT_FALSE(parse_send_answer(R"({"errcode":[0]})")->errcode);
}

TEST(send_endpoints_test, a_refusal_keeps_what_may_be_kept) {
  const auto refusal = std::get<wechat_refusal>(
      read_send(R"({"errcode":"43101","errmsg":"user refuse to accept the msg rid: 6a-7b","msgid":7})"));
  EXPECT_EQ(refusal.errcode, 43101);
  EXPECT_EQ(refusal.rid, "6a-7b");
  EXPECT_EQ(std::get<wechat_refusal>(read_send(R"({"errcode":-1})")).errcode, -1);
}

TEST(send_endpoints_test, an_answer_without_an_errcode_is_nonsense) {
  for (const std::string text : {"{}", R"({"errmsg":"ok"})", R"({"errcode":null})", R"({"errcode":0.0})",
                                 R"({"errcode":true})", R"({"errcode":"x"})", R"({"errcode":"0 "})",
                                 R"({"errcode":18446744073709551615})", R"({"errcode":{}})"}) {
    const auto answer = read_send(text);
    ASSERT_TRUE(std::holds_alternative<wechat_nonsense>(answer)) << text;
    EXPECT_EQ(std::get<wechat_nonsense>(answer).problem, "errcode is not a number") << text;
  }
}

TEST(send_endpoints_test, what_is_no_json_object_is_nonsense) {
  for (const std::string text : {"", "<html>", "[]", "[0]", R"([{"errcode":0}])", "0", "null", R"("errcode")",
                                 "{", R"({"errcode":0)", R"({"errcode":0} x)", "\xFF", R"({"errcode":0,})"})
    EXPECT_FALSE(parse_send_answer(text)) << text;
}

TEST(send_endpoints_test, an_answer_of_any_depth_is_read_without_harm) {
  const std::string deep =
      R"({"x":)" + std::string(30'000, '[') + std::string(30'000, ']') + R"(,"errcode":0,"msgid":7})";
  EXPECT_EQ(std::get<send_accepted>(read_send(deep)).platform_id, "7");
}

TEST(refusal_test, the_field_that_does_not_fit_is_named_in_two_exact_forms) {
  const auto field = [](std::string_view message) { return read_refusal(47003, message).bad_field; };
  EXPECT_EQ(field("argument invalid! data.thing4.value invalid rid: 1-2"), "thing4");
  EXPECT_EQ(field("argument invalid! data.character_string12.value is empty"), "character_string12");
  EXPECT_EQ(field("data.thing4.value"), "thing4");
  EXPECT_EQ(field("thing01.DATA is invalid"), "thing01");
  EXPECT_EQ(field("argument invalid! thing01.DATA"), "thing01");
  EXPECT_EQ(field("data." + std::string(32, 'a') + ".value"), std::string(32, 'a'));
}

TEST(refusal_test, whatever_else_is_written_names_no_field) {
  for (const std::string message :
       {"", "argument invalid!", "thing4 invalid", "data.thing4", "data..value", "data.thing 4.value",
        ".DATA", "thing4.value", "data.thing-4.value", "thing1.data", "data.茶.value"})
    EXPECT_EQ(read_refusal(47003, message).bad_field, "") << message;
  EXPECT_EQ(read_refusal(47003, "data." + std::string(33, 'a') + ".value").bad_field, "");
  EXPECT_EQ(read_refusal(43101, "data.thing4.value").bad_field, "") << "only 47003 is about a field";
}

} // namespace
} // namespace weappd
