#include "http/wechat/gateway_actor.hpp"

#include "http/client/curl_client.hpp"
#include "simulator/server.hpp"
#include "tests/unit/http/client/tls_server.hpp"
#include "tests/unit/http/wechat/gateway_world.hpp"

#include <caf/send.hpp>

#include <nlohmann/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

namespace weappd {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using steady = std::chrono::steady_clock;
using testing::HasSubstr;
using testing::Not;

constexpr const char* login_path = "/sns/jscode2session";
constexpr const char* token_path = "/cgi-bin/stable_token";

/// The gateway against the simulator over loopback.
class gateway_actor_test : public testing::Test {
protected:
  void SetUp() override {
    sim.start();
    client = std::make_shared<curl_client>(curl_options{});
    gateway = world.spawn(quick_options(sim.port()), client);
  }
  void TearDown() override {
    caf::anon_send_exit(gateway, caf::exit_reason::user_shutdown);
    gateway = nullptr;
    world.system.await_all_actors_done();
    client->stop();
  }
  /// Another gateway in the place of the usual one.
  void respawn(const wechat_options& options) {
    caf::anon_send_exit(gateway, caf::exit_reason::user_shutdown);
    gateway = world.spawn(options, client);
  }

  json control(const std::string& method, const std::string& target, const json& body = json::object()) {
    return json::parse(sim.answer(simulator::make_request(method, target, body.dump())).body);
  }
  void set_fault(json fault) { ASSERT_EQ(control("POST", "/_sim/faults", fault), json::object()); }
  std::string new_code(const json& who = json::object()) {
    return control("POST", "/_sim/codes", who)["code"].get<std::string>();
  }
  int calls(const std::string& path) {
    return control("GET", "/_sim/calls?path=" + path)["count"].get<int>();
  }

  caf::expected<code_exchanged> log_in(const std::string& code, const std::string& app = "demo") {
    return world.ask<code_exchanged>(gateway, exchange_code{{app}, secret(code)});
  }
  caf::expected<access_token_fetched> fetch(const std::string& app = "demo") {
    return world.ask<access_token_fetched>(gateway, fetch_access_token{{app}});
  }
  health state() { return world.ask<status_report>(gateway, get_status{})->state; }
  void expect_recovery() {
    const auto deadline = steady::now() + 20s;
    while (!log_in(new_code()))
      ASSERT_LT(steady::now(), deadline);
    EXPECT_EQ(state(), health::ok);
  }

  simulator::server sim{{.apps = {{"wx_demo", secret("demo_secret")}}}};
  gateway_world world;
  std::shared_ptr<curl_client> client;
  wechat_gateway_actor gateway;
};

TEST_F(gateway_actor_test, a_code_becomes_a_session) {
  const auto session = log_in(new_code({{"openid", "oAlice"}, {"unionid", "uAlice"}}));
  ASSERT_TRUE(session);
  EXPECT_EQ(session->who, openid("oAlice"));
  EXPECT_EQ(session->union_id, unionid("uAlice"));
  EXPECT_EQ(session->session_key.size(), 24U);
  EXPECT_EQ(calls(login_path), 1);
}

TEST_F(gateway_actor_test, an_access_token_comes_with_its_remaining_life) {
  const auto first = fetch();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->expires_in, 7200s);
  control("POST", "/_sim/clock", {{"advance_s", 1000}});
  const auto again = fetch();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->token, first->token);
  EXPECT_LE(again->expires_in, 6200s);
  const auto body = control("GET", std::string("/_sim/calls?path=") + token_path)["calls"][0]["body"];
  EXPECT_EQ(body["force_refresh"], false);
}

TEST_F(gateway_actor_test, a_used_or_unknown_code_is_an_invalid_code_and_is_not_sent_again) {
  const auto code = new_code();
  ASSERT_TRUE(log_in(code));
  EXPECT_EQ(code_of(log_in(code).error()), ec::invalid_code);
  EXPECT_EQ(code_of(log_in("made up & unknown").error()), ec::invalid_code);
  EXPECT_EQ(calls(login_path), 3);
}

