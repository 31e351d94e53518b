#include "tests/flow/answers.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"
#include "tests/kit/server/together.hpp"

#include <gtest/gtest.h>

#include <set>

/// POST /api/v1/auth/refresh: rotation, racing requests of one client, and theft.
namespace weappd {
namespace {

struct refresh_flow : testing::Test {
  explicit refresh_flow(const kit::test_server::change_function& change = {}) : server(change) {
    EXPECT_TRUE(succeeded(phone.login(server.wechat().make_code())));
  }

  kit::test_server server;
  kit::mini_program phone = server.phone();
};

struct refresh_flow_short_window : refresh_flow {
  refresh_flow_short_window()
      : refresh_flow([](options& values) { values.auth.refresh_reuse_window_s = 1; }) {}
};

TEST_F(refresh_flow, a_refresh_gives_a_new_pair_for_the_same_session) {
  const auto session_id = phone.session_id;
  const auto refresh_token = phone.refresh_token;
  const auto answer = phone.refresh();
  ASSERT_TRUE(succeeded(answer));
  const auto data = data_of(answer);
  EXPECT_TRUE(has_members(data, {"access_token", "token_type", "expires_in", "refresh_token",
                                 "refresh_expires_in", "session_id"}));
  EXPECT_EQ(data["token_type"], "Bearer");
  EXPECT_EQ(data["expires_in"], 7200);
  EXPECT_EQ(data["refresh_expires_in"], 2592000);
  EXPECT_EQ(data["session_id"], session_id);
  EXPECT_NE(data["refresh_token"], refresh_token);
  EXPECT_TRUE(succeeded(phone.me()));
}

TEST_F(refresh_flow, a_session_can_be_refreshed_again_and_again) {
  std::set<std::string> tokens{phone.refresh_token};
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(succeeded(phone.refresh()));
    EXPECT_TRUE(tokens.insert(phone.refresh_token).second) << "a token came back";
  }
  EXPECT_TRUE(succeeded(phone.me()));
  EXPECT_EQ(data_of(phone.sessions())["total"], 1);
}

TEST_F(refresh_flow, the_old_access_token_works_until_it_expires) {
  const auto old_token = phone.access_token;
  ASSERT_TRUE(succeeded(phone.refresh()));
  EXPECT_TRUE(succeeded(phone.get("/api/v1/users/me", {{"Authorization", "Bearer " + old_token}})));
}

TEST_F(refresh_flow, sixty_four_racing_refreshes_get_one_identical_pair) {
  const auto old_token = phone.refresh_token;
  const auto answers = kit::together(64, [&](std::size_t) { return server.phone().refresh_with(old_token); });
  for (const auto& answer : answers) {
    ASSERT_TRUE(succeeded(answer));
    EXPECT_EQ(tokens_of(answer), tokens_of(answers.front()));
  }
  phone.refresh_token = text_of(answers.front(), "refresh_token");
  EXPECT_TRUE(succeeded(phone.refresh()));
}

TEST_F(refresh_flow, an_old_token_gets_the_same_pair_within_the_window) {
  const auto old_token = phone.refresh_token;
  const auto first = phone.refresh();
  const auto again = phone.refresh_with(old_token);
  ASSERT_TRUE(succeeded(again));
  EXPECT_EQ(tokens_of(first), tokens_of(again));
  EXPECT_TRUE(succeeded(phone.refresh()));
}

TEST_F(refresh_flow, an_old_token_gets_the_same_pair_within_the_window_after_a_restart) {
  const auto old_token = phone.refresh_token;
  const auto first = phone.refresh();
  ASSERT_TRUE(succeeded(first));
  server.restart();
  auto later = server.phone();
  const auto again = later.refresh_with(old_token);
  ASSERT_TRUE(succeeded(again));
  EXPECT_EQ(tokens_of(first), tokens_of(again));
}

TEST_F(refresh_flow_short_window, an_old_token_after_the_window_ends_the_session) {
  const auto stolen = phone.refresh_token;
  ASSERT_TRUE(succeeded(phone.refresh()));
  // Within the window the thief is taken for a racing request and gets the pair again.
  ASSERT_TRUE(kit::eventually([&] { return phone.refresh_with(stolen).status != 200; }));
  EXPECT_TRUE(failed_with(phone.refresh_with(stolen), 401, 1000030002));
  EXPECT_TRUE(failed_with(phone.me(), 401, 1000030003));
  EXPECT_TRUE(failed_with(phone.refresh(), 401, 1000030002));

  server.stop();
  EXPECT_NE(server.log().find("session.refresh_reused"), std::string::npos);
}

TEST_F(refresh_flow_short_window, theft_ends_one_session_and_the_user_can_log_in_again) {
  auto victim = server.phone();
  auto tablet = server.phone();
  ASSERT_TRUE(succeeded(victim.login(server.wechat().make_code("o-victim"))));
  ASSERT_TRUE(succeeded(tablet.login(server.wechat().make_code("o-victim"))));
  const auto stolen = victim.refresh_token;
  ASSERT_TRUE(succeeded(victim.refresh()));
  ASSERT_TRUE(kit::eventually([&] { return victim.refresh_with(stolen).status == 401; }));
  EXPECT_TRUE(failed_with(victim.me(), 401, 1000030003));
  EXPECT_TRUE(succeeded(tablet.me()));
  ASSERT_TRUE(succeeded(victim.login(server.wechat().make_code("o-victim"))));
  EXPECT_TRUE(succeeded(victim.me()));
}

TEST_F(refresh_flow, what_is_no_refresh_token_is_refused) {
  auto changed = phone.refresh_token;
  changed[60] = changed[60] == 'A' ? 'B' : 'A';
  for (const auto& token : {std::string("x"), std::string(75, 'A'), std::string(257, 'A'),
                            std::string(2'048, 'A'), phone.access_token, changed})
    EXPECT_TRUE(failed_with(phone.refresh_with(token), 401, 1000030002)) << token;
  EXPECT_TRUE(succeeded(phone.refresh())) << "a guess must not end the session";
}

TEST_F(refresh_flow, what_does_not_fit_is_named) {
  const auto send = [&](const nlohmann::json& body) {
    return phone.request("POST", "/api/v1/auth/refresh", body.dump());
  };
  EXPECT_TRUE(refused_field(send(nlohmann::json::object()), "refresh_token", "required"));
  EXPECT_TRUE(refused_field(send({{"refresh_token", nullptr}}), "refresh_token", "wrong_type"));
  EXPECT_TRUE(refused_field(send({{"refresh_token", std::string(2'049, 'A')}}), "refresh_token", "too_long"));
  EXPECT_TRUE(refused_field(send({{"refresh_token", phone.refresh_token}, {"device", "x"}}), "device",
                            "unknown_field"));
  EXPECT_TRUE(succeeded(phone.refresh()));
}

TEST(refresh_life, an_expired_refresh_token_is_refused_and_a_login_works) {
  kit::test_server server([](options& values) { values.auth.refresh_ttl_s = 2; });
  auto phone = server.phone();
  const auto login = phone.login(server.wechat().make_code("o-late"));
  ASSERT_TRUE(succeeded(login));
  EXPECT_LE(data_of(login)["expires_in"], 2) << "no access token outlives its session";
  ASSERT_TRUE(kit::eventually([&] { return phone.me().status == 401; }));
  ASSERT_TRUE(
      kit::eventually([&] { return server.phone().refresh_with(phone.refresh_token).status == 401; }));
  EXPECT_TRUE(failed_with(phone.refresh(), 401, 1000030002));
  EXPECT_TRUE(succeeded(phone.login(server.wechat().make_code("o-late"))));
}

} // namespace
} // namespace weappd
