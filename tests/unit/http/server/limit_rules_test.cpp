#include "http/server/limit_rules.hpp"

#include "http/server/header_keys.hpp"
#include "http/server/request_context.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace weappd::http::test {
namespace {

using configured = std::map<std::string, limit_options>;

const app_numbers apps({{"demo", {}}, {"shop", {}}});

std::vector<route> some_routes() {
  return {{.name = "auth.login", .verb = method::post, .pattern = "/login"},
          {.name = "users.me", .pattern = "/me", .allowed = access::client},
          {.name = "users.change", .verb = method::patch, .pattern = "/me", .allowed = access::client},
          {.name = "messages", .verb = method::post, .pattern = "/messages", .allowed = access::service},
          {.name = "healthz", .pattern = "/healthz", .limited = false}};
}

/// The table of some policies for these routes.
class rules_of {
public:
  explicit rules_of(const configured& limits) : set_(limits), rules_(set_, routes_, apps) {}

  /// The names of the policies that are asked, groups in brackets: "(login per_ip)(all)".
  std::string asked(std::string_view name, role who, app_number app = no_app) const {
    std::string text;
    for (const auto& group : rules_.groups_of(target(name), who)) {
      std::string members;
      for (const auto id : group.of_app(app))
        members += (members.empty() ? "" : " ") + name_of(id);
      text += members.empty() ? "" : "(" + members + ")";
    }
    return text;
  }
  const route& target(std::string_view name) const {
    for (const auto& one : routes_.all())
      if (one.name == name)
        return one;
    throw std::runtime_error("no such route");
  }
  const limit_rules& operator*() const { return rules_; }

private:
  std::string name_of(policy_id id) const {
    const auto& quoted = rules_.find(id)->name;
    return quoted.substr(1, quoted.size() - 2);
  }
  router routes_{some_routes()};
  limit_set set_;
  limit_rules rules_;
};

TEST(limit_rules, the_default_policies_ask_each_request_once) {
  const rules_of rules(options{}.limits);
  EXPECT_EQ(rules.asked("users.me", role::client), "(per_user)");
  EXPECT_EQ(rules.asked("users.me", role::anonymous), "(per_ip)");
  EXPECT_EQ(rules.asked("auth.login", role::anonymous), "(login per_ip)");
  EXPECT_EQ(rules.asked("messages", role::service), "(per_client)");
}

TEST(limit_rules, a_route_that_is_not_limited_asks_nobody) {
  EXPECT_EQ(rules_of({{"all", {.limit = 1}}}).asked("healthz", role::anonymous), "");
}

TEST(limit_rules, a_policy_counts_what_all_its_lists_fit_to) {
  const rules_of rules({
      {"everything", {.limit = 1}},
      {"logins", {.match = {.routes = {"auth.login", "other"}}, .limit = 1}},
      {"reads", {.match = {.methods = {"GET"}}, .limit = 1}},
      {"users", {.match = {.roles = {"client"}}, .limit = 1}},
      {"writes_of_users", {.match = {.methods = {"PATCH", "POST"}, .roles = {"client"}}, .limit = 1}},
  });
  EXPECT_EQ(rules.asked("auth.login", role::anonymous), "(everything logins)");
  EXPECT_EQ(rules.asked("users.me", role::client), "(everything reads users)");
  EXPECT_EQ(rules.asked("users.me", role::anonymous), "(everything reads)");
  EXPECT_EQ(rules.asked("users.change", role::client), "(everything users writes_of_users)");
  EXPECT_EQ(rules.asked("messages", role::service), "(everything)");
}

TEST(limit_rules, keys_of_ones_own_are_asked_before_those_that_others_share) {
  const rules_of rules({{"a", {.key = "global", .limit = 1}},
                        {"b", {.key = "app", .limit = 1}},
                        {"c", {.key = "user", .limit = 1}},
                        {"d", {.key = "ip", .limit = 1}},
                        {"e", {.key = "header:X-Device", .limit = 1}},
                        {"f", {.key = "global", .limit = 1}}});
  EXPECT_EQ(rules.asked("users.me", role::client), "(d)(c)(e)(b)(a f)");
}

TEST(limit_rules, who_has_no_such_key_is_not_counted_by_it) {
  const rules_of rules(
      {{"by_user", {.key = "user", .limit = 1}}, {"by_client", {.key = "client", .limit = 1}}});
  EXPECT_EQ(rules.asked("users.me", role::client), "(by_user)");
  EXPECT_EQ(rules.asked("messages", role::service), "(by_client)");
  EXPECT_EQ(rules.asked("auth.login", role::anonymous), "");
}

TEST(limit_rules, apps_are_told_apart_request_by_request) {
  const rules_of rules({{"all", {.key = "user", .limit = 1}},
                        {"shop", {.match = {.apps = {"shop"}}, .key = "user", .limit = 1}}});
  EXPECT_TRUE((*rules).by_app());
  EXPECT_EQ(rules.asked("users.me", role::client, apps.find("shop")), "(all shop)");
  EXPECT_EQ(rules.asked("users.me", role::client, apps.find("demo")), "(all)");
  EXPECT_EQ(rules.asked("users.me", role::client, apps.find("nobody")), "(all)");
  EXPECT_FALSE((*rules_of(options{}.limits)).by_app());
}

TEST(limit_rules, more_policies_of_one_key_than_a_question_holds_are_asked_in_two) {
  configured many;
  for (char c = 'a'; c <= 'j'; ++c)
    many[std::string(1, c)] = {.limit = 1};
  EXPECT_EQ(rules_of(many).asked("auth.login", role::anonymous), "(a b c d e f g h)(i j)");
}

TEST(limit_rules, headers_are_told_once_each) {
  const rules_of rules({{"a", {.key = "header:X-Device", .limit = 1}},
                        {"b", {.key = "header:X-Device", .limit = 2}},
                        {"c", {.key = "header:X-Tenant", .limit = 1}}});
  EXPECT_EQ((*rules).headers(), (std::vector<std::string>{"X-Device", "X-Tenant"}));
  EXPECT_EQ(rules.asked("users.me", role::client), "(a b)(c)");
}

TEST(limit_rules, a_route_in_the_configuration_that_there_is_not_is_found) {
  const auto unknown = unknown_routes(
      {{"login", {.match = {.routes = {"auth.login", "auth.logn"}}, .limit = 1}}}, some_routes());
  ASSERT_EQ(unknown.size(), 1u);
  EXPECT_EQ(unknown[0].path, "limits.login.match.routes");
  EXPECT_EQ(unknown[0].name, "auth.logn");
}

// -- whom they count

TEST(key_of, is_what_the_policy_counts_by) {
  const std::map<std::string, client_options> known{{"a", {}}, {"b", {}}};
  const service_clients clients(known);
  request_context request;
  request.client = {1, 2};
  request.who.user = user_id{7};
  request.service = clients.find("a");
  request.header_keys = {{5, 6}};
  const auto key = [&](limit_key by) { return key_of(request, limit_group{.by = by}); };
  EXPECT_EQ(key(limit_key::ip), (rate_key{1, 2}));
  EXPECT_EQ(key(limit_key::user), (rate_key{0, 7}));
  EXPECT_EQ(key(limit_key::client), clients.find("a")->key);
  EXPECT_NE(key(limit_key::client), clients.find("b")->key);
  EXPECT_EQ(key(limit_key::header), (rate_key{5, 6}));
  EXPECT_EQ(key(limit_key::global), (rate_key{0, 0}));
  EXPECT_EQ(key(limit_key::app), std::nullopt);
  request.app = 1;
  EXPECT_EQ(key(limit_key::app), (rate_key{0, 1}));
}

TEST(role_of, a_request_follows_its_route_and_its_token) {
  const route open{.name = "open", .pattern = "/open"},
      any{.name = "any", .pattern = "/any", .allowed = access::any};
  const std::map<std::string, client_options> known{{"a", {}}};
  const service_clients clients(known);
  request_context request;
  request.target = &open;
  EXPECT_EQ(role_of(request), role::anonymous);
  request.target = &any;
  EXPECT_EQ(role_of(request), role::client);
  request.refused = ec::invalid_access_token;
  EXPECT_EQ(role_of(request), role::anonymous);
  request.service = clients.find("a");
  request.refused = ec::scope_missing;
  EXPECT_EQ(role_of(request), role::service) << "also where its scope is missing";
}

TEST(header_keys, differ_by_value_and_by_server) {
  const auto ring = [](char fill) {
    return keyring({{.id = "k", .bytes = secret(std::string(32, fill))}}, "k");
  };
  const header_keys keys(ring('a')), others(ring('b'));
  std::set<rate_key> seen;
  for (int i = 0; i < 1'000; ++i)
    seen.insert(keys("device " + std::to_string(i)));
  EXPECT_EQ(seen.size(), 1'000u);
  EXPECT_EQ(keys("x"), keys("x"));
  EXPECT_NE(keys("x"), others("x"));
}

// -- what the client is told

TEST(limit_fields, tell_what_is_left_when_allowed) {
  const limit_set set(configured{{"per_user", {.limit = 60, .window_s = 10}}});
  const router routes(some_routes());
  const limit_rules rules(set, routes, apps);
  EXPECT_EQ(limit_fields(rules.find(1), {.allowed = true, .remaining = 4, .reset_s = 2}),
            "RateLimit-Policy: \"per_user\";q=60;w=10\r\nRateLimit: \"per_user\";r=4;t=2\r\n");
  EXPECT_EQ(rules.find(2), nullptr);
}

TEST(limit_fields, tell_when_to_come_back_when_refused) {
  const limit_set set(configured{{"login", {.limit = 7, .window_s = 3'600}}});
  const router routes(some_routes());
  const limit_rules rules(set, routes, apps);
  EXPECT_EQ(
      limit_fields(rules.find(1), {.allowed = false, .reset_s = 3'600, .retry_after_s = 514}),
      "RateLimit-Policy: \"login\";q=7;w=3600\r\nRateLimit: \"login\";r=0;t=514\r\nRetry-After: 514\r\n");
  EXPECT_EQ(limit_fields(nullptr, {.allowed = false, .retry_after_s = 3}), "Retry-After: 3\r\n");
  EXPECT_EQ(limit_fields(nullptr, {}), "");
}

} // namespace
} // namespace weappd::http::test
