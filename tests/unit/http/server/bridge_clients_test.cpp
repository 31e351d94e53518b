#include "tests/unit/http/server/bridge_fixture.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>

namespace weappd::http::test {
namespace {

using std::chrono::milliseconds;

// More than what the kernel keeps for a client that does not read.
constexpr std::size_t big_size = 32'000'000;
const std::string big_path = "/big/" + std::to_string(big_size);

TEST(bridge_clients, that_read_late_get_all_of_a_big_answer_and_what_comes_behind_it) {
  bridge b;
  auto client = b.connect();
  client.send(get_bytes(big_path) + get_bytes("/after/1?n=1") + get_bytes("/fast?n=2"));
  ASSERT_TRUE(eventually([&] { return b.log().size() == 1; }));
  EXPECT_EQ(client.read_response().body, big_body(big_size));
  EXPECT_EQ(echo_of(client.read_response()), "n=1");
  EXPECT_EQ(echo_of(client.read_response()), "n=2");
}

TEST(bridge_clients, that_do_not_read_cannot_make_us_keep_more_than_one_big_answer) {
  bridge b([](options& o) { o.http.idle_timeout_ms = 300; });
  auto client = b.connect();
  std::string bytes;
  for (int i = 0; i < 20; ++i)
    bytes += get_bytes(big_path);
  client.send(bytes);
  ASSERT_TRUE(eventually([&] { return !b.log().empty(); }));
  ASSERT_TRUE(eventually([&] { return b.connections() == 0; }));
  EXPECT_EQ(b.log().size(), 1u);
}

TEST(bridge_clients, that_never_read_are_closed_after_the_idle_time_and_the_rest_is_dropped) {
  bridge b([](options& o) { o.http.idle_timeout_ms = 200; });
  auto client = b.connect();
  client.send(get_bytes(big_path));
  ASSERT_TRUE(eventually([&] { return !b.log().empty(); }));
  ASSERT_TRUE(eventually([&] { return b.connections() == 0; }));
  EXPECT_LT(client.read_until_close().size(), big_size);
  EXPECT_EQ(b.get("/fast").status, 200);
}

TEST(bridge_clients, that_read_slowly_but_steadily_are_not_idle) {
  bridge b([](options& o) { o.http.idle_timeout_ms = 500; });
  const auto client = kit::connect_to(b.port());
  const auto bytes = get_bytes(big_path, "Connection: close\r\n");
  ASSERT_EQ(send(client.get(), bytes.data(), bytes.size(), 0), static_cast<ssize_t>(bytes.size()));
  std::vector<char> piece(1'000'000);
  std::size_t total = 0;
  for (;;) {
    const auto size = recv(client.get(), piece.data(), piece.size(), MSG_WAITALL);
    ASSERT_GE(size, 0);
    if (size == 0)
      break;
    total += static_cast<std::size_t>(size);
    const auto until = std::chrono::steady_clock::now() + milliseconds(50);
    eventually(
        [&] { return std::chrono::steady_clock::now() > until; }); // 32 pieces: three times the idle time
  }
  EXPECT_GT(total, big_size);
}

TEST(bridge_clients, that_reset_while_their_request_is_worked_on_do_no_harm) {
  bridge b;
  std::vector<kit::raw_connection> clients;
  for (int c = 0; c < 20; ++c) {
    clients.push_back(b.connect());
    clients.back().send(get_bytes("/held"));
  }
  auto witness = b.connect();
  witness.send(get_bytes("/held?n=1"));
  ASSERT_TRUE(eventually([&] { return b.held() == 21; }));
  for (auto& client : clients)
    client.reset();
  b.answer_all_held();
  EXPECT_EQ(echo_of(witness.read_response()), "n=1");
  EXPECT_TRUE(eventually([&] { return b.is_at_rest() && b.connections() == 1; }));
  EXPECT_EQ(b.log().size(), 21u); // the work that was accepted was done
}

// The socket fails while a request is worked on, because the answer before it cannot be written.
TEST(bridge_clients, that_reset_with_an_answer_unread_free_the_request_behind_it) {
  bridge b([](options& o) { o.http.handler_timeout_ms = 600'000; });
  auto client = b.connect();
  client.send(get_bytes("/held?n=1") + get_bytes("/big/1000000") + get_bytes("/held?n=2"));
  ASSERT_TRUE(eventually([&] { return b.held() == 1; }));
  client.reset();
  b.answer_all_held();
  EXPECT_TRUE(eventually([&] { return b.is_at_rest() && b.connections() == 0; }));
}

TEST(bridge_clients, that_half_close_after_their_request_get_its_answer) {
  bridge b;
  for (const auto* path : {"/fast?n=1", "/after/50?n=1", "/detached?n=1"}) {
    auto client = b.connect();
    client.send(get_bytes("/after/5?n=0") + get_bytes(path));
    client.shutdown_send();
    EXPECT_EQ(echo_of(client.read_response()), "n=0");
    EXPECT_EQ(echo_of(client.read_response()), "n=1") << path;
    EXPECT_TRUE(client.is_closed_in_silence());
  }
}

TEST(bridge_clients, that_half_close_in_the_middle_of_a_request_are_closed_in_silence) {
  bridge b;
  const std::string bytes = "POST /any HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n1234";
  for (std::size_t cut = 0; cut <= bytes.size(); cut += 5) {
    auto client = b.connect();
    client.send(bytes.substr(0, cut));
    client.shutdown_send();
    EXPECT_TRUE(client.is_closed_in_silence()) << "after " << cut << " bytes";
  }
  EXPECT_TRUE(eventually([&] { return b.is_at_rest() && b.connections() == 0; }));
}

TEST(bridge_clients, that_go_on_sending_still_get_the_answer_that_refuses_them) {
  bridge b;
  const std::string too_large = "POST /any HTTP/1.1\r\nHost: h\r\nContent-Length: 4000000\r\n\r\n";
  const std::string malformed = "GET /fast HTTP/1.1\r\nHost: h\r\n broken\r\n\r\n";
  for (const auto& [bytes, status] : {std::pair{too_large, 413}, std::pair{malformed, 400}}) {
    auto client = b.connect();
    EXPECT_TRUE(client.send(bytes + std::string(4'000'000, 'x')));
    const auto answer = client.read_response();
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.header("Connection"), "close");
    EXPECT_TRUE(client.is_closed_in_silence());
    client.reset();
  }
  EXPECT_TRUE(eventually([&] { return b.connections() == 0; }));
}

TEST(bridge_clients, that_never_hang_up_after_the_last_answer_are_hung_up_on) {
  bridge b;
  auto client = b.connect();
  client.send(get_bytes("/fast", "Connection: close\r\n"));
  EXPECT_EQ(client.read_response().status, 200);
  EXPECT_TRUE(eventually([&] { return b.connections() == 0; }));
}

TEST(bridge_clients, come_and_go_by_the_thousand_and_leave_nothing_behind) {
  bridge b;
  for (int i = 0; i < 1000; ++i) {
    auto client = b.connect();
    client.send(get_bytes(i % 2 == 0 ? "/fast?n=1" : "/detached?n=1"));
    ASSERT_EQ(echo_of(client.read_response()), "n=1");
    if (i % 3 == 0)
      client.reset();
  }
  EXPECT_TRUE(eventually([&] { return b.is_at_rest() && b.connections() == 0; }));
}

} // namespace
} // namespace weappd::http::test
