#include "tests/unit/http/server/bridge_fixture.hpp"

#include <gtest/gtest.h>

namespace weappd::http::test {
namespace {

using std::chrono::milliseconds;
using steady = std::chrono::steady_clock;

void with_short_handler_time(options& settings) {
  settings.http.handler_timeout_ms = 200;
}

TEST(bridge_failures, a_handler_that_never_answers_gives_504_at_its_time_and_the_connection_goes_on) {
  bridge b(with_short_handler_time);
  auto client = b.connect();
  for (const auto* path : {"/held", "/forgets"}) {
    const auto begin = steady::now();
    client.send(get_bytes(path, "X-Request-Id: slow-one\r\n") + get_bytes("/fast?n=1"));
    const auto answer = client.read_response();
    EXPECT_EQ(answer.status, 504) << path;
    EXPECT_EQ(answer.json()["code"], describe(ec::handler_timeout).public_code);
    EXPECT_EQ(answer.json()["request_id"], "slow-one");
    EXPECT_EQ(answer.header("Connection"), "");
    EXPECT_GE(steady::now() - begin, milliseconds(200));
    EXPECT_EQ(echo_of(client.read_response()), "n=1");
    EXPECT_TRUE(eventually([&] { return b.is_at_rest(); }));
  }
}

TEST(bridge_failures, an_answer_that_comes_after_504_is_dropped) {
  bridge b(with_short_handler_time);
  auto client = b.connect();
  client.send(get_bytes("/held?late"));
  EXPECT_EQ(client.read_response().status, 504);
  b.answer_all_held();
  ASSERT_TRUE(eventually([&] { return b.held() == 0; }));
  client.send(get_bytes("/after/1?n=1"));
  EXPECT_EQ(echo_of(client.read_response()), "n=1");
  client.send(get_bytes("/fast?n=2", "Connection: close\r\n"));
  EXPECT_EQ(echo_of(client.read_response()), "n=2");
  EXPECT_EQ(client.read_until_close(), "");
}

// The deadline and the answer race; whoever wins, there is one answer and the next request is served.
TEST(bridge_failures, an_answer_at_the_very_deadline_is_still_exactly_one) {
  bridge b([](options& o) { o.http.handler_timeout_ms = 100; });
  std::vector<kit::raw_connection> clients;
  for (int c = 0; c < 100; ++c) {
    clients.push_back(b.connect());
    clients.back().send(get_bytes("/after/" + std::to_string(100 + c) + "?first") +
                        get_bytes("/fast?second", "Connection: close\r\n"));
  }
  int in_time = 0;
  for (auto& client : clients) {
    const auto first = client.read_response();
    EXPECT_TRUE(first.status == 504 || echo_of(first) == "first");
    in_time += first.status == 200 ? 1 : 0;
    EXPECT_EQ(echo_of(client.read_response()), "second");
    EXPECT_EQ(client.read_until_close(), "");
  }
  EXPECT_LT(in_time, 100);
  clients.clear();
  EXPECT_TRUE(eventually([&] { return b.is_at_rest() && b.connections() == 0; }));
}

// The time of a handler must not get lost between that of a client that reads late and that of an idle one.
TEST(bridge_failures, a_handler_behind_an_answer_that_is_read_late_has_its_time_too) {
  bridge b(with_short_handler_time);
  auto client = b.connect();
  constexpr std::size_t size = 10'000'000;
  client.send(get_bytes("/big/10000000") + get_bytes("/held"));
  const auto big = client.read_response();
  EXPECT_EQ(big.body.size(), size);
  EXPECT_EQ(client.read_response().status, 504);
  EXPECT_TRUE(eventually([&] { return b.is_at_rest(); }));
}

TEST(bridge_failures, a_handler_that_throws_gives_500_and_the_next_request_works) {
  bridge b;
  auto client = b.connect();
  for (const auto* path : {"/throws", "/throws_later"}) {
    client.send(get_bytes(path) + get_bytes("/fast?n=1"));
    const auto answer = client.read_response();
    EXPECT_EQ(answer.status, 500) << path;
    EXPECT_EQ(answer.json()["code"], describe(ec::internal_error).public_code);
    EXPECT_EQ(answer.body.find("fault"), std::string::npos);
    EXPECT_EQ(echo_of(client.read_response()), "n=1");
    EXPECT_TRUE(eventually([&] { return b.is_at_rest(); }));
  }
  EXPECT_EQ(b.count_events("http.handler_threw"), 2u);
}

TEST(bridge_failures, a_handler_that_quits_without_an_answer_gives_503_at_once) {
  bridge b;
  const auto begin = steady::now();
  EXPECT_EQ(b.get("/quits").status, 503);
  EXPECT_LT(steady::now() - begin, milliseconds(5000));
  EXPECT_TRUE(eventually([&] { return b.is_at_rest(); }));
}

TEST(bridge_failures, a_handler_that_answers_twice_sends_its_first_answer) {
  bridge b;
  auto client = b.connect();
  client.send(get_bytes("/twice?n=1") + get_bytes("/fast?n=2", "Connection: close\r\n"));
  EXPECT_EQ(echo_of(client.read_response()), "n=1");
  EXPECT_EQ(echo_of(client.read_response()), "n=2");
  EXPECT_EQ(client.read_until_close(), "");
  EXPECT_EQ(b.in_flight(), 0u);
}

TEST(bridge_failures, a_part_that_is_not_there_gives_503_with_retry_after) {
  bridge b;
  const auto answer = b.get("/nobody");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("Retry-After"), "1");
}

TEST(bridge_failures, a_part_that_died_gives_503_at_once) {
  bridge b;
  b.kill_asked_actor();
  EXPECT_EQ(b.get("/after/0").status, 503);
  EXPECT_EQ(b.in_flight(), 0u);
}

// CAF tells nobody that a question was dropped which its receiver had already begun to work on.
TEST(bridge_failures, a_part_that_dies_over_a_question_gives_504_at_its_time) {
  bridge b(with_short_handler_time);
  auto client = b.connect();
  client.send(get_bytes("/held") + get_bytes("/fast?n=1"));
  ASSERT_TRUE(eventually([&] { return b.held() == 1; }));
  b.kill_asked_actor();
  EXPECT_EQ(client.read_response().status, 504);
  EXPECT_EQ(echo_of(client.read_response()), "n=1");
  EXPECT_TRUE(eventually([&] { return b.in_flight() == 0; }));
}

TEST(bridge_failures, a_rate_limiter_that_is_not_there_gives_503_and_not_free_entry) {
  bridge b;
  EXPECT_EQ(b.get("/limited").status, 200);
  b.remove_rate_limiter();
  EXPECT_EQ(b.get("/limited").status, 503);
  EXPECT_EQ(b.get("/fast").status, 200);
}

} // namespace
} // namespace weappd::http::test
