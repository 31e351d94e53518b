#include "simulator/service.hpp"

#include "simulator/json_text.hpp"
#include "tests/unit/simulator/fixed_random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weappd::simulator {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;
using testing::MatchesRegex;

/// What an app developer sees, without sockets. The base clock stands still.
class service_test : public testing::Test {
protected:
  reply call(std::string_view method, std::string_view target, std::string body = {}) {
    return answer_request(memory, make_request(method, target, std::move(body)));
  }
  json get(std::string_view target) { return parse_json(call("GET", target).body).value(); }
  json post(std::string_view target, const json& body) {
    return parse_json(call("POST", target, body.dump()).body).value();
  }
  std::string new_code() { return post("/_sim/codes", json::object())["code"].get<std::string>(); }
  json log_in(const std::string& code, const std::string& app_secret = "s1") {
    return get("/sns/jscode2session?appid=wx_one&secret=" + app_secret + "&js_code=" + code +
               "&grant_type=authorization_code");
  }
  json stable_token(const json& more = json::object()) {
    json body{{"grant_type", "client_credential"}, {"appid", "wx_one"}, {"secret", "s1"}};
    body.update(more);
    return post("/cgi-bin/stable_token", body);
  }
  json use(const json& token) {
    return get("/cgi-bin/get_api_domain_ip?access_token=" + token["access_token"].get<std::string>());
  }
  void expect_refused(std::string_view target, const std::string& body, const std::string& field) {
    const auto answer = call("POST", target, body);
    EXPECT_EQ(answer.status, 400) << target << ' ' << body;
    EXPECT_THAT(parse_json(answer.body).value()["error"].get<std::string>(), testing::StartsWith(field + ":"))
        << target << ' ' << body;
  }

  moment start = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + 8h + 30min;
  fixed_random random;
  state memory{{{"wx_one", secret("s1")}, {"wx_two", secret("s2")}}, [this] { return start; }, random};
};

// --- WeChat's endpoints

TEST_F(service_test, a_login_code_is_exchanged_once_over_the_api) {
  const auto made = post("/_sim/codes", {{"openid", "oAlice"}, {"unionid", "uAlice"}});
  EXPECT_EQ(made["openid"], "oAlice");
  const auto session = log_in(made["code"].get<std::string>());
  EXPECT_EQ(session["openid"], "oAlice");
  EXPECT_EQ(session["unionid"], "uAlice");
  EXPECT_EQ(session["session_key"].get<std::string>().size(), 24U);
  EXPECT_FALSE(session.contains("errcode"));
  const auto again = log_in(made["code"].get<std::string>());
  EXPECT_EQ(again["errcode"], 40163);
  EXPECT_THAT(again["errmsg"].get<std::string>(),
              MatchesRegex("code been used, rid: [0-9a-f]+-[0-9a-f]+-[0-9a-f]+"));
}

TEST_F(service_test, each_wrong_login_argument_has_its_errcode) {
  const std::string base = "/sns/jscode2session?";
  EXPECT_EQ(get(base + "secret=s1&js_code=c&grant_type=authorization_code")["errcode"], 41002);
  EXPECT_EQ(get(base + "appid=wx_one&js_code=c&grant_type=authorization_code")["errcode"], 41004);
  EXPECT_EQ(get(base + "appid=wx_one&secret=s1&grant_type=authorization_code")["errcode"], 41008);
  EXPECT_EQ(get(base + "appid=wx_one&secret=s1&js_code=c&grant_type=x")["errcode"], 40002);
  EXPECT_EQ(get(base + "appid=wx_no&secret=s1&js_code=c&grant_type=authorization_code")["errcode"], 40013);
  EXPECT_EQ(log_in(new_code(), "wrong")["errcode"], 40125);
  EXPECT_EQ(log_in("unknown")["errcode"], 40029);
  EXPECT_EQ(post("/sns/jscode2session", json::object())["errcode"], 43001);
  EXPECT_EQ(get("/sns/nothing")["errcode"], 40066);
}

TEST_F(service_test, a_code_may_be_percent_encoded) {
  const auto code = new_code();
  std::string encoded;
  for (const char c : code) {
    std::array<char, 4> text{};
    std::snprintf(text.data(), text.size(), "%%%02X", static_cast<unsigned>(c));
    encoded += text.data();
  }
  EXPECT_TRUE(log_in(encoded).contains("openid"));
}

