#include "tests/flow/answers.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"

#include <gtest/gtest.h>

#include <ostream>

/// Logins while WeChat is busy, slow, confused or gone; each test ends with a login that works.
namespace weappd {
namespace {

void be_impatient(options& values) {
  values.wechat.connect_timeout_ms = 300;
  values.wechat.total_timeout_ms = 400;
  values.wechat.busy_retry_ms = 5;
  values.wechat.breaker_failures = 1'000; // the circuit breaker has tests of its own below
  values.token.retry_min_ms = 10;
  values.token.retry_max_ms = 50;
}

struct wechat_fault_flow : testing::Test {
  explicit wechat_fault_flow(const kit::test_server::change_function& change = be_impatient)
      : server(change) {}

  void expect_recovery() {
    server.wechat().clear_fault(kit::code_exchange);
    auto later = server.phone();
    EXPECT_TRUE(succeeded(later.login(server.wechat().make_code())));
    EXPECT_TRUE(succeeded(later.me()));
  }

  kit::test_server server;
  kit::mini_program phone = server.phone();
};

// -- one wrong answer

struct wrong_answer {
  const char* name;
  nlohmann::json fault;
  int status;
  std::uint64_t code;
};
void PrintTo(const wrong_answer& one, std::ostream* out) {
  *out << one.name;
}

struct wechat_answer_flow : wechat_fault_flow, testing::WithParamInterface<wrong_answer> {};

TEST_P(wechat_answer_flow, is_told_apart_and_the_next_login_works) {
  auto fault = GetParam().fault;
  fault["times"] = -1;
  server.wechat().set_fault(kit::code_exchange, fault);
  EXPECT_TRUE(failed_with(phone.login(server.wechat().make_code()), GetParam().status, GetParam().code));
  expect_recovery();
}

nlohmann::json errcode(int number) {
  return {{"answer", {{"errcode", number}, {"errmsg", "whatever, rid: 5f000000-00000000-00000000"}}}};
}

INSTANTIATE_TEST_SUITE_P(
    answers, wechat_answer_flow,
    testing::Values(
        wrong_answer{"busy_for_ever", errcode(-1), 502, 1000070001},
        wrong_answer{"too_slow", {{"delay_ms", 5000}}, 504, 1000070002},
        wrong_answer{"a_web_page", {{"answer", "<html><body>hello</body></html>"}}, 502, 1000070001},
        wrong_answer{"half_an_answer", {{"answer", R"({"openid":"o-)"}}, 502, 1000070001},
        wrong_answer{"nothing_in_it", {{"answer", nlohmann::json::object()}}, 502, 1000070001},
        wrong_answer{
            "an_empty_openid", {{"answer", {{"openid", ""}, {"session_key", "a"}}}}, 502, 1000070001},
        wrong_answer{
            "a_huge_answer", {{"answer", {{"openid", std::string(1'000'000, 'o')}}}}, 502, 1000070001},
        wrong_answer{"a_reset", {{"reset", true}}, 502, 1000070001},
        wrong_answer{"status_500", {{"status", 500}}, 502, 1000070001},
        wrong_answer{"status_503", {{"status", 503}}, 502, 1000070001},
        wrong_answer{"a_redirect", {{"status", 302}}, 502, 1000070001},
        wrong_answer{"bad_secret", errcode(40125), 502, 1000070003},
        wrong_answer{"bad_app_id", errcode(40013), 502, 1000070003},
        wrong_answer{"address_not_listed", errcode(40164), 502, 1000070003},
        wrong_answer{"blocked_user", errcode(40226), 403, 1000020001},
        wrong_answer{"unknown_code", errcode(40029), 401, 1000030001},
        wrong_answer{"used_code", errcode(40163), 401, 1000030001},
        wrong_answer{"too_often", errcode(45011), 502, 1000070001}),
    [](const auto& one) { return std::string(one.param.name); });

// -- what a retry does

TEST_F(wechat_fault_flow, a_busy_wechat_is_asked_again_and_the_client_does_not_notice) {
  auto fault = errcode(-1);
  fault["times"] = 2;
  server.wechat().set_fault(kit::code_exchange, fault);
  EXPECT_TRUE(succeeded(phone.login(server.wechat().make_code())));
  EXPECT_EQ(server.wechat().calls_of(kit::code_exchange), 3u);
}

TEST_F(wechat_fault_flow, a_code_that_failed_on_the_way_can_be_sent_again) {
  auto fault = errcode(-1);
  fault["times"] = -1;
  server.wechat().set_fault(kit::code_exchange, fault);
  const auto code = server.wechat().make_code();
  ASSERT_TRUE(failed_with(phone.login(code), 502, 1000070001));
  server.wechat().clear_fault(kit::code_exchange);
  EXPECT_TRUE(succeeded(phone.login(code)));
}

TEST_F(wechat_fault_flow, a_blocked_user_stays_refused_with_that_code_and_nobody_is_asked_again) {
  auto fault = errcode(40226);
  fault["times"] = 1;
  server.wechat().set_fault(kit::code_exchange, fault);
  const auto code = server.wechat().make_code();
  ASSERT_TRUE(failed_with(phone.login(code), 403, 1000020001));
  EXPECT_TRUE(failed_with(phone.login(code), 403, 1000020001));
  EXPECT_EQ(server.wechat().calls_of(kit::code_exchange), 1u);
  expect_recovery();
}

// -- the configuration

TEST_F(wechat_fault_flow, a_wrong_app_secret_is_the_operators_fault_until_it_is_corrected) {
  server.restart([](options& values) { values.apps["demo"].app_secret = secret("not-the-secret"); });
  auto visitor = server.phone();
  EXPECT_TRUE(failed_with(visitor.login(server.wechat().make_code()), 502, 1000070003));
  ASSERT_TRUE(kit::eventually([&] { return server.http().get("/readyz").status == 503; }));

  server.restart([](options& values) { values.apps["demo"].app_secret = secret("demo-app-secret"); });
  expect_recovery();
  EXPECT_TRUE(kit::eventually([&] { return server.http().get("/readyz").status == 200; }));
}

// -- the network

TEST_F(wechat_fault_flow, an_unreachable_wechat_is_unavailable_until_it_is_back) {
  server.network().set(kit::tcp_gate::mode::refuse);
  EXPECT_TRUE(failed_with(phone.login(server.wechat().make_code()), 502, 1000070001));
  server.network().set(kit::tcp_gate::mode::pass);
  expect_recovery();
}

TEST_F(wechat_fault_flow, a_silent_network_is_a_time_out_until_it_speaks_again) {
  server.network().set(kit::tcp_gate::mode::stall);
  EXPECT_TRUE(failed_with(phone.login(server.wechat().make_code()), 504, 1000070002));
  server.network().set(kit::tcp_gate::mode::pass);
  expect_recovery();
}

TEST_F(wechat_fault_flow, resets_on_the_way_are_unavailable_until_they_end) {
  server.network().set(kit::tcp_gate::mode::reset);
  EXPECT_TRUE(failed_with(phone.login(server.wechat().make_code()), 502, 1000070001));
  server.network().set(kit::tcp_gate::mode::pass);
  expect_recovery();
}

TEST_F(wechat_fault_flow, an_answer_cut_in_the_middle_is_unavailable_until_it_comes_whole) {
  server.network().set(kit::tcp_gate::mode::refuse); // ends the kept connection
  server.network().cut_after(kit::tcp_gate::unlimited, 60);
  EXPECT_TRUE(failed_with(phone.login(server.wechat().make_code()), 502, 1000070001));
  server.network().set(kit::tcp_gate::mode::pass);
  expect_recovery();
}

TEST_F(wechat_fault_flow, a_stopped_wechat_is_unavailable_until_it_runs_again) {
  const auto code = server.wechat().make_code();
  server.simulator().stop();
  EXPECT_TRUE(failed_with(phone.login(code), 502, 1000070001));
  server.simulator().start();
  EXPECT_TRUE(succeeded(phone.login(code))) << "the code was never used";
  expect_recovery();
}

TEST_F(wechat_fault_flow, whoever_is_logged_in_does_not_notice_that_wechat_is_gone) {
  ASSERT_TRUE(succeeded(phone.login(server.wechat().make_code())));
  server.network().set(kit::tcp_gate::mode::stall);
  EXPECT_TRUE(succeeded(phone.me()));
  EXPECT_TRUE(succeeded(phone.change_me({{"nickname", "still here"}})));
  EXPECT_TRUE(succeeded(phone.refresh()));
  EXPECT_TRUE(succeeded(phone.sessions()));
  EXPECT_EQ(server.http().get("/healthz").status, 200);
  server.network().set(kit::tcp_gate::mode::pass);
  expect_recovery();
}

// -- the circuit breaker

struct breaker_flow : wechat_fault_flow {
  breaker_flow()
      : wechat_fault_flow([](options& values) {
          be_impatient(values);
          values.wechat.breaker_failures = 3;
          values.wechat.breaker_open_ms = 300;
        }) {}
};

TEST_F(breaker_flow, an_ill_wechat_is_left_alone_for_a_while_and_then_found_well_again) {
  ASSERT_TRUE(kit::eventually([&] { return server.http().get("/readyz").status == 200; }));
  server.wechat().set_fault(kit::code_exchange, {{"times", -1}, {"status", 500}});
  // Logins are refused all the time, but WeChat hears of few of them.
  constexpr int logins = 50;
  for (int i = 0; i < logins; ++i)
    EXPECT_TRUE(failed_with(phone.login(server.wechat().make_code()), 502, 1000070001));
  EXPECT_LT(server.wechat().calls_of(kit::code_exchange), 25u);

  server.wechat().clear_fault(kit::code_exchange);
  EXPECT_TRUE(kit::eventually([&] { return phone.login(server.wechat().make_code()).status == 200; }));
  expect_recovery();
}

// -- at the start

TEST_F(wechat_fault_flow, a_server_that_starts_without_wechat_serves_and_becomes_ready_when_it_is_there) {
  ASSERT_TRUE(succeeded(phone.login(server.wechat().make_code())));
  server.network().set(kit::tcp_gate::mode::refuse);
  server.restart();
  auto http = server.http();
  EXPECT_EQ(http.get("/healthz").status, 200);
  const auto waiting = http.get("/readyz");
  EXPECT_EQ(waiting.status, 503);
  EXPECT_EQ(waiting.json()["checks"]["wechat_token.demo"]["state"], "down");
  EXPECT_EQ(waiting.json()["checks"]["store"]["state"], "ok");
  auto same_phone = server.phone();
  same_phone.access_token = phone.access_token;
  EXPECT_TRUE(succeeded(same_phone.me()));

  server.network().set(kit::tcp_gate::mode::pass);
  EXPECT_TRUE(kit::eventually([&] { return http.get("/readyz").status == 200; }));
  expect_recovery();
}

} // namespace
} // namespace weappd
