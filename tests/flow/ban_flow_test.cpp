#include "tests/flow/answers.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

/// Addresses that are not listened to for a while.
namespace weappd {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string ban_operator_token = "operator-token-of-bans-0123456789abcdef";

/// Clients come through a proxy that says who they are.
void with_bans(options& values) {
  values.http.trusted_proxies = {"127.0.0.1"};
  values.admin.port = 0;
  values.admin.token = secret(ban_operator_token);
  values.bans.refusals = 3;
  values.bans.failed_logins = 2;
  values.bans.allow = {"198.51.100.0/24"};
  auto& limit = values.limits.at("per_ip");
  limit.limit = limit.burst = 2;
  limit.window_s = 3'600;
}

kit::field_list from(const std::string& address) {
  return {{"X-Forwarded-For", address}};
}

testing::AssertionResult is_banned(const kit::http_response& answer, int most = 60) {
  if (auto failed = failed_with(answer, 429, 9000060001); !failed)
    return failed;
  const auto seconds = answer.header("Retry-After");
  if (!answer.header("RateLimit").empty() || seconds.empty() || std::stoi(seconds) < 1 ||
      std::stoi(seconds) > most)
    return testing::AssertionFailure() << "refused by a limit, or Retry-After: " << seconds;
  return testing::AssertionSuccess();
}

struct bans_flow : testing::Test {
  kit::test_server server{with_bans};

  /// The list is in force from the first request on; what operators may ask of it waits until it was read.
  void SetUp() override {
    ASSERT_TRUE(kit::eventually([&] { return list().status == 200; }));
  }

  kit::http_response ask(const std::string& address, const std::string& path = "/api/v1/users/me") {
    return server.http().get(path, from(address));
  }
  /// Two are let through, then three are refused.
  void go_on_until_banned(const std::string& address) {
    for (int i = 0; i < 5; ++i)
      EXPECT_EQ(ask(address).status, i < 2 ? 401 : 429);
    EXPECT_TRUE(kit::eventually([&] { return bool(is_banned(ask(address))); }));
  }
  kit::http_response log_in(const std::string& address, const std::string& code) {
    return server.http().post_json("/api/v1/auth/login", {{"code", code}}, from(address));
  }

  // operators

  kit::http_client operators() { return kit::http_client(server.server().admin_port()); }
  static kit::field_list with_token() { return {{"Authorization", "Bearer " + ban_operator_token}}; }
  kit::http_response put(const nlohmann::json& body) {
    return operators().request("PUT", "/admin/v1/bans", body.dump(), with_token());
  }
  kit::http_response list(const std::string& query = "") {
    return operators().get("/admin/v1/bans" + query, with_token());
  }
  std::string metrics() { return operators().get("/metrics").body; }
};

TEST_F(bans_flow, whoever_goes_on_after_refusals_is_banned_and_nobody_else) {
  go_on_until_banned("192.0.2.1");
  EXPECT_EQ(ask("192.0.2.2").status, 401);
  EXPECT_TRUE(is_banned(ask("192.0.2.1", "/api/v1/templates"))) << "everywhere";
  EXPECT_EQ(ask("192.0.2.1", "/healthz").status, 200) << "but where nothing is limited";
  const auto items = data_of(list())["items"];
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0]["address"], "192.0.2.1");
  EXPECT_EQ(items[0]["why"], "refusals");
  EXPECT_EQ(items[0]["times"], 1);
  EXPECT_THAT(metrics(), HasSubstr("weappd_bans 1"));
  EXPECT_THAT(metrics(), HasSubstr("weappd_bans_total{why=\"refusals\"} 1"));
  EXPECT_THAT(metrics(), Not(HasSubstr("weappd_http_banned_total 0")));
  server.stop();
  const auto log = server.log();
  const auto first = log.find("\"event\":\"ban.made\"");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(log.find("\"event\":\"ban.made\"", first + 1), std::string::npos)
      << "a line for a ban, not for a refusal";
}

TEST_F(bans_flow, whoever_guesses_codes_is_banned) {
  for (int i = 0; i < 2; ++i)
    EXPECT_TRUE(failed_with(log_in("192.0.2.1", "nonsense" + std::to_string(i)), 401, 1000030001));
  EXPECT_TRUE(kit::eventually([&] { return bool(is_banned(ask("192.0.2.1"))); }));
  EXPECT_EQ(data_of(list())["items"][0]["why"], "failed_logins");
  EXPECT_TRUE(is_banned(log_in("192.0.2.1", server.wechat().make_code()))) << "a good code does not help";
  EXPECT_TRUE(succeeded(log_in("192.0.2.2", server.wechat().make_code())));
}

TEST_F(bans_flow, whoever_guesses_the_secret_of_a_service_client_is_banned) {
  for (int i = 0; i < 2; ++i)
    (void)server.http().post_json("/api/v1/auth/service",
                                  {{"client_id", "nobody"}, {"client_secret", "wrong-secret-wrong"}},
                                  from("192.0.2.1"));
  EXPECT_TRUE(kit::eventually([&] { return bool(is_banned(ask("192.0.2.1"))); }));
}

TEST_F(bans_flow, an_ipv6_client_is_its_network) {
  for (int i = 0; i < 5; ++i)
    (void)ask("2001:db8:0:1::" + std::to_string(i));
  EXPECT_TRUE(kit::eventually([&] { return bool(is_banned(ask("2001:db8:0:1:ffff::1"))); }));
  EXPECT_EQ(ask("2001:db8:0:2::1").status, 401);
}