TEST_F(service_test, tokens_of_both_endpoints_open_the_business_endpoint) {
  const auto classic = get("/cgi-bin/token?grant_type=client_credential&appid=wx_one&secret=s1");
  EXPECT_EQ(classic["expires_in"], 7200);
  EXPECT_EQ(use(classic), (json{{"ip_list", json::array({"127.0.0.1"})}}));
  const auto stable = stable_token();
  EXPECT_EQ(use(stable), (json{{"ip_list", json::array({"127.0.0.1"})}}));
  EXPECT_EQ(stable_token()["access_token"], stable["access_token"]);
  post("/_sim/clock", {{"advance_s", 40}});
  EXPECT_NE(stable_token({{"force_refresh", true}})["access_token"], stable["access_token"]);
  EXPECT_EQ(use(stable)["errcode"], 40001);
  post("/_sim/clock", {{"advance_s", 7200}});
  EXPECT_EQ(use(classic)["errcode"], 42001);
  EXPECT_EQ(get("/cgi-bin/get_api_domain_ip")["errcode"], 41001);
}

TEST_F(service_test, each_wrong_token_argument_has_its_errcode) {
  EXPECT_EQ(stable_token({{"secret", "wrong"}})["errcode"], 40125);
  EXPECT_EQ(stable_token({{"appid", "wx_no"}})["errcode"], 40013);
  EXPECT_EQ(stable_token({{"appid", 7}})["errcode"], 41002);
  EXPECT_EQ(stable_token({{"secret", ""}})["errcode"], 41004);
  EXPECT_EQ(stable_token({{"grant_type", "x"}})["errcode"], 40002);
  EXPECT_EQ(parse_json(call("POST", "/cgi-bin/stable_token", "{").body).value()["errcode"], 47001);
  EXPECT_EQ(get("/cgi-bin/stable_token")["errcode"], 43002);
  EXPECT_EQ(get("/cgi-bin/token?grant_type=client_credential&appid=wx_one&secret=x")["errcode"], 40125);
  EXPECT_EQ(get("/cgi-bin/token?appid=wx_one&secret=x")["errcode"], 40002);
}

