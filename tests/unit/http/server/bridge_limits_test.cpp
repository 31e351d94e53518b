#include "tests/unit/http/server/bridge_fixture.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <unistd.h>

#include <optional>
#include <vector>

namespace weappd::http::test {
namespace {

using std::chrono::milliseconds;
using steady = std::chrono::steady_clock;

/// While it lives this process can open one more descriptor and no second one.
class one_descriptor_left {
public:
  one_descriptor_left() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int lowest_free = dup(STDIN_FILENO);
    close(lowest_free);
    const rlimit tight{static_cast<rlim_t>(lowest_free) + 1, before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &tight);
  }
  ~one_descriptor_left() { setrlimit(RLIMIT_NOFILE, &before_); }
  one_descriptor_left(const one_descriptor_left&) = delete;
  one_descriptor_left& operator=(const one_descriptor_left&) = delete;

private:
  rlimit before_{};
};

TEST(bridge_limits, one_request_too_many_in_flight_gives_503_before_an_actor_is_made) {
  bridge b([](options& o) { o.http.max_in_flight = 2; });
  auto first = b.connect(), second = b.connect();
  first.send(get_bytes("/held?n=1"));
  second.send(get_bytes("/held?n=2"));
  ASSERT_TRUE(eventually([&] { return b.held() == 2; }));
  const auto actors = b.running_actors();
  auto third = b.connect();
  third.send(get_bytes("/fast"));
  const auto refused = third.read_response();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_EQ(refused.json()["code"], describe(ec::overloaded).public_code);
  EXPECT_EQ(b.running_actors(), actors);
  EXPECT_EQ(b.in_flight(), 2u);
  EXPECT_NE(b.metrics().find("weappd_http_shed_total{reason=\"max_in_flight\"} 1"), std::string::npos);
  b.answer_all_held();
  EXPECT_EQ(echo_of(first.read_response()), "n=1");
  EXPECT_EQ(echo_of(second.read_response()), "n=2");
  third.send(get_bytes("/fast?n=3"));
  EXPECT_EQ(echo_of(third.read_response()), "n=3");
}

TEST(bridge_limits, a_request_that_has_its_answer_is_not_in_flight_for_the_next_one_of_its_connection) {
  bridge b([](options& o) { o.http.max_in_flight = 1; });
  auto client = b.connect();
  std::string bytes;
  for (int i = 0; i < 20; ++i)
    bytes += get_bytes((i % 2 == 0 ? "/fast?n=" : "/detached?n=") + std::to_string(i));
  client.send(bytes);
  for (int i = 0; i < 20; ++i)
    ASSERT_EQ(echo_of(client.read_response()), "n=" + std::to_string(i));
  EXPECT_EQ(b.in_flight(), 0u);
}

TEST(bridge_limits, the_last_places_are_kept_for_what_matters_most) {
  bridge b([](options& o) { o.http.max_in_flight = 10; });
  std::vector<kit::raw_connection> holders;
  const auto hold = [&](std::size_t wanted) {
    for (; holders.size() < wanted; holders.back().send(get_bytes("/held?n=1")))
      holders.push_back(b.connect());
    ASSERT_TRUE(eventually([&] { return b.held() == wanted; }));
  };
  hold(7);
  EXPECT_EQ(b.get("/bulk").status, 200);
  hold(8);
  EXPECT_EQ(b.get("/bulk").status, 503);
  EXPECT_EQ(b.get("/fast").status, 200);
  hold(9);
  EXPECT_EQ(b.get("/fast").status, 503);
  EXPECT_EQ(b.get("/vital").status, 200);
  b.answer_all_held();
}

TEST(bridge_limits, a_route_whose_answers_are_late_lets_in_less_and_the_others_do_not_suffer) {
  bridge b([](options& o) { o.http.target_latency_ms = 20; });
  std::vector<kit::raw_connection> clients;
  for (int i = 0; i < 100; ++i)
    clients.push_back(b.connect());
  const auto ask_all = [&] {
    std::size_t refused = 0;
    for (auto& each : clients)
      each.send(get_bytes("/after/60"));
    for (auto& each : clients) {
      const auto answer = each.read_response();
      refused += answer.status == 503 && answer.header("Retry-After") == "1" ? 1 : 0;
      EXPECT_TRUE(answer.status == 200 || answer.status == 503);
    }
    return refused;
  };
  EXPECT_EQ(ask_all(), 0u) << "one slow group is no overload";
  ASSERT_TRUE(eventually([&] { return ask_all() > 0; }));
  EXPECT_EQ(b.get("/fast").status, 200);
  EXPECT_EQ(b.metrics().find(R"(weappd_http_shed_total{reason="latency"} 0)"), std::string::npos);
  EXPECT_NE(b.metrics().find(R"(weappd_http_shed_total{reason="max_in_flight"} 0)"), std::string::npos);
  EXPECT_TRUE(eventually([&] { return b.in_flight() == 0; }));
}

TEST(bridge_limits, a_rate_limit_is_told_on_every_answer_it_counted) {
  bridge b;
  const auto answer = b.get("/limited");
  EXPECT_EQ(answer.header("RateLimit-Policy"), "\"per_ip\";q=10;w=1");
  EXPECT_EQ(answer.header("RateLimit"), "\"per_ip\";r=7;t=3");
  EXPECT_EQ(answer.header("Retry-After"), "");
  EXPECT_EQ(b.get("/fast").header("RateLimit"), "");
}

TEST(bridge_limits, a_rate_limit_that_is_met_gives_429_and_when_to_come_back) {
  bridge b;
  b.refuse_all();
  const auto answer = b.get("/limited");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(answer.json()["code"], describe(ec::rate_limited).public_code);
  EXPECT_EQ(answer.header("RateLimit-Policy"), "\"per_ip\";q=10;w=1");
  EXPECT_EQ(answer.header("RateLimit"), "\"per_ip\";r=0;t=9");
  EXPECT_EQ(answer.header("Retry-After"), "9");
  EXPECT_EQ(b.get("/fast").status, 200);
}

TEST(bridge_limits, a_route_for_clients_wants_an_access_token) {
  bridge b;
  const auto without = b.get("/me");
  EXPECT_EQ(without.status, 401);
  EXPECT_EQ(without.header("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(without.header("RateLimit-Policy").substr(0, 8), "\"per_ip\"");
  for (const auto* bad : {"Bearer nonsense", "Bearer ", "Basic dTpw", "Bearer"}) {
    const auto refused = b.get("/me", {{"Authorization", bad}});
    EXPECT_EQ(refused.status, 401) << bad;
    EXPECT_EQ(refused.header("WWW-Authenticate"), "Bearer error=\"invalid_token\"") << bad;
    EXPECT_EQ(refused.json()["code"], describe(ec::invalid_access_token).public_code);
  }
  const auto token = b.access_token(user_id{42});
  for (const auto* scheme : {"Bearer ", "bearer ", "BEARER "}) {
    const auto accepted = b.get("/me?n=1", {{"Authorization", scheme + token}});
    EXPECT_EQ(echo_of(accepted), "n=1") << scheme;
    EXPECT_EQ(accepted.header("RateLimit-Policy").substr(0, 10), "\"per_user\"");
  }
}

TEST(bridge_limits, an_idle_connection_is_closed_in_silence_at_its_time) {
  bridge b([](options& o) { o.http.idle_timeout_ms = 200; });
  auto fresh = b.connect(), used = b.connect();
  const auto begin = steady::now();
  used.send(get_bytes("/fast"));
  EXPECT_EQ(used.read_response().status, 200);
  EXPECT_TRUE(fresh.is_closed_in_silence());
  EXPECT_TRUE(used.is_closed_in_silence());
  EXPECT_GE(steady::now() - begin, milliseconds(200));
  EXPECT_TRUE(eventually([&] { return b.connections() == 0; }));
}

TEST(bridge_limits, a_request_that_is_worked_on_is_not_idle) {
  bridge b([](options& o) { o.http.idle_timeout_ms = 100; });
  auto client = b.connect();
  client.send(get_bytes("/after/500?n=1"));
  EXPECT_EQ(echo_of(client.read_response()), "n=1");
}

TEST(bridge_limits, a_slow_head_gives_408_at_its_time_though_bytes_keep_coming) {
  bridge b([](options& o) { o.http.header_timeout_ms = 200; });
  auto client = b.connect();
  const auto begin = steady::now();
  client.send("GET /fast HTTP/1.1\r\n");
  while (client.is_silent_for(milliseconds(20)) && steady::now() - begin < std::chrono::seconds(5))
    client.send("X-Slow: 1\r\n");
  const auto answer = client.read_response();
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_GE(steady::now() - begin, milliseconds(200));
  EXPECT_LT(steady::now() - begin, milliseconds(2000));
  EXPECT_TRUE(client.is_closed_in_silence());
}

TEST(bridge_limits, a_slow_body_gives_408_at_its_time_and_names_the_request) {
  bridge b([](options& o) { o.http.body_timeout_ms = 200; });
  auto client = b.connect();
  const auto begin = steady::now();
  client.send(
      "POST /fast HTTP/1.1\r\nHost: h\r\nX-Request-Id: slow-body\r\nContent-Type: application/json\r\n"
      "Content-Length: 1000\r\n\r\n");
  while (client.is_silent_for(milliseconds(20)) && steady::now() - begin < std::chrono::seconds(5))
    client.send(" ");
  const auto answer = client.read_response();
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.header("X-Request-Id"), "slow-body");
  EXPECT_LT(steady::now() - begin, milliseconds(2000));
  EXPECT_TRUE(client.is_closed_in_silence());
}

TEST(bridge_limits, each_request_of_a_connection_has_its_own_time) {
  bridge b([](options& o) { o.http.header_timeout_ms = o.http.body_timeout_ms = 400; });
  auto client = b.connect();
  const auto begin = steady::now();
  while (steady::now() - begin < milliseconds(1000)) {
    client.send("POST /any?n=1 HTTP/1.1\r\nHost: h\r\nContent-Le");
    ASSERT_TRUE(client.is_silent_for(milliseconds(50)));
    client.send("ngth: 2\r\n\r\n ");
    ASSERT_TRUE(client.is_silent_for(milliseconds(50)));
    client.send(" ");
    ASSERT_EQ(echo_of(client.read_response()), "n=1");
  }
}

TEST(bridge_limits, one_connection_too_many_is_told_and_closed_and_the_others_go_on) {
  bridge b([](options& o) { o.http.max_connections = 2; });
  auto first = b.connect(), second = b.connect();
  for (auto* client : {&first, &second}) {
    client->send(get_bytes("/fast"));
    EXPECT_EQ(client->read_response().status, 200);
  }
  auto third = b.connect();
  const auto told = third.read_response();
  EXPECT_EQ(told.status, 503);
  EXPECT_EQ(told.header("Connection"), "close");
  EXPECT_NE(told.header("Retry-After"), "");
  EXPECT_TRUE(third.is_closed_in_silence());
  first.send(get_bytes("/fast?n=1"));
  EXPECT_EQ(echo_of(first.read_response()), "n=1");
  second.reset();
  ASSERT_TRUE(eventually([&] { return b.connections() == 1; }));
  EXPECT_EQ(b.get("/fast").status, 200);
}

TEST(bridge_limits, out_of_descriptors_new_clients_wait_and_are_served_when_there_are_some_again) {
  bridge b;
  auto old = b.connect();
  old.send(get_bytes("/fast?n=1"));
  EXPECT_EQ(echo_of(old.read_response()), "n=1");
  std::optional<one_descriptor_left> shortage(std::in_place);
  auto waiting = b.connect(); // takes the last one, so the server has none to accept with
  waiting.send(get_bytes("/fast?n=2"));
  EXPECT_TRUE(waiting.is_silent_for(milliseconds(250)));
  old.send(get_bytes("/fast?n=3"));
  EXPECT_EQ(echo_of(old.read_response()), "n=3");
  shortage.reset();
  EXPECT_EQ(echo_of(waiting.read_response()), "n=2");
}

TEST(bridge_limits, one_connection_too_many_from_an_address_is_told_and_closed) {
  bridge b([](options& o) { o.http.max_connections_per_address = 1; });
  auto first = b.connect();
  first.send(get_bytes("/fast"));
  EXPECT_EQ(first.read_response().status, 200);
  EXPECT_EQ(b.connect().read_response().status, 503);
  first.shutdown_send();
  ASSERT_TRUE(eventually([&] { return b.connections() == 0; }));
  EXPECT_EQ(b.get("/fast").status, 200);
}

} // namespace
} // namespace weappd::http::test
