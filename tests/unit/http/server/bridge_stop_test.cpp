#include "tests/unit/http/server/bridge_fixture.hpp"

#include <gtest/gtest.h>

namespace weappd::http::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(bridge_stop, takes_no_port_that_somebody_listens_on_and_says_which) {
  bridge first;
  const auto taken = first.port();
  try {
    bridge second([taken](options& o) { o.http.port = taken; });
    FAIL() << "listens on a port that is taken";
  } catch (const std::runtime_error& error) {
    const std::string said = error.what();
    EXPECT_NE(said.find("127.0.0.1:" + std::to_string(taken)), std::string::npos) << said;
    EXPECT_NE(said.find("in use"), std::string::npos) << said;
  }
  EXPECT_EQ(first.get("/fast").status, 200);
}

TEST(bridge_stop, takes_no_address_that_is_none_and_says_which) {
  EXPECT_THROW(bridge([](options& o) { o.http.address = "nonsense"; }), std::runtime_error);
}

TEST(bridge_stop, frees_the_port_at_once) {
  std::uint16_t port = 0;
  {
    bridge first;
    port = first.port();
    EXPECT_EQ(first.get("/fast").status, 200);
  }
  bridge second([port](options& o) { o.http.port = port; });
  EXPECT_EQ(second.port(), port);
  EXPECT_EQ(second.get("/fast").status, 200);
}

TEST(bridge_stop, begins_with_answers_that_end_their_connection) {
  bridge b;
  auto client = b.connect();
  client.send(get_bytes("/fast?n=1"));
  EXPECT_EQ(client.read_response().header("Connection"), "");
  client.send(get_bytes("/held?n=2"));
  ASSERT_TRUE(eventually([&] { return b.held() == 1; }));
  b.drain();
  b.answer_all_held();
  const auto answer = client.read_response();
  EXPECT_EQ(echo_of(answer), "n=2");
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(client.is_closed_in_silence());
  EXPECT_EQ(b.get("/fast").header("Connection"), "close");
}

TEST(bridge_stop, closes_idle_connections_and_refuses_new_requests_of_busy_ones) {
  bridge b;
  auto idle = b.connect(), busy = b.connect();
  auto other = b.connect();
  busy.send(get_bytes("/held?n=1") + get_bytes("/fast?n=2"));
  other.send(get_bytes("/held?n=1") + get_bytes("/alive?n=2"));
  ASSERT_TRUE(eventually([&] { return b.held() == 2; }));
  b.refuse_new_requests();
  EXPECT_TRUE(idle.is_closed_in_silence());
  b.answer_all_held();
  EXPECT_EQ(echo_of(busy.read_response()), "n=1");
  const auto refused = busy.read_response();
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.json()["code"], describe(ec::draining).public_code);
  EXPECT_EQ(echo_of(other.read_response()), "n=1");
  EXPECT_EQ(echo_of(other.read_response()), "n=2");
}

TEST(bridge_stop, still_serves_clients_whom_the_kernel_has_accepted) {
  bridge b;
  std::vector<kit::raw_connection> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(b.connect());
    clients.back().send(get_bytes("/fast?n=1"));
  }
  b.stop_accepting();
  for (auto& client : clients)
    EXPECT_EQ(echo_of(client.read_response()), "n=1");
  EXPECT_THROW(b.connect(), std::system_error);
}

TEST(bridge_stop, waits_for_the_answers_that_are_being_worked_on) {
  bridge b;
  auto client = b.connect();
  client.send(get_bytes("/after/300?n=1"));
  ASSERT_TRUE(eventually([&] { return b.held() == 1; }));
  b.stop(seconds(10));
  EXPECT_EQ(echo_of(client.read_response()), "n=1");
}

TEST(bridge_stop, does_not_hang_on_idle_busy_half_sent_unread_and_lingering_connections) {
  bridge b;
  auto idle = b.connect(), busy = b.connect(), forgotten = b.connect(), detached = b.connect();
  auto half_head = b.connect(), half_body = b.connect(), unread = b.connect(), lingering = b.connect();
  busy.send(get_bytes("/held"));
  forgotten.send(get_bytes("/forgets"));
  half_head.send("GET /fa");
  half_body.send("POST /any HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n12");
  unread.send(get_bytes("/big/32000000") + get_bytes("/held"));
  lingering.send(get_bytes("/fast", "Connection: close\r\n"));
  EXPECT_EQ(lingering.read_response().status, 200);
  ASSERT_TRUE(eventually([&] { return b.held() == 1 && b.in_flight() == 2; }));
  detached.send(get_bytes("/detached"));
  const auto begin = std::chrono::steady_clock::now();
  b.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, seconds(5));
  EXPECT_EQ(b.in_flight(), 0u);
  EXPECT_EQ(b.connections(), 0u);
  EXPECT_TRUE(idle.is_closed_in_silence());
  EXPECT_EQ(busy.read_until_close(), "");
}

TEST(bridge_stop, under_load_ends_every_connection_and_leaves_nothing) {
  for (int round = 0; round < 10; ++round) {
    bridge b;
    std::vector<kit::raw_connection> clients;
    for (int c = 0; c < 32; ++c) {
      clients.push_back(b.connect());
      clients.back().send(get_bytes("/after/2") + get_bytes("/detached") + get_bytes("/after/1") +
                          get_bytes("/held"));
    }
    b.stop(milliseconds(round));
    EXPECT_EQ(b.in_flight(), 0u);
    EXPECT_EQ(b.connections(), 0u);
    for (auto& client : clients)
      client.read_until_close(); // throws if it is still open
  }
}

TEST(bridge_stop, and_start_again_works_fifty_times) {
  for (int round = 0; round < 50; ++round) {
    bridge b({}, static_cast<std::size_t>(1 + round % 3));
    auto client = b.connect();
    client.send(get_bytes("/after/1?n=1") + get_bytes("/detached?n=2"));
    ASSERT_EQ(echo_of(client.read_response()), "n=1") << "round " << round;
    ASSERT_EQ(echo_of(client.read_response()), "n=2") << "round " << round;
  }
}

} // namespace
} // namespace weappd::http::test
