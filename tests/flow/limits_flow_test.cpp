#include "tests/flow/answers.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// Limits: whom they count, and what the client is told.
namespace weappd {
namespace {

using testing::MatchesRegex;

/// A server with one policy that lets three through and then one more every twenty seconds.
auto with_three(const std::string& policy) {
  return [policy](options& values) {
    auto& limit = values.limits.at(policy);
    limit.limit = limit.burst = 3;
    limit.window_s = 60;
  };
}

testing::AssertionResult is_limited(const kit::http_response& answer) {
  if (auto failed = failed_with(answer, 429, 9000060001); !failed)
    return failed;
  const auto seconds = answer.header("Retry-After");
  if (seconds.empty() || std::stoi(seconds) < 1 || std::stoi(seconds) > 20)
    return testing::AssertionFailure() << "Retry-After: " << seconds;
  return testing::AssertionSuccess();
}

TEST(limits_flow, logins_are_counted_by_address_and_the_client_is_told_how_many_are_left) {
  kit::test_server server(with_three("login"));
  auto phone = server.phone();
  for (int left = 2; left >= 0; --left) {
    const auto answer = phone.login(server.wechat().make_code());
    ASSERT_TRUE(succeeded(answer));
    EXPECT_EQ(answer.header("RateLimit-Policy"), "\"login\";q=3;w=60");
    EXPECT_THAT(answer.header("RateLimit"),
                MatchesRegex("\"login\";r=" + std::to_string(left) + ";t=[0-9]+"));
    EXPECT_EQ(answer.header("Retry-After"), "");
  }
  const auto code = server.wechat().make_code();
  const auto before = server.wechat().calls_of(kit::code_exchange);
  const auto refused = phone.login(code);
  EXPECT_TRUE(is_limited(refused));
  EXPECT_EQ(refused.header("RateLimit-Policy"), "\"login\";q=3;w=60");
  EXPECT_THAT(refused.header("RateLimit"), MatchesRegex("\"login\";r=0;t=[0-9]+"));
  EXPECT_EQ(server.wechat().calls_of(kit::code_exchange), before) << "WeChat must not hear of it";
  EXPECT_TRUE(succeeded(phone.me())) << "other requests have limits of their own";
}

TEST(limits_flow, whoever_waits_may_come_again) {
  kit::test_server server([](options& values) {
    values.limits["login"].limit = 5;
    values.limits["login"].window_s = 1;
    values.limits["login"].burst = 1;
  });
  auto phone = server.phone();
  const auto code = server.wechat().make_code();
  ASSERT_TRUE(succeeded(phone.login(code)));
  const auto refused = phone.login(code);
  ASSERT_EQ(refused.status, 429) << refused.body;
  EXPECT_EQ(refused.header("Retry-After"), "1") << "rounded up";
  EXPECT_TRUE(kit::eventually([&] { return phone.login(code).status == 200; }));
}

TEST(limits_flow, requests_with_a_token_are_counted_by_user_on_all_devices) {
  kit::test_server server(with_three("per_user"));
  auto phone = server.phone();
  auto tablet = server.phone();
  auto stranger = server.phone();
  ASSERT_TRUE(succeeded(phone.login(server.wechat().make_code("o-busy"))));
  ASSERT_TRUE(succeeded(tablet.login(server.wechat().make_code("o-busy"))));
  ASSERT_TRUE(succeeded(stranger.login(server.wechat().make_code("o-calm"))));
  const auto answer = phone.me();
  EXPECT_EQ(answer.header("RateLimit-Policy"), "\"per_user\";q=3;w=60");
  ASSERT_TRUE(succeeded(tablet.me()));
  ASSERT_TRUE(succeeded(phone.me()));
  EXPECT_TRUE(is_limited(phone.me()));
  EXPECT_TRUE(is_limited(tablet.sessions()));
  EXPECT_TRUE(succeeded(stranger.me()));
}

TEST(limits_flow, requests_without_a_valid_token_are_counted_by_address) {
  kit::test_server server(with_three("per_ip"));
  auto phone = server.phone();
  ASSERT_TRUE(succeeded(phone.login(server.wechat().make_code())));
  auto http = server.http();
  for (int i = 0; i < 2; ++i) {
    const auto answer = http.get("/api/v1/users/me", {{"Authorization", "Bearer guess" + std::to_string(i)}});
    EXPECT_TRUE(failed_with(answer, 401, 1000030003));
    EXPECT_EQ(answer.header("RateLimit-Policy"), "\"per_ip\";q=3;w=60");
  }
  EXPECT_TRUE(is_limited(http.get("/api/v1/users/me", {{"Authorization", "Bearer guess"}})));
  EXPECT_TRUE(succeeded(phone.me())) << "a valid token has the limit of its user";
  EXPECT_TRUE(is_limited(phone.refresh()));
  EXPECT_TRUE(is_limited(server.phone().login(server.wechat().make_code())))
      << "a login was the first of three";
}

TEST(limits_flow, health_is_never_limited) {
  kit::test_server server(with_three("per_ip"));
  auto http = server.http();
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(http.get("/healthz").status, 200);
}

kit::http_response ask_as(kit::http_client& http, const std::string& forwarded_for) {
  return http.get("/api/v1/users/me", {{"X-Forwarded-For", forwarded_for}});
}

TEST(limits_flow, behind_a_trusted_proxy_each_client_counts_for_itself) {
  kit::test_server server([](options& values) {
    with_three("per_ip")(values);
    values.http.trusted_proxies = {"127.0.0.0/8"};
  });
  auto proxy = server.http();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(ask_as(proxy, "192.0.2.1").status, 401);
  EXPECT_TRUE(is_limited(ask_as(proxy, "192.0.2.1")));
  EXPECT_EQ(ask_as(proxy, "192.0.2.2").status, 401);
  EXPECT_TRUE(is_limited(ask_as(proxy, "198.51.100.9, 192.0.2.1")))
      << "what a client claims itself does not help";
}

TEST(limits_flow, an_ipv6_client_is_its_network_of_64_bits) {
  kit::test_server server([](options& values) {
    with_three("per_ip")(values);
    values.http.trusted_proxies = {"127.0.0.1"};
  });
  auto proxy = server.http();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(ask_as(proxy, "2001:db8:1:2::" + std::to_string(i)).status, 401);
  EXPECT_TRUE(is_limited(ask_as(proxy, "2001:db8:1:2:ffff:ffff:ffff:ffff")));
  EXPECT_EQ(ask_as(proxy, "2001:db8:1:3::1").status, 401) << "the next network is somebody else";
}

TEST(limits_flow, without_a_trusted_proxy_nobody_is_believed) {
  kit::test_server server(with_three("per_ip"));
  auto http = server.http();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(ask_as(http, "192.0.2." + std::to_string(i)).status, 401);
  EXPECT_TRUE(is_limited(ask_as(http, "192.0.2.77")));
}

} // namespace
} // namespace weappd
