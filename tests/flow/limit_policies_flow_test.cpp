#include "tests/flow/answers.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

/// Policies of one's own: every algorithm and every key, through the whole server.
namespace weappd {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using steady = std::chrono::steady_clock;

auto with_policy(limit_options policy) {
  return [policy](options& values) { values.limits["mine"] = policy; };
}

/// Three of them pass within a minute.
limit_options three(const std::string& key, limit_algorithm algorithm = limit_algorithm::gcra) {
  return {.match = {.routes = {"users.me", "messages.list"}},
          .key = key,
          .algorithm = algorithm,
          .limit = 3,
          .window_s = 60,
          .burst = 3};
}

testing::AssertionResult is_limited_by_mine(const kit::http_response& answer) {
  if (auto failed = failed_with(answer, 429, 9000060001); !failed)
    return failed;
  if (answer.header("RateLimit-Policy") != "\"mine\";q=3;w=60" || answer.header("Retry-After").empty() ||
      !answer.header("RateLimit").starts_with("\"mine\";r=0;t="))
    return testing::AssertionFailure()
           << answer.header("RateLimit-Policy") << " " << answer.header("RateLimit");
  return testing::AssertionSuccess();
}

kit::mini_program logged_in(kit::test_server& server, const std::string& openid,
                            const nlohmann::json& more = nlohmann::json::object(),
                            const std::string& app_id = {}) {
  auto phone = server.phone();
  EXPECT_TRUE(succeeded(phone.login(server.wechat().make_code(openid, {}, app_id), more)));
  return phone;
}

// -- algorithms

class each_window : public testing::TestWithParam<limit_algorithm> {};

TEST_P(each_window, lets_as_many_pass_as_it_says_and_tells_when_to_come_back) {
  kit::test_server server(with_policy(three("user", GetParam())));
  auto phone = logged_in(server, "o-busy");
  auto stranger = logged_in(server, "o-calm");
  for (int left = 2; left >= 0; --left) {
    const auto answer = phone.me();
    ASSERT_TRUE(succeeded(answer));
    EXPECT_EQ(answer.header("RateLimit-Policy"), "\"mine\";q=3;w=60");
    EXPECT_TRUE(answer.header("RateLimit").starts_with("\"mine\";r=" + std::to_string(left)));
  }
  EXPECT_TRUE(is_limited_by_mine(phone.me()));
  EXPECT_TRUE(succeeded(stranger.me()));
  EXPECT_TRUE(succeeded(phone.sessions())) << "another route";
}

INSTANTIATE_TEST_SUITE_P(limit_policies_flow, each_window,
                         testing::Values(limit_algorithm::gcra, limit_algorithm::sliding_window,
                                         limit_algorithm::fixed_window));

class each_short_window : public testing::TestWithParam<limit_algorithm> {};

TEST_P(each_short_window, lets_whoever_waited_come_again) {
  auto policy = three("user", GetParam());
  policy.limit = policy.burst = 1;
  policy.window_s = 1;
  kit::test_server server(with_policy(policy));
  auto phone = logged_in(server, "o");
  ASSERT_TRUE(succeeded(phone.me()));
  const auto refused = phone.me();
  ASSERT_EQ(refused.status, 429) << refused.body;
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_TRUE(kit::eventually([&] { return phone.me().status == 200; }));
}

INSTANTIATE_TEST_SUITE_P(limit_policies_flow, each_short_window,
                         testing::Values(limit_algorithm::gcra, limit_algorithm::sliding_window,
                                         limit_algorithm::fixed_window));

std::string request_for(const std::string& path) {
  return "GET " + path + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
}

limit_options leaky(std::uint32_t per_second, std::uint32_t waiting) {
  return {.match = {.routes = {"users.me"}},
          .algorithm = limit_algorithm::leaky_bucket,
          .limit = per_second,
          .window_s = 1,
          .burst = waiting,
          .max_delay_ms = 9'000};
}

TEST(limit_policies_flow, a_leaky_bucket_lets_requests_wait_their_turn_and_blocks_nothing) {
  kit::test_server server(with_policy(leaky(4, 2)));
  const auto begin = steady::now();
  std::vector<kit::raw_connection> clients;
  for (int i = 0; i < 4; ++i) {
    clients.emplace_back(server.port());
    clients.back().send(request_for("/api/v1/users/me"));
  }
  EXPECT_EQ(server.http().get("/healthz").status, 200);
  int passed = 0, refused = 0;
  for (auto& client : clients)
    ++(client.read_response().status == 429 ? refused : passed);
  EXPECT_EQ(passed, 3);
  EXPECT_EQ(refused, 1);
  EXPECT_GE(steady::now() - begin, 500ms) << "the third had to wait for two intervals";
}

TEST(limit_policies_flow, who_hangs_up_while_waiting_leaves_nothing_behind) {
  kit::test_server server([](options& values) {
    values.limits["mine"] = leaky(1, 8);
    values.http.metrics = true;
  });
  std::vector<kit::raw_connection> clients;
  for (int i = 0; i < 3; ++i) {
    clients.emplace_back(server.port());
    clients.back().send(request_for("/api/v1/users/me"));
  }
  const auto in_flight = [&](int count) {
    return server.http().get("/metrics").body.find("weappd_http_in_flight " + std::to_string(count) + "\n") !=
           std::string::npos;
  };
  EXPECT_TRUE(kit::eventually([&] { return in_flight(3); })) << "two wait, one asks for the figures";
  for (auto& client : clients)
    client.reset();
  EXPECT_TRUE(kit::eventually([&] { return in_flight(1); }));
}

// -- keys

TEST(limit_policies_flow, by_user_all_devices_of_one_count_together) {
  kit::test_server server(with_policy(three("user")));
  auto phone = logged_in(server, "o-busy"), tablet = logged_in(server, "o-busy");
  ASSERT_TRUE(succeeded(phone.me()));
  ASSERT_TRUE(succeeded(tablet.me()));
  ASSERT_TRUE(succeeded(phone.me()));
  EXPECT_TRUE(is_limited_by_mine(tablet.me()));
}

TEST(limit_policies_flow, by_address_all_users_behind_it_count_together) {
  kit::test_server server(with_policy(three("ip")));
  auto one = logged_in(server, "o-1"), other = logged_in(server, "o-2");
  ASSERT_TRUE(succeeded(one.me()));
  ASSERT_TRUE(succeeded(other.me()));
  ASSERT_TRUE(succeeded(one.me()));
  EXPECT_TRUE(is_limited_by_mine(other.me()));
}

TEST(limit_policies_flow, by_client_only_service_clients_are_counted) {
  kit::test_server server(with_policy(three("client")));
  auto shop = server.service();
  for (int i = 0; i < 3; ++i)
    ASSERT_EQ(shop.get("/api/v1/messages").status, 200);
  EXPECT_TRUE(is_limited_by_mine(shop.get("/api/v1/messages")));
  auto phone = logged_in(server, "o");
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(succeeded(phone.me()));
}

void add_shop(options& values) {
  values.apps["shop"] = {
      .kind = app_kind::mini_program, .app_id = "wxshop0000000001", .app_secret = secret("shop-secret")};
}

TEST(limit_policies_flow, by_app_all_its_users_count_together_and_those_of_another_app_apart) {
  kit::test_server server([](options& values) {
    add_shop(values);
    values.limits["mine"] = three("app");
  });
  auto one = logged_in(server, "o-1"), other = logged_in(server, "o-2");
  auto customer = logged_in(server, "o-3", {{"app", "shop"}}, "wxshop0000000001");
  ASSERT_TRUE(succeeded(one.me()));
  ASSERT_TRUE(succeeded(other.me()));
  ASSERT_TRUE(succeeded(one.me()));
  EXPECT_TRUE(is_limited_by_mine(other.me()));
  EXPECT_TRUE(succeeded(customer.me()));
}

TEST(limit_policies_flow, a_policy_of_one_app_counts_no_other) {
  kit::test_server server([](options& values) {
    add_shop(values);
    values.limits["mine"] = three("user");
    values.limits["mine"].match.apps = {"shop"};
  });
  auto user = logged_in(server, "o-1");
  auto customer = logged_in(server, "o-3", {{"app", "shop"}}, "wxshop0000000001");
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(succeeded(customer.me()));
  EXPECT_TRUE(is_limited_by_mine(customer.me()));
  for (int i = 0; i < 5; ++i)
    EXPECT_TRUE(succeeded(user.me()));
}

TEST(limit_policies_flow, of_a_path_that_names_an_app_that_app_counts) {
  kit::test_server server([](options& values) {
    values.limits["mine"] = three("app");
    values.limits["mine"].match.routes = {"apps.access_token"};
  });
  auto shop = server.service();
  for (int i = 0; i < 3; ++i)
    ASSERT_EQ(shop.get("/api/v1/apps/demo/access_token").status, 200);
  EXPECT_TRUE(is_limited_by_mine(shop.get("/api/v1/apps/demo/access_token")));
  EXPECT_EQ(shop.get("/api/v1/apps/demo_oa/access_token").status, 200);
}

TEST(limit_policies_flow, globally_everybody_counts_together) {
  kit::test_server server(with_policy(three("global")));
  auto one = logged_in(server, "o-1"), other = logged_in(server, "o-2");
  ASSERT_TRUE(succeeded(one.me()));
  ASSERT_TRUE(succeeded(other.me()));
  ASSERT_EQ(server.http().get("/api/v1/users/me").status, 401);
  EXPECT_TRUE(is_limited_by_mine(one.me()));
  EXPECT_TRUE(is_limited_by_mine(server.http().get("/api/v1/users/me")));
}

kit::http_response ask_from(kit::http_client& http, const std::string& device) {
  return http.get("/api/v1/users/me", {{"x-device", device}});
}

TEST(limit_policies_flow, by_a_header_of_a_trusted_proxy) {
  kit::test_server server([](options& values) {
    values.limits["mine"] = three("header:X-Device");
    values.http.trusted_proxies = {"127.0.0.1"};
  });
  auto proxy = server.http();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(ask_from(proxy, "one").status, 401);
  EXPECT_TRUE(is_limited_by_mine(ask_from(proxy, "one")));
  EXPECT_EQ(ask_from(proxy, "two").status, 401);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(proxy.get("/api/v1/users/me").status, 401) << "without it the address counts";
  EXPECT_TRUE(is_limited_by_mine(proxy.get("/api/v1/users/me")));
}

TEST(limit_policies_flow, a_header_of_anybody_else_is_not_believed) {
  kit::test_server server([](options& values) {
    values.limits["mine"] = three("header:X-Device");
    values.http.trusted_proxies = {"192.0.2.1"};
  });
  auto http = server.http();
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(ask_from(http, std::to_string(i)).status, 401);
  EXPECT_TRUE(is_limited_by_mine(ask_from(http, "another")));
}

// -- what is matched, what is said

TEST(limit_policies_flow, by_method_changes_are_counted_and_reads_are_not) {
  auto policy = three("user");
  policy.match = {.methods = {"PATCH"}};
  kit::test_server server(with_policy(policy));
  auto phone = logged_in(server, "o");
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(succeeded(phone.change_me({{"nickname", "n" + std::to_string(i)}})));
  EXPECT_TRUE(is_limited_by_mine(phone.change_me({{"nickname", "too much"}})));
  EXPECT_EQ(data_of(phone.me())["nickname"], "n2");
}

TEST(limit_policies_flow, who_is_refused_for_himself_uses_up_nothing_that_others_share) {
  kit::test_server server([](options& values) {
    values.limits["mine"] = three("user");
    values.limits["all"] = three("global");
    values.limits["all"].limit = values.limits["all"].burst = 5;
  });
  auto greedy = logged_in(server, "o-greedy"), calm = logged_in(server, "o-calm");
  for (int i = 0; i < 20; ++i)
    (void)greedy.me();
  EXPECT_TRUE(succeeded(calm.me()));
  EXPECT_TRUE(succeeded(calm.me()));
  const auto refused = calm.me();
  EXPECT_TRUE(failed_with(refused, 429, 9000060001));
  EXPECT_THAT(refused.header("RateLimit-Policy"), HasSubstr("\"all\""));
}

TEST(limit_policies_flow, a_shadow_refuses_nobody_and_tells_the_operator_whom_it_would) {
  kit::test_server server([](options& values) {
    values.limits["mine"] = three("user");
    values.limits["mine"].shadow = true;
    values.http.metrics = true;
  });
  auto phone = logged_in(server, "o");
  for (int i = 0; i < 5; ++i) {
    const auto answer = phone.me();
    EXPECT_TRUE(succeeded(answer));
    EXPECT_THAT(answer.header("RateLimit-Policy"), HasSubstr("per_user"));
  }
  const auto figures = server.http().get("/metrics").body;
  EXPECT_THAT(figures, HasSubstr("weappd_rate_limit_total{outcome=\"allowed\",policy=\"mine\"} 3\n"));
  EXPECT_THAT(figures, HasSubstr("weappd_rate_limit_total{outcome=\"would_refuse\",policy=\"mine\"} 2\n"));
  server.stop();
  EXPECT_THAT(server.log(), HasSubstr("rate.refused"));
}

// -- changes while it runs

TEST(limit_policies_flow, can_change_while_the_server_runs_and_keep_their_counts) {
  std::map<std::string, limit_options> limits;
  kit::test_server server([&](options& values) {
    values.limits["mine"] = three("user");
    limits = values.limits;
  });
  auto phone = logged_in(server, "o");
  ASSERT_TRUE(succeeded(phone.me()));
  ASSERT_TRUE(succeeded(phone.me()));
  limits["sessions"] = {.match = {.routes = {"auth.sessions"}}, .key = "user", .limit = 1, .window_s = 60};
  server.server().change_limits(limits);
  ASSERT_TRUE(succeeded(phone.me()));
  EXPECT_TRUE(is_limited_by_mine(phone.me())) << "the two from before count";
  ASSERT_TRUE(succeeded(phone.sessions()));
  EXPECT_EQ(phone.sessions().status, 429) << "on a connection that was open before";
  limits.erase("mine");
  server.server().change_limits(limits);
  EXPECT_TRUE(succeeded(phone.me()));
}

} // namespace
} // namespace weappd