TEST_F(service_test, deeply_nested_json_is_refused_and_kills_nobody) {
  const std::string deep(500'000, '[');
  EXPECT_EQ(parse_json(call("POST", "/cgi-bin/stable_token", deep).body).value()["errcode"], 47001);
}

// --- the control interface

TEST_F(service_test, a_code_without_an_openid_is_for_a_new_user) {
  const auto one = parse_json(call("POST", "/_sim/codes").body).value();
  const auto two = parse_json(call("POST", "/_sim/codes", "{}").body).value();
  EXPECT_THAT(one["openid"].get<std::string>(), MatchesRegex("o[A-Za-z0-9_-]+"));
  EXPECT_NE(one["openid"], two["openid"]);
  EXPECT_EQ(one.size(), 2U);
}

TEST_F(service_test, a_code_can_be_for_another_app) {
  const auto code = post("/_sim/codes", {{"app_id", "wx_two"}})["code"].get<std::string>();
  EXPECT_EQ(log_in(code)["errcode"], 40029);
}

TEST_F(service_test, a_fault_answers_so_many_calls_and_then_the_truth_comes_back) {
  post("/_sim/faults", {{"path", "/sns/jscode2session"}, {"times", 2}, {"answer", {{"errcode", -1}}}});
  const auto code = new_code();
  EXPECT_EQ(log_in(code), (json{{"errcode", -1}}));
  EXPECT_EQ(log_in(code), (json{{"errcode", -1}}));
  EXPECT_TRUE(log_in(code).contains("openid")) << "the fault has not used up the code";
}

TEST_F(service_test, a_fault_without_end_lasts_until_it_is_replaced_or_everything_is_forgotten) {
  const auto set = [this](int times) {
    post("/_sim/faults", {{"path", "/sns/jscode2session"}, {"times", times}, {"status", 503}});
  };
  const std::string target = "/sns/jscode2session?appid=wx_one";
  set(-1);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(call("GET", target).status, 503);
  set(1);
  EXPECT_EQ(call("GET", target).status, 503);
  EXPECT_EQ(call("GET", target).status, 200);
  set(-1);
  set(0);
  EXPECT_EQ(call("GET", target).status, 200);
  set(-1);
  EXPECT_EQ(call("DELETE", "/_sim/state").status, 200);
  EXPECT_EQ(call("GET", target).status, 200);
}

TEST_F(service_test, a_fault_for_one_path_leaves_the_others_alone) {
  post("/_sim/faults", {{"path", "/cgi-bin/token"}, {"times", -1}, {"reset", true}});
  EXPECT_TRUE(stable_token().contains("access_token"));
  EXPECT_TRUE(call("GET", "/cgi-bin/token?x=1").reset);
}

TEST_F(service_test, a_text_answer_is_sent_as_html) {
  post("/_sim/faults", {{"path", "/a"}, {"times", 1}, {"answer", "<html>busy</html>"}});
  const auto answer = call("GET", "/a");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "<html>busy</html>");
  EXPECT_THAT(answer.content_type, HasSubstr("text/html"));
}

TEST_F(service_test, a_fault_of_delay_alone_gives_the_true_answer_later) {
  post("/_sim/faults", {{"path", "/sns/jscode2session"}, {"times", 1}, {"delay_ms", 250}});
  const auto code = new_code();
  const auto slow =
      call("GET", "/sns/jscode2session?appid=wx_one&secret=s1&grant_type=authorization_code&js_code=" + code);
  EXPECT_EQ(slow.delay, 250ms);
  EXPECT_THAT(slow.body, HasSubstr("session_key"));
}

TEST_F(service_test, a_redirect_fault_points_back_to_its_path) {
  post("/_sim/faults", {{"path", "/a"}, {"times", 1}, {"status", 302}});
  const auto answer = call("GET", "/a?b=c");
  EXPECT_EQ(answer.status, 302);
  EXPECT_EQ(answer.location, "/a");
}

TEST_F(service_test, calls_are_shown_with_their_secrets_masked) {
  const auto code = new_code();
  (void)log_in(code);
  const auto token = stable_token()["access_token"].get<std::string>();
  (void)get("/cgi-bin/get_api_domain_ip?access_token=" + token);
  (void)call("POST", "/other", R"({"list":[{"appsecret":"hide me","page":"show"}]})");
  (void)call("POST", "/other", "secret=hide me");

  const auto logins = get("/_sim/calls?path=/sns/jscode2session");
  EXPECT_EQ(logins, (json{{"count", 1},
                          {"calls", json::array({{{"at", "2026-11-21T08:30:00.000Z"},
                                                  {"path", "/sns/jscode2session"},
                                                  {"query",
                                                   {{"appid", "wx_one"},
                                                    {"secret", "***"},
                                                    {"js_code", "***"},
                                                    {"grant_type", "authorization_code"}}},
                                                  {"body", ""}}})}}));
  const auto tokens = get("/_sim/calls?path=%2Fcgi-bin%2Fstable_token");
  EXPECT_EQ(tokens["calls"][0]["body"]["secret"], "***");
  EXPECT_EQ(tokens["calls"][0]["body"]["appid"], "wx_one");
  const auto all = get("/_sim/calls");
  EXPECT_EQ(all["count"], 5);
  EXPECT_EQ(all["calls"].size(), 5U);
  EXPECT_EQ(all["calls"][3]["body"]["list"][0]["page"], "show");
  EXPECT_EQ(all["calls"][4]["body"], "<14 bytes, not JSON>");
  for (const auto& hidden : {std::string("hide me"), code, token, std::string("\"s1\"")})
    EXPECT_THAT(all.dump(), testing::Not(HasSubstr(hidden)));
}

TEST_F(service_test, the_count_stays_exact_when_old_calls_are_not_kept_any_more) {
  for (std::size_t i = 0; i < call_log::max_calls + 5; ++i)
    (void)call("GET", "/a?n=" + std::to_string(i));
  (void)call("GET", "/b");
  const auto a = get("/_sim/calls?path=/a");
  EXPECT_EQ(a["count"], call_log::max_calls + 5);
  EXPECT_EQ(a["calls"].size(), call_log::max_calls - 1);
  EXPECT_EQ(a["calls"].back()["query"]["n"], std::to_string(call_log::max_calls + 4));
  EXPECT_EQ(get("/_sim/calls?path=/none"), (json{{"count", 0}, {"calls", json::array()}}));
}

TEST_F(service_test, bytes_that_are_not_utf8_are_shown_and_kill_nobody) {
  (void)call("GET", "/a?name=%ff%fe");
  EXPECT_EQ(get("/_sim/calls?path=/a")["count"], 1);
}

TEST_F(service_test, tokens_end_by_command) {
  const auto token = stable_token();
  EXPECT_EQ(post("/_sim/tokens/expire", {{"app_id", "wx_two"}}), (json{{"expired", 0}}));
  EXPECT_TRUE(use(token).contains("ip_list"));
  EXPECT_EQ(post("/_sim/tokens/expire", json::object()), (json{{"expired", 1}}));
  EXPECT_EQ(use(token)["errcode"], 42001);
  EXPECT_NE(stable_token()["access_token"], token["access_token"]);
}

TEST_F(service_test, the_clock_moves_by_command_and_codes_and_calls_follow_it) {
  const auto code = new_code();
  EXPECT_EQ(post("/_sim/clock", {{"advance_s", 300}}), (json{{"now", "2026-11-21T08:35:00.000Z"}}));
  EXPECT_EQ(log_in(code)["errcode"], 40029);
  EXPECT_EQ(get("/_sim/calls")["calls"][0]["at"], "2026-11-21T08:35:00.000Z");
}

TEST_F(service_test, after_a_reset_nothing_is_remembered) {
  const auto code = new_code();
  const auto token = stable_token();
  post("/_sim/clock", {{"advance_s", 10}});
  EXPECT_EQ(call("DELETE", "/_sim/state").body, "{}");
  EXPECT_EQ(get("/_sim/calls")["count"], 0);
  EXPECT_EQ(log_in(code)["errcode"], 40029);
  EXPECT_EQ(use(token)["errcode"], 40001);
  EXPECT_EQ(get("/_sim/calls")["calls"][0]["at"], "2026-11-21T08:30:00.000Z");
}

TEST_F(service_test, wrong_control_input_is_answered_with_the_name_of_the_field) {
  expect_refused("/_sim/codes", "[]", "body");
  expect_refused("/_sim/codes", "{", "body");
  expect_refused("/_sim/codes", R"({"open_id":"x"})", "open_id");
  expect_refused("/_sim/codes", R"({"openid":""})", "openid");
  expect_refused("/_sim/codes", R"({"openid":5})", "openid");
  expect_refused("/_sim/codes", R"({"unionid":null})", "unionid");
  expect_refused("/_sim/codes", R"({"app_id":"wx_none"})", "app_id");
  expect_refused("/_sim/faults", R"({"times":1,"status":500})", "path");
  expect_refused("/_sim/faults", R"({"path":"a","times":1,"status":500})", "path");
  expect_refused("/_sim/faults", R"({"path":"/_sim/codes","times":1,"status":500})", "path");
  expect_refused("/_sim/faults", R"({"path":"/a?b","times":1,"status":500})", "path");
  expect_refused("/_sim/faults", R"({"path":"/a","status":500})", "times");
  expect_refused("/_sim/faults", R"({"path":"/a","times":-2,"status":500})", "times");
  expect_refused("/_sim/faults", R"({"path":"/a","times":1.5,"status":500})", "times");
  expect_refused("/_sim/faults", R"({"path":"/a","times":18446744073709551615,"status":500})", "times");
  expect_refused("/_sim/faults", R"({"path":"/a","times":1,"status":99})", "status");
  expect_refused("/_sim/faults", R"({"path":"/a","times":1,"delay_ms":600001})", "delay_ms");
  expect_refused("/_sim/faults", R"({"path":"/a","times":1,"reset":"yes"})", "reset");
  expect_refused("/_sim/faults", R"({"path":"/a","times":1,"answer":[]})", "answer");
  expect_refused("/_sim/faults", R"({"path":"/a","times":1})", "answer");
  expect_refused("/_sim/tokens/expire", R"({"app_id":"wx_none"})", "app_id");
  expect_refused("/_sim/clock", "{}", "advance_s");
  expect_refused("/_sim/clock", R"({"advance_s":-1})", "advance_s");
  expect_refused("/_sim/clock", R"({"advance_s":315360001})", "advance_s");
  EXPECT_EQ(call("GET", "/_sim/codes").status, 405);
  EXPECT_EQ(call("GET", "/_sim/nothing").status, 404);
}

TEST_F(service_test, the_clock_cannot_be_moved_out_of_range_by_many_steps) {
  post("/_sim/clock", {{"advance_s", 315'360'000}});
  expect_refused("/_sim/clock", R"({"advance_s":1})", "advance_s");
}

TEST_F(service_test, faults_are_bounded_in_number) {
  for (std::size_t i = 0; i < fault_table::max_paths; ++i)
    post("/_sim/faults", {{"path", "/p" + std::to_string(i)}, {"times", 1}, {"status", 500}});
  expect_refused("/_sim/faults", R"({"path":"/more","times":1,"status":500})", "path");
  EXPECT_EQ(call("POST", "/_sim/faults", R"({"path":"/p0","times":5,"status":500})").status, 200);
  (void)call("GET", "/p1"); // used up
  EXPECT_EQ(call("POST", "/_sim/faults", R"({"path":"/more","times":1,"status":500})").status, 200);
}

} // namespace
} // namespace weappd::simulator