TEST_F(gateway_actor_test, the_detail_of_an_error_names_errcode_and_rid_and_no_secret) {
  const auto error = log_in("unknown_code").error();
  EXPECT_THAT(detail_of(error), testing::MatchesRegex("wechat jscode2session errcode=40029 rid=[0-9a-f-]+"));
}

TEST_F(gateway_actor_test, a_blocked_user_is_told_apart) {
  set_fault({{"path", login_path}, {"times", 1}, {"answer", {{"errcode", 40226}, {"errmsg", "blocked"}}}});
  EXPECT_EQ(code_of(log_in(new_code()).error()), ec::user_blocked);
}

TEST_F(gateway_actor_test, busy_once_is_tried_again_with_the_same_code) {
  set_fault({{"path", login_path}, {"times", 1}, {"answer", {{"errcode", -1}}}});
  EXPECT_TRUE(log_in(new_code()));
  EXPECT_EQ(calls(login_path), 2);
}

TEST_F(gateway_actor_test, busy_for_ever_is_given_up_after_the_configured_tries) {
  set_fault({{"path", "/cgi-bin/stable_token"}, {"times", -1}, {"answer", {{"errcode", -1}}}});
  set_fault({{"path", login_path}, {"times", -1}, {"answer", {{"errcode", -1}, {"errmsg", "system error"}}}});
  const auto error = log_in(new_code()).error();
  EXPECT_EQ(code_of(error), ec::wechat_unavailable);
  EXPECT_EQ(detail_of(error), "wechat jscode2session errcode=-1");
  EXPECT_EQ(calls(login_path), 3) << "one try and busy_retries more";
  EXPECT_EQ(code_of(fetch().error()), ec::wechat_unavailable);
  EXPECT_EQ(calls(token_path), 3);
  EXPECT_EQ(state(), health::ok) << "busy is an answer, the circuit stays closed";
}

TEST_F(gateway_actor_test, a_minute_limit_is_unavailable_and_not_tried_again) {
  set_fault({{"path", login_path}, {"times", -1}, {"answer", {{"errcode", 45011}}}});
  EXPECT_EQ(code_of(log_in(new_code()).error()), ec::wechat_unavailable);
  EXPECT_EQ(calls(login_path), 1);
}

