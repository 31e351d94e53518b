#include "http/client/curl_client.hpp"
#include "tests/unit/http/client/raw_server.hpp"
#include "tests/unit/http/wechat/gateway_world.hpp"
#include "tests/unit/http/wechat/held_client.hpp"

#include <caf/send.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;
using testing::HasSubstr;
using outcome_of = send_result::outcome;

send_to_user message_of(const std::string& app) {
  return {.app = {app},
          .access_token = secret("t"),
          .to = openid("oA"),
          .template_id = "tpl",
          .page = "p",
          .page_app = {},
          .url = {},
          .data = {{"thing1", "x"}},
          .colors = {},
          .client_msg_id = {}};
}

http_outcome answered(std::string body, int status = 200) {
  return {.status = status, .body = secret(std::move(body)), .request_written = true};
}

/// The gateway with a client whose calls end when the test says so.
class gateway_send_test : public testing::Test {
protected:
  void SetUp() override {
    auto options = quick_options(1);
    options.max_connections = 2;
    options.max_waiting = 1;
    options.breaker_open_ms = 600'000;
    gateway = world.spawn(options, client);
  }
  void TearDown() override { caf::anon_send_exit(gateway, caf::exit_reason::user_shutdown); }

  auto ask(caf::scoped_actor& self, const send_to_user& what = message_of("demo")) {
    return self->request(gateway, 20s, what);
  }
  template <class Pending>
  static send_result result_of(Pending&& pending) {
    send_result out;
    pending.receive([&](send_result& result) { out = std::move(result); },
                    [](caf::error& error) { ADD_FAILURE() << detail_of(error); });
    return out;
  }
  /// One send that ends so.
  send_result send(http_outcome end, const send_to_user& what = message_of("demo")) {
    caf::scoped_actor self(world.system);
    auto pending = ask(self, what);
    await_held(1);
    client->end_one(std::move(end));
    return result_of(pending);
  }
  void await_held(std::size_t count) {
    const auto deadline = steady::now() + 10s;
    while (client->count() != count)
      ASSERT_LT(steady::now(), deadline);
  }

  gateway_world world;
  std::shared_ptr<held_client> client = std::make_shared<held_client>();
  wechat_gateway_actor gateway;
};

TEST_F(gateway_send_test, a_message_of_a_mini_program_goes_out_with_the_configured_look) {
  const auto result = send(answered(R"({"errcode":0,"msgid":7})"));
  EXPECT_EQ(result.what, outcome_of::accepted);
  EXPECT_EQ(result.platform_id, "7");
  const auto call = client->calls().at(0);
  EXPECT_THAT(call.url.reveal(), HasSubstr("/cgi-bin/message/subscribe/send?access_token=t"));
  EXPECT_THAT(call.body.reveal(), HasSubstr(R"("miniprogram_state":"trial","lang":"en_US")"));
  EXPECT_FALSE(call.repeatable);
}

TEST_F(gateway_send_test, a_message_of_an_official_account_names_the_mini_program_by_its_appid) {
  auto what = message_of("oa");
  EXPECT_EQ(send(answered(R"({"errcode":0})"), what).what, outcome_of::accepted);
  what.page_app = {"demo"};
  EXPECT_EQ(send(answered(R"({"errcode":0})"), what).what, outcome_of::accepted);
  const auto calls = client->calls();
  EXPECT_THAT(calls.at(0).url.reveal(), HasSubstr("/cgi-bin/message/template/send?access_token=t"));
  EXPECT_THAT(calls.at(0).body.reveal(), testing::Not(HasSubstr("miniprogram")));
  EXPECT_THAT(calls.at(1).body.reveal(), HasSubstr(R"("miniprogram":{"appid":"wx_demo","pagepath":"p"})"));
}

TEST_F(gateway_send_test, an_app_that_nobody_configured_is_refused_without_a_call) {
  caf::scoped_actor self(world.system);
  auto result = result_of(ask(self, message_of("nobody")));
  EXPECT_EQ(result.what, outcome_of::refused);
  EXPECT_EQ(result.how, handling::stop_config_alert);
  EXPECT_EQ(result.detail, "unknown app");
  auto what = message_of("oa");
  what.page_app = {"nobody"};
  EXPECT_EQ(result_of(ask(self, what)).detail, "unknown page_app");
  EXPECT_TRUE(client->calls().empty());
}

