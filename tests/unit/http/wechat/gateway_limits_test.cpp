#include "tests/unit/http/wechat/gateway_world.hpp"
#include "tests/unit/http/wechat/held_client.hpp"

#include <caf/send.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

class held_gateway_test : public testing::Test {
protected:
  void SetUp() override {
    auto options = quick_options(1);
    options.max_connections = 2;
    options.max_waiting = 1;
    gateway = world.spawn(options, client);
  }
  void TearDown() override { caf::anon_send_exit(gateway, caf::exit_reason::user_shutdown); }

  auto ask(caf::scoped_actor& self) {
    return self->request(gateway, 20s, exchange_code{{"demo"}, secret("c")});
  }
  void await_held(std::size_t count) {
    const auto deadline = steady::now() + 10s;
    while (client->count() != count)
      ASSERT_LT(steady::now(), deadline);
  }
  template <class Pending>
  static caf::error error_of(Pending&& pending) {
    caf::error out;
    pending.receive([](code_exchanged&) {}, [&](caf::error& error) { out = std::move(error); });
    return out;
  }

  gateway_world world;
  std::shared_ptr<held_client> client = std::make_shared<held_client>();
  wechat_gateway_actor gateway;
};

TEST_F(held_gateway_test, everybody_who_waits_is_told_when_the_gateway_ends_whatever_ends_it) {
  for (const auto reason : {caf::exit_reason::user_shutdown, caf::exit_reason::kill}) {
    const auto doomed = world.spawn(quick_options(1), client);
    caf::scoped_actor self(world.system);
    auto pending = self->request(doomed, 20s, exchange_code{{"demo"}, secret("c")});
    await_held(1);
    caf::anon_send_exit(doomed, reason);
    EXPECT_EQ(error_of(pending), make_error(ec::wechat_unavailable, "wechat gateway stopped"));
    EXPECT_TRUE(client->end_one({})) << "an outcome for a dead gateway hurts nobody";
  }
}

TEST_F(held_gateway_test, more_callers_than_the_bound_are_told_at_once) {
  caf::scoped_actor self(world.system);
  std::vector<decltype(ask(self))> waiting;
  for (int i = 0; i < 3; ++i)
    waiting.push_back(ask(self));
  await_held(3);
  EXPECT_EQ(detail_of(error_of(ask(self))), "wechat: too many calls are waiting");
  while (client->end_one({.failure = http_failure::other})) {
  }
  for (auto& each : waiting)
    EXPECT_EQ(code_of(error_of(each)), ec::wechat_unavailable);
}

TEST_F(held_gateway_test, a_full_client_is_told_at_once_and_says_nothing_of_the_host) {
  client->set_full(true);
  caf::scoped_actor self(world.system);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(detail_of(error_of(ask(self))), "wechat: too many calls are waiting");
  client->set_full(false);
  auto pending = ask(self);
  await_held(1);
  client->end_one({.failure = http_failure::stopped});
  EXPECT_EQ(code_of(error_of(pending)), ec::wechat_unavailable);
}

TEST_F(held_gateway_test, an_unreached_host_is_tried_once_more_and_not_twice) {
  caf::scoped_actor self(world.system);
  auto pending = ask(self);
  for (int i = 0; i < 2; ++i) {
    await_held(1);
    client->end_one({.failure = http_failure::connect});
  }
  EXPECT_EQ(detail_of(error_of(pending)), "wechat jscode2session failure=connect");
  EXPECT_EQ(client->count(), 0U);
}

TEST_F(held_gateway_test, while_the_probe_is_under_way_nobody_else_passes) {
  caf::scoped_actor self(world.system);
  for (int i = 0; i < 3; ++i) {
    auto failing = ask(self);
    await_held(1);
    client->end_one({.failure = http_failure::other});
    EXPECT_EQ(code_of(error_of(failing)), ec::wechat_unavailable);
  }
  // The circuit is open for 100 ms. The first question that is let through is the probe.
  const auto deadline = steady::now() + 10s;
  std::vector<decltype(ask(self))> asked;
  while (client->count() == 0) {
    ASSERT_LT(steady::now(), deadline);
    asked.push_back(ask(self));
    world.ask<status_report>(gateway, get_status{}); // the gateway has seen the question
  }
  ASSERT_FALSE(asked.empty());
  EXPECT_EQ(detail_of(error_of(ask(self))), "wechat: circuit open");
  client->end_one({.status = 200, .body = secret(R"({"openid":"o","session_key":"k"})")});
  bool logged_in = false;
  asked.back().receive([&](code_exchanged&) { logged_in = true; }, [](caf::error&) {});
  EXPECT_TRUE(logged_in);
  EXPECT_EQ(world.ask<status_report>(gateway, get_status{})->state, health::ok);
}

} // namespace
} // namespace weappd