TEST_F(gateway_actor_test, a_slow_answer_is_a_timeout_within_the_limit_and_the_code_is_not_sent_again) {
  auto options = quick_options(sim.port());
  options.total_timeout_ms = 300;
  respawn(options);
  set_fault({{"path", login_path}, {"times", 1}, {"delay_ms", 60'000}});
  const auto begin = steady::now();
  EXPECT_EQ(code_of(log_in(new_code()).error()), ec::wechat_timeout);
  EXPECT_GE(steady::now() - begin, 300ms);
  EXPECT_LT(steady::now() - begin, 3s);
  EXPECT_EQ(calls(login_path), 1);
  expect_recovery();
}

TEST_F(gateway_actor_test, an_html_page_with_status_200_is_unavailable_and_not_tried_again) {
  set_fault({{"path", login_path}, {"times", 1}, {"answer", "<html><body>busy</body></html>"}});
  EXPECT_EQ(code_of(log_in(new_code()).error()), ec::wechat_unavailable);
  EXPECT_EQ(calls(login_path), 1);
  expect_recovery();
}

TEST_F(gateway_actor_test, an_answer_without_its_parts_is_unavailable) {
  set_fault({{"path", login_path}, {"times", 1}, {"answer", {{"session_key", "k"}}}});
  EXPECT_EQ(code_of(log_in(new_code()).error()), ec::wechat_unavailable);
}

TEST_F(gateway_actor_test, a_server_error_is_unavailable_and_a_client_error_is_misconfigured) {
  set_fault({{"path", login_path}, {"times", 1}, {"status", 502}});
  EXPECT_EQ(code_of(log_in(new_code()).error()), ec::wechat_unavailable);
  set_fault({{"path", login_path}, {"times", 1}, {"status", 403}});
  EXPECT_EQ(code_of(log_in(new_code()).error()), ec::wechat_misconfigured);
  EXPECT_EQ(calls(login_path), 2);
}

TEST_F(gateway_actor_test, after_a_reset_the_code_is_not_sent_again_also_on_a_kept_connection) {
  ASSERT_TRUE(log_in(new_code())); // now there is a connection to be reused
  set_fault({{"path", login_path}, {"times", 1}, {"reset", true}});
  EXPECT_EQ(code_of(log_in(new_code()).error()), ec::wechat_unavailable);
  EXPECT_EQ(calls(login_path), 2);
  expect_recovery();
}

TEST_F(gateway_actor_test, a_closed_port_is_unavailable_and_all_is_well_when_it_opens_again) {
  const auto code = new_code();
  sim.stop();
  EXPECT_EQ(code_of(log_in(code).error()), ec::wechat_unavailable);
  EXPECT_EQ(code_of(fetch().error()), ec::wechat_unavailable);
  sim.start();
  expect_recovery();
  EXPECT_TRUE(log_in(code)) << "it never left this side";
}

TEST_F(gateway_actor_test, a_wrong_secret_or_an_unknown_app_is_misconfigured) {
  EXPECT_EQ(code_of(log_in(new_code(), "wrong").error()), ec::wechat_misconfigured);
  EXPECT_EQ(code_of(fetch("wrong").error()), ec::wechat_misconfigured);
  EXPECT_THAT(detail_of(fetch("wrong").error()), Not(HasSubstr("secret")));
  EXPECT_EQ(code_of(log_in(new_code(), "nobody").error()), ec::wechat_misconfigured);
  EXPECT_EQ(code_of(fetch("nobody").error()), ec::wechat_misconfigured);
}

TEST_F(gateway_actor_test, an_answer_of_fifty_megabytes_is_cut_off_and_unavailable) {
  constexpr std::size_t all = 50'000'000;
  std::atomic<std::size_t> sent = 0;
  raw_server huge([&](raw_server::tcp::socket& socket, int) {
    raw_server::read_head(socket);
    raw_server::write(socket, "HTTP/1.1 200 OK\r\n\r\n{\"openid\":\"");
    for (const std::string part(100'000, 'x'); sent < all; sent += part.size())
      raw_server::write(socket, part);
  });
  respawn(quick_options(huge.port()));
  const auto error = log_in("c").error();
  EXPECT_EQ(code_of(error), ec::wechat_unavailable);
  EXPECT_EQ(detail_of(error), "wechat jscode2session failure=too_large");
  EXPECT_LT(sent, all) << "the connection was closed long before the end";
}

TEST_F(gateway_actor_test, a_redirect_is_not_followed) {
  set_fault({{"path", login_path}, {"times", -1}, {"status", 302}});
  EXPECT_EQ(code_of(log_in(new_code()).error()), ec::wechat_unavailable);
  EXPECT_EQ(calls(login_path), 1);
}

TEST_F(gateway_actor_test, the_circuit_opens_stops_all_calls_and_closes_again) {
  auto patient = quick_options(sim.port());
  patient.breaker_open_ms = 600'000;
  respawn(patient);
  set_fault({{"path", login_path}, {"times", 3}, {"status", 503}});
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(code_of(log_in(new_code()).error()), ec::wechat_unavailable);
  EXPECT_EQ(state(), health::degraded);
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(detail_of(log_in(new_code()).error()), "wechat: circuit open");
  EXPECT_EQ(detail_of(fetch().error()), "wechat: circuit open");
  EXPECT_EQ(calls(login_path), 3);
  EXPECT_EQ(calls(token_path), 0);

  respawn(quick_options(sim.port()));
  set_fault({{"path", login_path}, {"times", 3}, {"status", 503}});
  for (int i = 0; i < 3; ++i)
    EXPECT_FALSE(log_in(new_code()));
  EXPECT_EQ(state(), health::degraded);
  expect_recovery();
}

TEST_F(gateway_actor_test, an_untrusted_certificate_is_refused_and_no_secret_leaves) {
  tls_server stranger(self_signed::make("IP:127.0.0.1"));
  auto options = quick_options(0);
  options.base_url = stranger.url();
  options.base_url.pop_back(); // the slash
  respawn(options);
  const auto error = log_in("c").error();
  EXPECT_EQ(code_of(error), ec::wechat_unavailable);
  EXPECT_EQ(detail_of(error), "wechat jscode2session failure=tls");
  EXPECT_EQ(stranger.requests(), 0);
}

} // namespace
} // namespace weappd