TEST_F(gateway_send_test, a_send_is_made_once_whatever_comes_back) {
  const std::vector<http_outcome> ends = {
      answered(R"({"errcode":-1})"),
      answered(R"({"errcode":40001})"),
      answered("<html>"),
      {.failure = http_failure::connect},
      answered(R"({"errcode":0})"),
      {.failure = http_failure::timeout_after_send, .request_written = true},
      answered("", 502),
  };
  const std::vector<outcome_of> wanted = {outcome_of::refused,   outcome_of::refused,  outcome_of::unknown,
                                          outcome_of::unreached, outcome_of::accepted, outcome_of::unknown,
                                          outcome_of::unknown};
  for (std::size_t i = 0; i < ends.size(); ++i)
    EXPECT_EQ(send(ends[i]).what, wanted[i]) << i;
  EXPECT_EQ(client->calls().size(), ends.size());
  EXPECT_EQ(client->count(), 0U);
}

TEST_F(gateway_send_test, an_open_circuit_or_a_full_client_means_unreached_at_once) {
  caf::scoped_actor self(world.system);
  client->set_full(true);
  for (int i = 0; i < 5; ++i) {
    const auto result = result_of(ask(self));
    EXPECT_EQ(result.what, outcome_of::unreached);
    EXPECT_EQ(result.detail, "too many calls are waiting");
  }
  client->set_full(false);
  for (int i = 0; i < 3; ++i) // a full client said nothing of the host: the circuit is closed
    send({.failure = http_failure::connect});
  const auto result = result_of(ask(self));
  EXPECT_EQ(result.what, outcome_of::unreached);
  EXPECT_EQ(result.detail, "circuit open");
  EXPECT_EQ(client->calls().size(), 3U);
  const auto login = world.ask<code_exchanged>(gateway, exchange_code{{"demo"}, secret("c")});
  EXPECT_EQ(detail_of(login.error()), "wechat: circuit open") << "one circuit for all calls";
}

TEST_F(gateway_send_test,
       more_sends_than_the_bound_are_unreached_at_once_and_the_others_get_their_own_answer) {
  caf::scoped_actor self(world.system);
  std::vector<decltype(ask(self))> waiting;
  for (int i = 0; i < 3; ++i)
    waiting.push_back(ask(self));
  await_held(3);
  EXPECT_EQ(result_of(ask(self)).what, outcome_of::unreached);
  for (int i = 0; i < 3; ++i)
    client->end_one(answered(R"({"errcode":0,"msgid":)" + std::to_string(i) + "}"));
  for (std::size_t i = 0; i < waiting.size(); ++i)
    EXPECT_EQ(result_of(waiting[i]).platform_id, std::to_string(i));
  EXPECT_EQ(send(answered(R"({"errcode":0})")).what, outcome_of::accepted) << "and then there is room again";
}

TEST_F(gateway_send_test, who_waits_for_a_send_is_told_when_the_gateway_ends_whatever_ends_it) {
  for (const auto reason : {caf::exit_reason::user_shutdown, caf::exit_reason::kill}) {
    const auto doomed = world.spawn(quick_options(1), client);
    caf::scoped_actor self(world.system);
    auto pending = self->request(doomed, 20s, message_of("demo"));
    await_held(1);
    caf::anon_send_exit(doomed, reason);
    const auto result = result_of(pending);
    EXPECT_EQ(result.what, outcome_of::unknown);
    EXPECT_EQ(result.detail, "wechat gateway stopped");
    EXPECT_TRUE(client->end_one({})) << "an outcome for a dead gateway hurts nobody";
  }
}

TEST_F(gateway_send_test, the_duration_is_that_of_the_call) {
  caf::scoped_actor self(world.system);
  auto pending = ask(self);
  await_held(1);
  const auto begin = world.system.clock().now();
  while (world.system.clock().now() < begin + 30ms)
    world.ask<status_report>(gateway, get_status{});
  client->end_one(answered(R"({"errcode":0})"));
  const auto result = result_of(pending);
  EXPECT_GE(result.duration, 30ms);
  EXPECT_LT(result.duration, 10s);
}

