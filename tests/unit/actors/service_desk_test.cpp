#include "actors/service_desk.hpp"

#include "config/crypto/access_token.hpp"
#include "messages/error.hpp"
#include "tests/kit/actors/error_of.hpp"
#include "tests/kit/actors/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;

/// Checks that have been asked for. "hash-of-x" is the hash of "x".
struct scripted_checks {
  std::vector<std::string> hashes;
  bool answers = true;
};

secret_checker_actor::behavior_type scripted_checker(secret_checker_actor::pointer self,
                                                     std::shared_ptr<scripted_checks> script) {
  return {
      [](get_status) { return status_report{}; },
      [=](const check_secret& wanted) -> caf::result<secret_checked> {
        script->hashes.push_back(wanted.hash);
        if (!script->answers)
          return self->make_response_promise<secret_checked>(); // computes for ever
        return secret_checked{wanted.hash == "hash-of-" + wanted.password.reveal()};
      },
  };
}

struct service_desk_test : ::testing::Test {
  world w;
  std::shared_ptr<scripted_checks> checks = std::make_shared<scripted_checks>();
  service_desk_actor desk;

  explicit service_desk_test(options config = two_clients()) : w(std::move(config)) {
    w.directory().secret_checker.set(w.spawn(scripted_checker, checks));
    desk = w.spawn(service_desk, w.services());
  }
  static options two_clients() {
    auto config = world_options();
    config.clients = {
        {"erp", {.secret_hash = "hash-of-erp-secret", .scopes = {"token:read"}}},
        {"shop", {.secret_hash = "hash-of-shop-secret", .scopes = {"messages:send", "token:read"}}}};
    return config;
  }
  caf::expected<service_grant> log_in(const std::string& id, const std::string& password) {
    return w.ask<service_grant>(desk, authenticate_client{{id}, secret(password)});
  }
};

TEST_F(service_desk_test, the_right_secret_gives_a_token_with_the_scopes_of_the_client) {
  const auto grant = log_in("shop", "shop-secret");
  ASSERT_TRUE(grant);
  EXPECT_EQ(grant->ttl, 2h);
  EXPECT_EQ(grant->scopes, (std::vector<std::string>{"messages:send", "token:read"}));
  const auto& auth = w.config().auth;
  crypto::token_verifier verifier(w.keys().signing, auth.issuer, auth.audience);
  const auto now = std::chrono::floor<std::chrono::seconds>(w.now()).time_since_epoch().count();
  const auto verified = verifier.verify(grant->access_token.reveal(), now);
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified.claims.user, "client:shop");
  EXPECT_EQ(verified.claims.role, "service");
  const auto events = w.events().named("service.login");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].fields.at("client"), "shop");
}

TEST_F(service_desk_test, a_wrong_secret_and_an_unknown_id_get_the_same_answer_for_the_same_work) {
  EXPECT_EQ(error_of(log_in("shop", "wrong")), ec::invalid_client);
  EXPECT_EQ(error_of(log_in("nobody", "wrong")), ec::invalid_client);
  EXPECT_EQ(checks->hashes, (std::vector<std::string>{"hash-of-shop-secret", "hash-of-erp-secret"}));
}

TEST_F(service_desk_test, an_unknown_id_is_not_let_in_by_the_secret_of_another) {
  EXPECT_EQ(error_of(log_in("nobody", "erp-secret")), ec::invalid_client);
  EXPECT_EQ(error_of(log_in("nobody", "erp-secret")), ec::invalid_client);
  EXPECT_EQ(checks->hashes.size(), 2u);
}

TEST_F(service_desk_test, a_secret_that_was_right_is_not_checked_again_and_a_wrong_one_is) {
  ASSERT_TRUE(log_in("shop", "shop-secret"));
  ASSERT_TRUE(log_in("shop", "shop-secret"));
  EXPECT_EQ(checks->hashes.size(), 1u);
  EXPECT_EQ(error_of(log_in("shop", "wrong")), ec::invalid_client);
  EXPECT_EQ(error_of(log_in("erp", "shop-secret")), ec::invalid_client);
  EXPECT_EQ(checks->hashes.size(), 3u);
  EXPECT_TRUE(log_in("shop", "shop-secret")); // a wrong one does not push the right one out
  EXPECT_EQ(checks->hashes.size(), 3u);
}

TEST_F(service_desk_test, two_logins_get_two_tokens) {
  const auto first = log_in("shop", "shop-secret");
  const auto second = log_in("shop", "shop-secret");
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(first->access_token == second->access_token);
}

TEST_F(service_desk_test, an_id_that_is_not_configured_is_not_repeated_and_no_secret_is_in_an_event) {
  (void)log_in("canary-id", "canary-secret");
  (void)log_in("shop", "canary-secret");
  (void)log_in("shop", "shop-secret");
  const auto failed = w.events().named("service.login_failed");
  ASSERT_EQ(failed.size(), 2u);
  EXPECT_EQ(failed[0].fields.at("client"), "not configured");
  EXPECT_EQ(failed[1].fields.at("client"), "shop");
  for (const auto& event : w.events().all())
    for (const auto& [name, value] : event.fields) {
      EXPECT_EQ(value.find("canary"), std::string::npos) << event.name << ' ' << name;
      EXPECT_EQ(value.find("shop-secret"), std::string::npos) << event.name << ' ' << name;
    }
}

TEST_F(service_desk_test, more_checks_than_may_wait_are_refused_and_later_it_works_again) {
  checks->answers = false;
  std::vector<pending<service_grant>> waiting;
  for (std::size_t i = 0; i < max_secret_checks; ++i)
    waiting.push_back(w.send<service_grant>(desk, authenticate_client{{"shop"}, secret("wrong")}));
  w.run();
  EXPECT_EQ(error_of(log_in("shop", "shop-secret")), ec::overloaded);
  EXPECT_EQ(checks->hashes.size(), max_secret_checks);
  w.advance(10s);
  EXPECT_EQ(error_of(waiting.front().take()), ec::handler_timeout);
  checks->answers = true;
  EXPECT_TRUE(log_in("shop", "shop-secret"));
}

TEST_F(service_desk_test, a_checker_that_died_and_came_back_is_found) {
  w.kill(w.directory().secret_checker.get());
  EXPECT_EQ(error_of(log_in("shop", "shop-secret")), ec::overloaded);
  w.directory().secret_checker.set(w.spawn(scripted_checker, checks));
  EXPECT_TRUE(log_in("shop", "shop-secret"));
}

TEST_F(service_desk_test, who_waits_when_the_desk_dies_is_answered) {
  checks->answers = false;
  auto asker = w.send<service_grant>(desk, authenticate_client{{"shop"}, secret("shop-secret")});
  w.run();
  w.kill(desk);
  ASSERT_TRUE(asker.arrived());
  EXPECT_EQ(error_of(asker.take()), ec::overloaded);
}

struct service_desk_without_clients : service_desk_test {
  static options no_clients() {
    auto config = world_options();
    config.clients.clear();
    return config;
  }
  service_desk_without_clients() : service_desk_test(no_clients()) {}
};

TEST_F(service_desk_without_clients, nobody_is_let_in_and_nothing_is_computed) {
  EXPECT_EQ(error_of(log_in("shop", "shop-secret")), ec::invalid_client);
  EXPECT_TRUE(checks->hashes.empty());
}

} // namespace
} // namespace weappd
