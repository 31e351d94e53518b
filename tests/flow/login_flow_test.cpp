#include "tests/flow/answers.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"
#include "tests/kit/server/together.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

/// POST /api/v1/auth/login over real sockets.
namespace weappd {
namespace {

using testing::MatchesRegex;

struct login_flow : testing::Test {
  kit::test_server server;
};

TEST_F(login_flow, a_login_answers_exactly_the_token_answer) {
  auto phone = server.phone();
  const auto answer = phone.login(server.wechat().make_code());

  ASSERT_TRUE(succeeded(answer));
  EXPECT_EQ(answer.header("Content-Type"), "application/json; charset=utf-8");
  const auto data = data_of(answer);
  EXPECT_TRUE(has_members(data, {"access_token", "token_type", "expires_in", "refresh_token",
                                 "refresh_expires_in", "session_id", "user"}));
  EXPECT_EQ(data["token_type"], "Bearer");
  EXPECT_EQ(data["expires_in"], 7200);
  EXPECT_EQ(data["refresh_expires_in"], 2592000);
  EXPECT_THAT(data["session_id"].get<std::string>(), MatchesRegex("[0-9a-f]{32}"));
  const auto& user = data["user"];
  EXPECT_TRUE(has_members(user, {"id", "nickname", "avatar_url", "status", "created_at", "is_new"}));
  EXPECT_THAT(user["id"].get<std::string>(), MatchesRegex("[1-9][0-9]+"));
  EXPECT_EQ(user["nickname"], "");
  EXPECT_EQ(user["avatar_url"], "");
  EXPECT_EQ(user["status"], "active");
  EXPECT_EQ(user["is_new"], true);
  EXPECT_THAT(user["created_at"].get<std::string>(),
              MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z"));
}

TEST_F(login_flow, a_user_who_comes_back_is_the_same_user_in_another_session) {
  auto phone = server.phone();
  auto tablet = server.phone();
  const auto first = data_of(phone.login(server.wechat().make_code("o-returning")));
  const auto second = data_of(tablet.login(server.wechat().make_code("o-returning")));

  EXPECT_EQ(first["user"]["is_new"], true);
  EXPECT_EQ(second["user"]["is_new"], false);
  EXPECT_EQ(first["user"]["id"], second["user"]["id"]);
  EXPECT_NE(first["session_id"], second["session_id"]);
  EXPECT_TRUE(succeeded(phone.me()));
  EXPECT_TRUE(succeeded(tablet.me()));
}

TEST_F(login_flow, different_people_are_different_users) {
  auto one = server.phone();
  auto other = server.phone();
  ASSERT_TRUE(succeeded(one.login(server.wechat().make_code())));
  ASSERT_TRUE(succeeded(other.login(server.wechat().make_code())));
  EXPECT_NE(one.user_id, other.user_id);
}

TEST_F(login_flow, users_are_there_after_a_restart) {
  auto before = server.phone();
  ASSERT_TRUE(succeeded(before.login(server.wechat().make_code("o-lasting"))));
  server.restart();
  auto after = server.phone();
  const auto again = data_of(after.login(server.wechat().make_code("o-lasting")));
  EXPECT_EQ(again["user"]["id"], before.user_id);
  EXPECT_EQ(again["user"]["is_new"], false);
}

TEST_F(login_flow, the_app_may_be_named) {
  auto phone = server.phone();
  EXPECT_TRUE(succeeded(phone.login(server.wechat().make_code(), {{"app", "demo"}})));
}

TEST_F(login_flow, an_unknown_app_is_refused_without_asking_wechat) {
  auto phone = server.phone();
  const auto code = server.wechat().make_code();
  EXPECT_TRUE(refused_field(phone.login(code, {{"app", "other"}}), "app", "unknown_app"));
  EXPECT_EQ(server.wechat().calls_of(kit::code_exchange), 0u);
  EXPECT_TRUE(succeeded(phone.login(code)));
}

TEST_F(login_flow, the_device_is_shown_in_the_list_of_sessions) {
  auto phone = server.phone();
  const nlohmann::json device{{"name", "小明的手机 📱"}, {"platform", "ios"}};
  ASSERT_TRUE(succeeded(phone.login(server.wechat().make_code(), {{"device", device}})));
  EXPECT_EQ(data_of(phone.sessions())["items"][0]["device"], device);
}

TEST_F(login_flow, what_does_not_fit_is_named) {
  auto phone = server.phone();
  const auto send = [&](const nlohmann::json& body) {
    return phone.request("POST", "/api/v1/auth/login", body.dump());
  };
  EXPECT_TRUE(refused_field(send(nlohmann::json::object()), "code", "required"));
  EXPECT_TRUE(refused_field(send({{"code", 7}}), "code", "wrong_type"));
  EXPECT_TRUE(refused_field(send({{"code", ""}}), "code", "too_short"));
  EXPECT_TRUE(refused_field(send({{"code", std::string(129, 'a')}}), "code", "too_long"));
  EXPECT_TRUE(refused_field(send({{"code", "a b"}}), "code", "invalid_characters"));
  EXPECT_TRUE(refused_field(send({{"code", "abc"}, {"nickname", "x"}}), "nickname", "unknown_field"));
  EXPECT_TRUE(refused_field(send({{"code", "abc"}, {"device", "phone"}}), "device", "wrong_type"));
  EXPECT_TRUE(
      refused_field(send({{"code", "abc"}, {"device", {{"model", "x"}}}}), "device.model", "unknown_field"));
  EXPECT_TRUE(refused_field(send({{"code", "abc"}, {"device", {{"name", std::string(65, 'x')}}}}),
                            "device.name", "too_long"));
  EXPECT_EQ(server.wechat().calls_of(kit::code_exchange), 0u);
}

TEST_F(login_flow, all_that_is_wrong_is_told_at_once) {
  auto http = server.http();
  const auto answer = http.post_json("/api/v1/auth/login", {{"code", 1}, {"app", true}, {"more", 2}});
  ASSERT_TRUE(failed_with(answer, 400, 1000010001));
  EXPECT_EQ(answer.json()["details"].size(), 3u) << answer.body;
}

TEST_F(login_flow, an_unknown_code_is_refused) {
  auto phone = server.phone();
  const auto answer = phone.login("nobody-made-this-code");
  EXPECT_TRUE(failed_with(answer, 401, 1000030001));
  EXPECT_EQ(answer.header("WWW-Authenticate"), "Bearer");
}

TEST_F(login_flow, a_code_that_somebody_else_has_used_is_refused) {
  const auto code = server.wechat().make_code();
  auto elsewhere = kit::http_client(server.simulator_port());
  const auto stolen =
      elsewhere.get("/sns/jscode2session?appid=wxdemo0000000001&secret=demo-app-secret&js_code=" + code +
                    "&grant_type=authorization_code");
  ASSERT_TRUE(stolen.json().contains("openid")) << stolen.body;
  auto phone = server.phone();
  EXPECT_TRUE(failed_with(phone.login(code), 401, 1000030001));
}

TEST_F(login_flow, a_refused_code_stays_refused_without_asking_again) {
  auto phone = server.phone();
  ASSERT_TRUE(failed_with(phone.login("nobody-made-this-code"), 401, 1000030001));
  ASSERT_TRUE(failed_with(phone.login("nobody-made-this-code"), 401, 1000030001));
  EXPECT_EQ(server.wechat().calls_of(kit::code_exchange), 1u);
}

TEST_F(login_flow, the_same_code_again_gets_the_same_session_and_one_exchange) {
  const auto code = server.wechat().make_code();
  auto phone = server.phone();
  const auto first = phone.login(code);
  const auto again = phone.login(code);
  ASSERT_TRUE(succeeded(first));
  ASSERT_TRUE(succeeded(again));
  EXPECT_EQ(tokens_of(first), tokens_of(again));
  EXPECT_EQ(server.wechat().calls_of(kit::code_exchange), 1u);
  EXPECT_EQ(data_of(phone.sessions())["total"], 1);
}

TEST_F(login_flow, after_a_refresh_the_same_code_gets_the_newest_pair) {
  const auto code = server.wechat().make_code();
  auto phone = server.phone();
  ASSERT_TRUE(succeeded(phone.login(code)));
  const auto session = phone.session_id;
  ASSERT_TRUE(succeeded(phone.refresh()));
  const auto newest = phone.refresh_token;
  auto again = server.phone();
  ASSERT_TRUE(succeeded(again.login(code)));
  EXPECT_EQ(again.session_id, session);
  EXPECT_EQ(again.refresh_token, newest);
  EXPECT_TRUE(succeeded(again.refresh()));
  EXPECT_TRUE(succeeded(phone.me()));
}

TEST_F(login_flow, after_a_logout_the_same_code_is_a_used_code) {
  const auto code = server.wechat().make_code();
  auto phone = server.phone();
  ASSERT_TRUE(succeeded(phone.login(code)));
  ASSERT_TRUE(succeeded(phone.logout()));
  EXPECT_TRUE(failed_with(phone.login(code), 401, 1000030001));
  EXPECT_EQ(server.wechat().calls_of(kit::code_exchange), 1u);
}

TEST(login_life, a_code_that_is_sent_again_gives_a_living_access_token_and_tells_what_is_left) {
  kit::test_server server([](options& values) { values.auth.access_ttl_s = 2; });
  const auto code = server.wechat().make_code();
  auto phone = server.phone();
  const auto first = phone.login(code);
  ASSERT_TRUE(succeeded(first));
  ASSERT_TRUE(kit::eventually([&] { return phone.me().status == 401; }));
  auto later = server.phone();
  const auto again = later.login(code);
  ASSERT_TRUE(succeeded(again));
  EXPECT_EQ(later.session_id, phone.session_id);
  EXPECT_TRUE(succeeded(later.me()));
  EXPECT_GT(data_of(again)["expires_in"], 0);
  EXPECT_EQ(server.wechat().calls_of(kit::code_exchange), 1u);
}

TEST_F(login_flow, sixty_four_logins_with_one_code_at_once_are_one_session) {
  const auto code = server.wechat().make_code();
  const auto answers = kit::together(64, [&](std::size_t) { return server.phone().login(code); });
  for (const auto& answer : answers) {
    ASSERT_TRUE(succeeded(answer));
    EXPECT_EQ(tokens_of(answer), tokens_of(answers.front()));
  }
  EXPECT_EQ(server.wechat().calls_of(kit::code_exchange), 1u);
  auto phone = server.phone();
  phone.access_token = text_of(answers.front(), "access_token");
  EXPECT_EQ(data_of(phone.sessions())["total"], 1);
}

TEST_F(login_flow, sixty_four_first_logins_of_one_person_at_once_are_one_user) {
  std::vector<std::string> codes;
  for (int i = 0; i < 64; ++i)
    codes.push_back(server.wechat().make_code("o-in-a-hurry"));
  const auto answers = kit::together(64, [&](std::size_t i) { return server.phone().login(codes[i]); });
  std::set<std::string> users;
  std::set<std::string> sessions;
  int made = 0;
  for (const auto& answer : answers) {
    ASSERT_TRUE(succeeded(answer));
    const auto data = data_of(answer);
    users.insert(data["user"].value("id", ""));
    sessions.insert(data.value("session_id", ""));
    made += data["user"].value("is_new", false) ? 1 : 0;
  }
  EXPECT_EQ(users.size(), 1u);
  EXPECT_EQ(sessions.size(), 64u);
  EXPECT_EQ(made, 1);
  EXPECT_EQ(server.wechat().calls_of(kit::code_exchange), 64u);
}

TEST(login_across_apps, one_person_in_two_apps_of_a_company_is_one_user) {
  kit::test_server server([](options& values) {
    values.apps["second"] = {.app_id = "wxsecond00000001", .app_secret = secret("second-app-secret")};
    values.default_app = "demo";
  });
  kit::http_client simulator(server.simulator_port());
  const auto other_code =
      simulator
          .post_json("/_sim/codes",
                     {{"openid", "o-second"}, {"unionid", "u-same"}, {"app_id", "wxsecond00000001"}})
          .json()["code"]
          .get<std::string>();
  auto one = server.phone();
  auto other = server.phone();
  ASSERT_TRUE(succeeded(one.login(server.wechat().make_code("o-first", "u-same"), {{"app", "demo"}})));
  ASSERT_TRUE(succeeded(other.login(other_code, {{"app", "second"}})));
  EXPECT_EQ(one.user_id, other.user_id);
}

TEST(login_across_apps, a_code_of_one_app_is_no_code_of_another) {
  kit::test_server server([](options& values) {
    values.apps["second"] = {.app_id = "wxsecond00000001", .app_secret = secret("second-app-secret")};
    values.default_app = "demo";
  });
  auto phone = server.phone();
  const auto code = server.wechat().make_code("o-first");
  EXPECT_TRUE(failed_with(phone.login(code, {{"app", "second"}}), 401, 1000030001));
  EXPECT_TRUE(succeeded(phone.login(code, {{"app", "demo"}})));
}

} // namespace
} // namespace weappd