TEST_F(gateway_send_test, an_official_accounts_code_is_exchanged_at_its_own_endpoint) {
  caf::scoped_actor self(world.system);
  auto pending = self->request(gateway, 20s, exchange_code{{"oa"}, secret("c")});
  await_held(1);
  EXPECT_THAT(client->calls().at(0).url.reveal(),
              HasSubstr("/sns/oauth2/access_token?appid=wx_oa&secret=oa_secret&code=c&"));
  client->end_one(answered(R"({"errcode":-1})"));
  await_held(1); // busy: the code is unused, and tried again
  client->end_one(answered(R"({"access_token":"u","openid":"oA","unionid":"uA"})"));
  pending.receive(
      [](code_exchanged& session) {
        EXPECT_EQ(session.who, openid("oA"));
        EXPECT_TRUE(session.session_key.empty());
      },
      [](caf::error& error) { ADD_FAILURE() << detail_of(error); });
}

TEST_F(gateway_send_test, templates_are_fetched_and_a_refused_token_is_told_apart) {
  const auto fetch = [&](http_outcome end) {
    caf::scoped_actor self(world.system);
    auto pending = self->request(gateway, 20s, fetch_templates{{"demo"}, secret("t")});
    await_held(1);
    client->end_one(std::move(end));
    caf::expected<templates_fetched> out{caf::error(caf::sec::runtime_error)};
    pending.receive([&](templates_fetched& got) { out = std::move(got); },
                    [&](caf::error& error) { out = std::move(error); });
    return out;
  };
  const auto good = fetch(answered(R"({"errcode":0,"data":[{"priTmplId":"p","type":3}]})"));
  ASSERT_TRUE(good);
  EXPECT_EQ(good->items.at(0).id, "p");
  EXPECT_EQ(code_of(fetch(answered(R"({"errcode":42001})")).error()), ec::token_rejected);
  EXPECT_EQ(code_of(fetch(answered(R"({"errcode":48001})")).error()), ec::wechat_misconfigured);
  EXPECT_EQ(code_of(fetch({.failure = http_failure::timeout_after_send, .request_written = true}).error()),
            ec::wechat_timeout);
  const auto unknown = world.ask<templates_fetched>(gateway, fetch_templates{{"nobody"}, secret("t")});
  EXPECT_EQ(code_of(unknown.error()), ec::wechat_misconfigured);
}

TEST(gateway_send_wire_test, a_send_is_not_written_again_when_a_kept_connection_dies_under_it) {
  constexpr std::string_view good =
      "HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n{\"errcode\":0,\"msgid\":1}";
  std::atomic<int> requests = 0;
  raw_server server([&](raw_server::tcp::socket& socket, int nth) {
    raw_server::read_head(socket);
    ++requests;
    raw_server::write(socket, good);
    if (nth > 1)
      return;
    raw_server::read_head(socket);
    ++requests;
    raw_server::reset(socket);
  });
  gateway_world world;
  const auto client = std::make_shared<curl_client>(curl_options{});
  const auto gateway = world.spawn(quick_options(server.port()), client);
  const auto send = [&] { return world.ask<send_result>(gateway, message_of("demo"))->what; };
  EXPECT_EQ(send(), outcome_of::accepted);
  EXPECT_EQ(send(), outcome_of::unknown);
  EXPECT_EQ(requests, 2);
  EXPECT_EQ(send(), outcome_of::accepted) << "and then it worked again";
  caf::anon_send_exit(gateway, caf::exit_reason::user_shutdown);
}

TEST(gateway_send_wire_test, a_closed_port_means_unreached) {
  std::uint16_t port = 0;
  {
    port = raw_server([](raw_server::tcp::socket&, int) {}).port();
  }
  gateway_world world;
  const auto client = std::make_shared<curl_client>(curl_options{});
  const auto gateway = world.spawn(quick_options(port), client);
  const auto result = world.ask<send_result>(gateway, message_of("demo"));
  EXPECT_EQ(result->what, outcome_of::unreached);
  EXPECT_EQ(result->detail, "failure=connect");
  caf::anon_send_exit(gateway, caf::exit_reason::user_shutdown);
}

} // namespace
} // namespace weappd
