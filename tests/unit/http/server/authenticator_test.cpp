#include "http/server/authenticator.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <string>

namespace weappd::http {
namespace {

constexpr std::int64_t issued = 1'700'000'000;
constexpr std::int64_t expires = issued + 7'200;
const keyring ring({{"k1", secret(std::string(32, 'a'))}}, "k1");

const std::map<std::string, client_options> configured{
    {"shop", {.secret_hash = "h", .scopes = {"messages:send", "token:read"}}},
    {"idle", {.secret_hash = "h", .scopes = {}}}};
const service_clients clients(configured);

/// As the service desk makes them.
std::string service_token(std::string_view user, std::string_view session = "", std::string_view app = "",
                          std::string_view role = "service") {
  return crypto::token_signer(ring, "weappd", "weappd-api")
      .sign({.user = user,
             .session = session,
             .token = "t",
             .app = app,
             .role = role,
             .issued_at = issued,
             .expires_at = expires});
}

std::string token_of(unsigned number, std::string_view user = "7300000000000000001",
                     std::string_view audience = "weappd-api") {
  char session[33];
  std::snprintf(session, sizeof session, "%032x", number);
  return crypto::token_signer(ring, "weappd", audience)
      .sign({.user = user,
             .session = session,
             .token = "ffeeddccbbaa99887766554433221100",
             .app = "demo",
             .role = "user",
             .issued_at = issued,
             .expires_at = expires});
}

class authenticator_of : public ::testing::Test {
protected:
  auto ask(const std::string& token, std::int64_t now = issued) {
    return who.who_sent("Bearer " + token, now);
  }
  app_numbers apps{{{"demo", {}}}};
  authenticator who{ring, "weappd", "weappd-api", clients, apps};
};

TEST_F(authenticator_of, a_good_token_tells_user_and_session_each_time) {
  for (int time = 0; time < 3; ++time) {
    const auto from = ask(token_of(7));
    ASSERT_TRUE(from);
    EXPECT_EQ(from->service, nullptr);
    EXPECT_EQ(from->app, apps.find("demo"));
    EXPECT_EQ(from->who.user.value, 7300000000000000001u);
    EXPECT_EQ(to_string(from->who.session), "00000000000000000000000000000007");
  }
}

TEST_F(authenticator_of, a_service_client_comes_with_the_scopes_of_the_configuration_each_time) {
  for (int time = 0; time < 2; ++time) {
    const auto shop = ask(service_token("client:shop"));
    ASSERT_TRUE(shop);
    ASSERT_NE(shop->service, nullptr);
    EXPECT_EQ(shop->who.user, user_id{});
    EXPECT_EQ(shop->app, no_app);
    EXPECT_EQ(shop->service->id.value, "shop");
    EXPECT_TRUE(shop->service->scopes.has(scope::messages_send));
    EXPECT_TRUE(shop->service->scopes.has(scope::token_read));
    const auto idle = ask(service_token("client:idle"));
    ASSERT_TRUE(idle);
    EXPECT_TRUE(idle->service->scopes.has(scope::none));
    EXPECT_FALSE(idle->service->scopes.has(scope::messages_send));
    EXPECT_NE(idle->service->key, shop->service->key);
  }
}

TEST_F(authenticator_of, a_client_that_is_not_configured_and_a_mixture_of_both_kinds_are_nobody) {
  const std::string session(32, '0');
  for (int time = 0; time < 2; ++time) {
    EXPECT_FALSE(ask(service_token("client:gone")));
    EXPECT_FALSE(ask(service_token("client:")));
    EXPECT_FALSE(ask(service_token("shop")));
    EXPECT_FALSE(ask(service_token("7300000000000000001", session)));
    EXPECT_FALSE(ask(service_token("client:shop", session)));
    EXPECT_FALSE(ask(service_token("client:shop", "", "demo")));
    EXPECT_FALSE(ask(service_token("client:shop", session, "demo", "user")));
  }
}

TEST_F(authenticator_of, the_scheme_is_bearer_in_any_case_and_nothing_else) {
  const auto token = token_of(1);
  EXPECT_TRUE(who.who_sent("bEARER " + token, issued));
  for (const auto& wrong : {token, "Bearer" + token, "Basic " + token, "Bearer  " + token,
                            std::string("Bearer "), std::string("Bearer"), std::string()})
    EXPECT_FALSE(who.who_sent(wrong, issued)) << wrong;
}

TEST_F(authenticator_of, a_token_that_was_seen_before_is_judged_as_strictly_as_one_that_was_not) {
  const auto token = token_of(1);
  ASSERT_TRUE(ask(token)); // now it is remembered
  EXPECT_FALSE(ask(token, expires));
  EXPECT_FALSE(ask(token, issued - 61));
  for (std::size_t bit = 0; bit < 8 * token.size(); ++bit) {
    auto changed = token;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(ask(changed)) << bit;
  }
  EXPECT_FALSE(ask(token + "A"));
  EXPECT_FALSE(ask(token.substr(1)));
  EXPECT_TRUE(ask(token));
}

TEST_F(authenticator_of, a_signature_is_not_good_for_another_payload_of_the_same_length) {
  const auto first = token_of(1), second = token_of(2);
  ASSERT_EQ(first.size(), second.size());
  ASSERT_TRUE(ask(first));
  EXPECT_FALSE(ask(second.substr(0, second.rfind('.')) + first.substr(first.rfind('.'))));
}

TEST_F(authenticator_of, what_was_refused_is_refused_again) {
  const auto expired = token_of(1);
  const auto foreign = token_of(1, "7300000000000000001", "somebody-else");
  const auto no_user = token_of(1, "me");
  for (int time = 0; time < 2; ++time) {
    EXPECT_FALSE(ask(expired, expires));
    EXPECT_FALSE(ask(foreign));
    EXPECT_FALSE(ask(no_user));
  }
}

TEST_F(authenticator_of, more_tokens_than_it_remembers_are_told_apart_all_the_same) {
  constexpr unsigned count = 2 * verified_tokens::sets * verified_tokens::ways;
  std::vector<std::string> tokens;
  for (unsigned number = 0; number < count; ++number)
    tokens.push_back(token_of(number));
  for (int time = 0; time < 2; ++time)
    for (unsigned number = 0; number < count; ++number) {
      const auto from = ask(tokens[number]);
      ASSERT_TRUE(from);
      char session[33];
      std::snprintf(session, sizeof session, "%032x", number);
      ASSERT_EQ(to_string(from->who.session), session);
    }
}

} // namespace
} // namespace weappd::http
