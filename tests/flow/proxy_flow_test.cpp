#include "tests/flow/answers.hpp"
#include "tests/kit/net/proxy_header.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"

#include <gtest/gtest.h>

#include <string>

/// Who is asking, behind proxies.
namespace weappd {
namespace {

/// An address without a token may ask twice.
void with_two_each(options& values) {
  values.http.trusted_proxies = {"127.0.0.1"};
  auto& limit = values.limits.at("per_ip");
  limit.limit = limit.burst = 2;
  limit.window_s = 3'600;
}

const std::string request = "GET /api/v1/users/me HTTP/1.1\r\nHost: a\r\n";

TEST(proxy_flow, by_rfc_7239_each_client_counts_for_itself_and_the_other_header_does_not_count) {
  kit::test_server server([](options& values) {
    with_two_each(values);
    values.http.forwarded_header = forwarded_field::forwarded;
  });
  auto proxy = server.http();
  const auto ask = [&](const std::string& forwarded) {
    return proxy.get("/api/v1/users/me", {{"X-Forwarded-For", "203.0.113.1"}, {"Forwarded", forwarded}})
        .status;
  };
  EXPECT_EQ(ask("for=192.0.2.1"), 401);
  EXPECT_EQ(ask(R"(for="192.0.2.1:4711";proto=https)"), 401);
  EXPECT_EQ(ask("for=1.1.1.1, for=192.0.2.1"), 429);
  EXPECT_EQ(ask(R"(for="[2001:db8::1]")"), 401);
}

TEST(proxy_flow, by_the_proxy_protocol_limits_and_bans_know_the_client) {
  kit::test_server server([](options& values) {
    with_two_each(values);
    values.http.proxy_protocol = true;
    values.bans.refusals = 2;
  });
  const auto ask = [&](const std::string& client) {
    kit::raw_connection proxy(server.port());
    proxy.send(kit::proxy_header(client) + request + "Connection: close\r\n\r\n");
    return proxy.read_response();
  };
  EXPECT_EQ(ask("192.0.2.1").status, 401);
  EXPECT_EQ(ask("192.0.2.1").status, 401);
  EXPECT_NE(ask("192.0.2.1").header("RateLimit"), "") << "refused by the limit";
  EXPECT_EQ(ask("192.0.2.1").status, 429);
  EXPECT_TRUE(kit::eventually([&] { return ask("192.0.2.1").header("RateLimit").empty(); })) << "banned";
  EXPECT_EQ(ask("192.0.2.2").status, 401);
}

TEST(proxy_flow, a_header_counts_only_if_the_client_that_the_proxy_tells_is_a_proxy_too) {
  kit::test_server server([](options& values) {
    with_two_each(values);
    values.http.trusted_proxies = {"127.0.0.1", "10.0.0.1"};
    values.http.proxy_protocol = true;
  });
  const auto ask = [&](const std::string& client, const std::string& forwarded) {
    kit::raw_connection proxy(server.port());
    proxy.send(kit::proxy_header(client) + request + "X-Forwarded-For: " + forwarded + "\r\n\r\n");
    return proxy.read_response().status;
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(ask("192.0.2.1", "198.51.100." + std::to_string(i)), i < 2 ? 401 : 429) << "a lie";
    EXPECT_EQ(ask("10.0.0.1", "203.0.113." + std::to_string(i)), 401) << "a second proxy";
  }
}

} // namespace
} // namespace weappd
