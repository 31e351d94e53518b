#include "tests/flow/answers.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"

#include <caf/send.hpp>

#include <gtest/gtest.h>

/// The access token of an app: fetched once, replaced when WeChat refuses it.
namespace weappd {
namespace {

struct wechat_token_flow : testing::Test {
  [[nodiscard]] token_refresher_actor refresher() {
    return server.server().parts().tokens.at(app_key{"demo"}).get();
  }
  token_lease lease() {
    auto answer = server.ask<token_lease>(refresher(), get_access_token{});
    EXPECT_TRUE(answer) << detail_of(answer.error());
    return answer ? *answer : token_lease{};
  }
  /// Does a business endpoint of WeChat accept it?
  bool works(const token_lease& held) {
    kit::http_client wechat(server.simulator_port());
    return wechat.get("/cgi-bin/get_api_domain_ip?access_token=" + held.token.reveal())
        .json()
        .contains("ip_list");
  }
  std::uint64_t fetches() { return server.wechat().calls_of(kit::token_fetch); }

  kit::test_server server{[](options& values) {
    values.apps.erase("demo_oa"); // one app: its fetches alone are counted
    values.templates.erase("industry:order_confirm");
    values.token.retry_min_ms = 10;
    values.token.retry_max_ms = 50;
  }};
};

TEST_F(wechat_token_flow, it_is_fetched_once_for_all_who_ask) {
  const auto first = lease();
  const auto again = lease();
  EXPECT_TRUE(works(first));
  EXPECT_TRUE(first.token == again.token);
  EXPECT_EQ(first.epoch, again.epoch);
  EXPECT_EQ(fetches(), 1u);
}

TEST_F(wechat_token_flow, a_token_that_wechat_ends_is_replaced_and_then_it_works_again) {
  const auto old_lease = lease();
  ASSERT_TRUE(works(old_lease));
  server.wechat().expire_access_tokens();
  ASSERT_FALSE(works(old_lease));
  caf::anon_send(refresher(), access_token_rejected{old_lease.epoch});
  const auto fresh = lease();
  EXPECT_NE(fresh.epoch, old_lease.epoch);
  EXPECT_TRUE(works(fresh));
  EXPECT_EQ(fetches(), 2u);
  EXPECT_TRUE(kit::eventually([&] { return server.http().get("/readyz").status == 200; }));
}

TEST_F(wechat_token_flow, late_news_of_an_old_token_does_nothing) {
  const auto old_lease = lease();
  server.wechat().expire_access_tokens();
  caf::anon_send(refresher(), access_token_rejected{old_lease.epoch});
  const auto fresh = lease();
  for (int i = 0; i < 10; ++i)
    caf::anon_send(refresher(), access_token_rejected{old_lease.epoch});
  EXPECT_EQ(lease().epoch, fresh.epoch);
  EXPECT_EQ(fetches(), 2u);
}

TEST_F(wechat_token_flow, readyz_tells_of_a_token_that_cannot_be_had_and_of_its_return) {
  const auto old_lease = lease();
  server.wechat().set_fault(kit::token_fetch,
                            {{"times", -1}, {"answer", {{"errcode", -1}, {"errmsg", "busy"}}}});
  server.wechat().expire_access_tokens();
  caf::anon_send(refresher(), access_token_rejected{old_lease.epoch});
  auto http = server.http();
  ASSERT_TRUE(kit::eventually([&] { return http.get("/readyz").status == 503; }));
  EXPECT_EQ(http.get("/readyz").json()["checks"]["wechat_token.demo"]["state"], "down");
  auto phone = server.phone();
  EXPECT_TRUE(succeeded(phone.login(server.wechat().make_code()))) << "a login needs no access token";

  server.wechat().clear_fault(kit::token_fetch);
  ASSERT_TRUE(kit::eventually([&] { return http.get("/readyz").status == 200; }));
  EXPECT_TRUE(works(lease()));
}

} // namespace
} // namespace weappd
