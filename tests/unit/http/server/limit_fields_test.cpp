#include "http/server/limit_fields.hpp"

#include <gtest/gtest.h>

namespace weappd::http::test {
namespace {

const std::map<std::string, limit_options> limits{{"per_user", {.limit = 60, .window_s = 10, .burst = 5}},
                                                  {"login", {.limit = 7, .window_s = 3'600, .burst = 1}}};

TEST(limit_fields, policies_have_the_order_of_their_names_as_the_limiters_have) {
  const auto policies = make_limit_policies(limits);
  ASSERT_EQ(policies.size(), 2u);
  EXPECT_EQ(policies[0].index, 0);
  EXPECT_EQ(policies[0].name, "\"login\"");
  EXPECT_EQ(policies[0].policy_line, "RateLimit-Policy: \"login\";q=7;w=3600\r\n");
  EXPECT_EQ(policies[1].index, 1);
  EXPECT_EQ(policies[1].name, "\"per_user\"");
}

TEST(limit_fields, tell_what_is_left_when_allowed) {
  EXPECT_EQ(limit_fields(make_limit_policies(limits)[1], {.allowed = true, .remaining = 4, .reset_s = 2}),
            "RateLimit-Policy: \"per_user\";q=60;w=10\r\nRateLimit: \"per_user\";r=4;t=2\r\n");
}

TEST(limit_fields, tell_when_to_come_back_when_refused) {
  EXPECT_EQ(
      limit_fields(make_limit_policies(limits)[0],
                   {.allowed = false, .reset_s = 3'600, .retry_after_s = 514}),
      "RateLimit-Policy: \"login\";q=7;w=3600\r\nRateLimit: \"login\";r=0;t=514\r\nRetry-After: 514\r\n");
}

TEST(limit_fields, count_a_user_by_id_and_everybody_else_by_address) {
  const route open{.name = "open", .pattern = "/open"},
      closed{.name = "closed", .pattern = "/closed", .allowed = access::client};
  request_context request;
  request.client = {1, 2};
  request.who.user = user_id{7};
  request.target = &closed;
  EXPECT_EQ(key_for(request), (rate_key{0, 7}));
  request.refused = ec::invalid_access_token;
  EXPECT_EQ(key_for(request), (rate_key{1, 2}));
  request.refused = ec::none;
  request.target = &open;
  EXPECT_EQ(key_for(request), (rate_key{1, 2}));
}

TEST(limit_fields, count_a_service_client_by_its_id_also_where_its_scope_is_missing) {
  const std::map<std::string, client_options> configured{{"a", {}}, {"b", {}}};
  const service_clients clients(configured);
  const route any{.name = "any", .pattern = "/any", .allowed = access::any};
  request_context request;
  request.client = {1, 2};
  request.target = &any;
  request.service = clients.find("a");
  const auto first = key_for(request);
  EXPECT_NE(first, (rate_key{1, 2}));
  request.refused = ec::scope_missing;
  EXPECT_EQ(key_for(request), first);
  request.service = clients.find("b");
  EXPECT_NE(key_for(request), first);
}

} // namespace
} // namespace weappd::http::test
