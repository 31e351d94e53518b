#include "http/wechat/endpoints.hpp"

#include <nlohmann/json.hpp>

#include <gtest/gtest.h>

#include <string>

namespace weappd {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

const app_options demo{.app_id = "wx_demo", .app_secret = secret("a&b=c")};

std::string problem_of(const auto& answer) {
  const auto* nonsense = std::get_if<wechat_nonsense>(&answer);
  return nonsense ? std::string(nonsense->problem) : "none";
}

TEST(endpoints_test, the_code_exchange_is_a_get_that_is_never_repeated) {
  wechat_options options;
  options.base_url = "http://127.0.0.1:1";
  options.connect_timeout_ms = 7;
  options.total_timeout_ms = 8;
  const auto call = code_exchange_call(options, demo, secret("c/o d%\xE4"));
  EXPECT_EQ(call.method, http_method::get);
  EXPECT_EQ(call.url.reveal(), "http://127.0.0.1:1/sns/jscode2session?appid=wx_demo&secret=a%26b%3Dc"
                               "&js_code=c%2Fo%20d%25%E4&grant_type=authorization_code");
  EXPECT_TRUE(call.body.empty());
  EXPECT_FALSE(call.repeatable);
  EXPECT_EQ(call.connect_timeout, 7ms);
  EXPECT_EQ(call.total_timeout, 8ms);
}

TEST(endpoints_test, the_stable_token_is_a_post_in_normal_mode) {
  const auto call = stable_token_call({}, demo);
  EXPECT_EQ(call.method, http_method::post);
  EXPECT_EQ(call.url.reveal(), "https://api.weixin.qq.com/cgi-bin/stable_token");
  EXPECT_EQ(json::parse(call.body.reveal()), (json{{"grant_type", "client_credential"},
                                                   {"appid", "wx_demo"},
                                                   {"secret", "a&b=c"},
                                                   {"force_refresh", false}}));
  EXPECT_TRUE(call.repeatable);
}

TEST(endpoints_test, an_official_accounts_exchange_is_a_get_that_is_never_repeated) {
  const auto call = oauth_exchange_call({}, demo, secret("c/o"));
  EXPECT_EQ(call.method, http_method::get);
  EXPECT_EQ(call.url.reveal(),
            "https://api.weixin.qq.com/sns/oauth2/access_token?appid=wx_demo&secret=a%26b%3Dc"
            "&code=c%2Fo&grant_type=authorization_code");
  EXPECT_FALSE(call.repeatable);
}

TEST(endpoints_test, an_official_accounts_session_has_no_key_and_may_be_of_a_snapshot) {
  const auto read = [](const char* text) { return std::get<oauth_exchanged>(read_oauth_exchange(text)); };
  const auto full = read(R"({"access_token":"t","expires_in":7200,"refresh_token":"r","openid":"oA",)"
                         R"("scope":"snsapi_userinfo","unionid":"uA"})");
  EXPECT_EQ(full.session.who, openid("oA"));
  EXPECT_EQ(full.session.union_id, unionid("uA"));
  EXPECT_TRUE(full.session.session_key.empty());
  EXPECT_FALSE(full.snapshot);
  EXPECT_TRUE(read(R"({"openid":"oA","is_snapshotuser":1})").snapshot);
  EXPECT_TRUE(read(R"({"openid":"oA","is_snapshotuser":"1"})").snapshot);
  EXPECT_FALSE(read(R"({"openid":"oA","is_snapshotuser":0})").snapshot);
  EXPECT_EQ(problem_of(read_oauth_exchange("{}")), "no openid");
  EXPECT_EQ(problem_of(read_oauth_exchange(R"({"openid":"o","unionid":7})")),
            "unionid is not a short string");
  EXPECT_EQ(std::get<wechat_refusal>(read_oauth_exchange(R"({"errcode":40163})")).errcode, 40163);
}

TEST(endpoints_test, the_list_of_templates_is_a_get_with_the_access_token) {
  const auto call = template_list_call({}, secret("t/1"));
  EXPECT_EQ(call.method, http_method::get);
  EXPECT_EQ(call.url.reveal(), "https://api.weixin.qq.com/wxaapi/newtmpl/gettemplate?access_token=t%2F1");
  EXPECT_TRUE(call.repeatable);
}

TEST(endpoints_test, templates_are_read_with_their_life_and_fields_in_order) {
  const auto answer = read_template_list(
      R"({"errcode":0,"data":[{"priTmplId":"p1","title":"t","content":"A:{{thing4.DATA}}\nB:{{amount2.DATA}}\n",)"
      R"("type":2,"keywordEnumValueList":[{"keywordCode":"x","enumValueList":["y"]}]},)"
      R"({"priTmplId":"p2","content":"{{thing1.DATA}}","type":"3"},{"priTmplId":"p3"}]})");
  const auto& items = std::get<templates_fetched>(answer).items;
  ASSERT_EQ(items.size(), 3U);
  EXPECT_EQ(items[0].id, "p1");
  EXPECT_FALSE(items[0].long_term);
  EXPECT_EQ(items[0].fields, (std::vector<std::string>{"thing4", "amount2"}));
  EXPECT_EQ(items[1].id, "p2");
  EXPECT_TRUE(items[1].long_term);
  EXPECT_TRUE(items[2].fields.empty());
  EXPECT_TRUE(std::get<templates_fetched>(read_template_list(R"({"data":[]})")).items.empty());
}

TEST(endpoints_test, what_is_no_field_in_a_content_is_text) {
  for (const std::string content :
       {"{{", "{{.DATA}}", "{{a b.DATA}}", "{{thing1}}", "{{thing1.DATA}", "{{{{", "thing1.DATA"}) {
    const auto answer =
        read_template_list(json{{"data", {{{"priTmplId", "p"}, {"content", content}}}}}.dump());
    EXPECT_TRUE(std::get<templates_fetched>(answer).items[0].fields.empty()) << content;
  }
  const auto answer =
      read_template_list(json{{"data", {{{"priTmplId", "p"}, {"content", "{{ {{thing1.DATA}}{{x"}}}}}.dump());
  EXPECT_EQ(std::get<templates_fetched>(answer).items[0].fields, std::vector<std::string>{"thing1"});
}

TEST(endpoints_test, a_list_without_its_parts_is_nonsense) {
  EXPECT_EQ(problem_of(read_template_list("{}")), "no data");
  EXPECT_EQ(problem_of(read_template_list(R"({"data":{}})")), "no data");
  EXPECT_EQ(problem_of(read_template_list(R"({"data":[7]})")), "a template without priTmplId");
  EXPECT_EQ(problem_of(read_template_list(R"({"data":[{"priTmplId":7}]})")), "a template without priTmplId");
}

TEST(endpoints_test, a_secret_that_is_not_utf8_makes_a_wrong_request_and_no_exception) {
  EXPECT_FALSE(stable_token_call({}, {.app_id = "wx", .app_secret = secret("\xFF")}).body.empty());
}

TEST(endpoints_test, a_session_is_read_with_and_without_unionid) {
  const auto full = read_code_exchange(R"({"openid":"oA","session_key":"k==","unionid":"uA","new":[1]})");
  const auto& session = std::get<code_exchanged>(full);
  EXPECT_EQ(session.who, openid("oA"));
  EXPECT_EQ(session.session_key.reveal(), "k==");
  EXPECT_EQ(session.union_id, unionid("uA"));
  for (const auto* text : {R"({"openid":"oA","session_key":"k","errcode":0,"errmsg":"ok"})",
                           R"({"openid":"oA","session_key":"k","unionid":null})",
                           R"({"openid":"oA","session_key":"k","unionid":"","errcode":"0"})"})
    EXPECT_EQ(std::get<code_exchanged>(read_code_exchange(text)).union_id, std::nullopt) << text;
}

TEST(endpoints_test, a_refusal_keeps_the_errcode_and_what_support_can_use) {
  const auto refusal = std::get<wechat_refusal>(
      read_code_exchange(R"({"errcode":40029,"errmsg":"invalid code, rid: 61a0-0bf1-22cc"})"));
  EXPECT_EQ(refusal.errcode, 40029);
  EXPECT_EQ(refusal.rid, "61a0-0bf1-22cc");
  EXPECT_EQ(refusal.address, "");
  const auto elsewhere = std::get<wechat_refusal>(read_stable_token(
      R"({"errcode":"40164","errmsg":"invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 1-2-3"})"));
  EXPECT_EQ(elsewhere.errcode, 40164);
  EXPECT_EQ(elsewhere.address, "203.0.113.7");
  EXPECT_EQ(elsewhere.rid, "1-2-3");
}

TEST(endpoints_test, nothing_but_a_rid_and_an_address_is_taken_from_errmsg) {
  const auto refusal = [](const std::string& message) {
    return std::get<wechat_refusal>(read_stable_token(json{{"errcode", 1}, {"errmsg", message}}.dump()));
  };
  EXPECT_EQ(refusal("bad rid: SECRET").rid, "");
  EXPECT_EQ(refusal("bad rid: " + std::string(65, 'a')).rid, "");
  EXPECT_EQ(refusal("invalid ip " + std::string(46, '1')).address, "");
  EXPECT_EQ(refusal("rid: ").rid, "");
  EXPECT_EQ(std::get<wechat_refusal>(read_stable_token(R"({"errcode":1,"errmsg":7})")).rid, "");
}

TEST(endpoints_test, a_session_without_its_parts_is_nonsense) {
  EXPECT_EQ(problem_of(read_code_exchange(R"({"session_key":"k"})")), "no openid");
  EXPECT_EQ(problem_of(read_code_exchange(R"({"openid":7,"session_key":"k"})")), "no openid");
  EXPECT_EQ(problem_of(read_code_exchange(R"({"openid":"","session_key":"k"})")), "no openid");
  EXPECT_EQ(
      problem_of(read_code_exchange(R"({"openid":")" + std::string(129, 'o') + R"(","session_key":"k"})")),
      "no openid");
  EXPECT_EQ(problem_of(read_code_exchange(R"({"openid":"o"})")), "no session_key");
  EXPECT_EQ(problem_of(read_code_exchange(R"({"openid":"o","session_key":"k","unionid":7})")),
            "unionid is not a short string");
}

TEST(endpoints_test, a_token_is_read_and_its_life_may_be_a_string) {
  for (const auto* text :
       {R"({"access_token":"t","expires_in":345})", R"({"access_token":"t","expires_in":"345"})"}) {
    const auto answer = read_stable_token(text);
    EXPECT_EQ(std::get<access_token_fetched>(answer).token.reveal(), "t") << text;
    EXPECT_EQ(std::get<access_token_fetched>(answer).expires_in, 345s) << text;
  }
}

TEST(endpoints_test, a_token_without_a_life_is_nonsense) {
  EXPECT_EQ(problem_of(read_stable_token(R"({"expires_in":345})")), "no access_token");
  for (const auto* life :
       {"0", "-1", "86401", "18446744073709551615", "1.5", "null", R"("soon")", R"("7s")", "true"})
    EXPECT_EQ(problem_of(read_stable_token(R"({"access_token":"t","expires_in":)" + std::string(life) + "}")),
              "expires_in is not a life")
        << life;
  EXPECT_EQ(problem_of(read_stable_token(R"({"access_token":"t"})")), "expires_in is not a life");
}

TEST(endpoints_test, what_is_no_json_object_is_nonsense) {
  for (const std::string text :
       {"", "<html>busy</html>", "[]", "7", "null", "{", R"({"openid":"o"} x)", "\xFF"})
    EXPECT_EQ(problem_of(read_code_exchange(text)), "no JSON object") << text;
  EXPECT_EQ(problem_of(read_stable_token(R"({"errcode":"x"})")), "errcode is not a number");
  EXPECT_EQ(problem_of(read_stable_token(R"({"errcode":{}})")), "errcode is not a number");
}

TEST(endpoints_test, an_answer_of_any_depth_is_read_without_harm) {
  const std::string deep = R"({"x":)" + std::string(30'000, '[') + std::string(30'000, ']') +
                           R"(,"openid":"o","session_key":"k"})";
  EXPECT_TRUE(std::holds_alternative<code_exchanged>(read_code_exchange(deep)));
  EXPECT_EQ(problem_of(read_code_exchange(std::string(60'000, '['))), "no JSON object");
}

} // namespace
} // namespace weappd