TEST_F(bans_flow, who_is_on_the_list_of_the_allowed_is_not_banned) {
  for (int i = 0; i < 12; ++i)
    (void)ask("198.51.100.7");
  EXPECT_NE(ask("198.51.100.7").header("RateLimit"), "") << "refused by the limit alone";
  EXPECT_EQ(data_of(list())["total"], 0);
}

TEST_F(bans_flow, a_trusted_proxy_is_never_banned_for_what_comes_through_it) {
  for (const auto* broken : {"nonsense", "192.0.2.1:x", "unknown", ""})
    for (int i = 0; i < 6; ++i)
      (void)ask(broken);
  for (int i = 0; i < 6; ++i)
    (void)server.http().get("/api/v1/users/me");
  EXPECT_EQ(ask("").status, 429) << "the proxy itself has used up its limit";
  EXPECT_EQ(ask("192.0.2.1").status, 401) << "but it is heard";
  EXPECT_EQ(data_of(list())["total"], 0);
}

TEST_F(bans_flow, are_kept_over_a_restart) {
  go_on_until_banned("192.0.2.1");
  ASSERT_TRUE(succeeded(put({{"address", "192.0.2.9"}, {"for_s", 3'600}})));
  server.restart();
  EXPECT_TRUE(is_banned(ask("192.0.2.1"))) << "from the first request on";
  EXPECT_TRUE(is_banned(ask("192.0.2.9"), 3'600));
  EXPECT_TRUE(kit::eventually([&] { return list().status == 200; }));
  EXPECT_EQ(data_of(list())["total"], 2);
}

TEST_F(bans_flow, stay_in_force_when_their_keeper_dies) {
  go_on_until_banned("192.0.2.1");
  caf::anon_send_exit(server.server().parts().ban_keeper.get(), caf::exit_reason::kill);
  for (int i = 0; i < 50; ++i)
    ASSERT_TRUE(is_banned(ask("192.0.2.1")));
  EXPECT_TRUE(kit::eventually([&] { return list().status == 200 && data_of(list())["total"] == 1; }));
  go_on_until_banned("192.0.2.2");
}

TEST_F(bans_flow, operators_ban_and_let_go_at_once) {
  EXPECT_EQ(ask("192.0.2.5").status, 401);
  const auto banned = put({{"address", "192.0.2.5"}, {"banned", true}, {"for_s", 100}});
  ASSERT_TRUE(succeeded(banned));
  EXPECT_EQ(data_of(banned)["address"], "192.0.2.5");
  EXPECT_EQ(data_of(banned)["why"], "operators");
  EXPECT_TRUE(is_banned(ask("192.0.2.5"), 100));
  const auto lifted = put({{"address", "192.0.2.5"}, {"banned", false}});
  ASSERT_TRUE(succeeded(lifted));
  EXPECT_EQ(data_of(lifted), (nlohmann::json{{"address", "192.0.2.5"}}));
  EXPECT_EQ(ask("192.0.2.5").status, 401);
  EXPECT_TRUE(succeeded(put({{"address", "2001:db8:0:5::77"}, {"for_s", 100}})));
  EXPECT_EQ(data_of(list())["items"][0]["address"], "2001:db8:0:5::/64");
  EXPECT_TRUE(is_banned(ask("2001:db8:0:5::1"), 100));
}

TEST_F(bans_flow, operators_are_told_what_cannot_be) {
  EXPECT_TRUE(refused_field(put({{"address", "127.0.0.1"}, {"for_s", 100}}), "address", "never_banned"));
  EXPECT_TRUE(refused_field(put({{"address", "198.51.100.3"}, {"for_s", 100}}), "address", "never_banned"));
  EXPECT_TRUE(refused_field(put({{"address", "192.0.2.0/24"}, {"for_s", 100}}), "address", "unknown_value"));
  EXPECT_TRUE(refused_field(put({{"address", "192.0.2.1"}}), "for_s", "required"));
  EXPECT_TRUE(refused_field(put({{"address", "192.0.2.1"}, {"for_s", 0}}), "for_s", "out_of_range"));
  EXPECT_TRUE(refused_field(put({{"for_s", 1}}), "address", "required"));
  EXPECT_TRUE(refused_field(list("?limit=101"), "limit", "out_of_range"));
  EXPECT_EQ(operators().get("/admin/v1/bans").status, 401);
  EXPECT_EQ(server.http().get("/admin/v1/bans", with_token()).status, 404);
}

TEST_F(bans_flow, follow_a_reload) {
  auto changed = kit::test_options(server.folder());
  with_bans(changed);
  changed.bans.refusals = 0;
  server.server().reload_from([&] { return loaded_options{changed, {}}; });
  const auto report = server.server().reload();
  EXPECT_THAT(report.applied, testing::Contains("bans.refusals"));
  for (int i = 0; i < 12; ++i)
    (void)ask("192.0.2.1");
  EXPECT_EQ(data_of(list())["total"], 0);
}

TEST(bans, are_off_unless_they_are_wanted) {
  kit::test_server server([](options& values) {
    with_bans(values);
    values.bans = {};
  });
  for (int i = 0; i < 30; ++i)
    (void)server.http().get("/api/v1/users/me", from("192.0.2.1"));
  EXPECT_NE(server.http().get("/api/v1/users/me", from("192.0.2.1")).header("RateLimit"), "");
}

} // namespace
} // namespace weappd
