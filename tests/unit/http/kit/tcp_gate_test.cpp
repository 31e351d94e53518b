#include "tests/kit/net/tcp_gate.hpp"

#include "tests/kit/net/raw_http.hpp"
#include "tests/kit/net/socket.hpp"

#include <gtest/gtest.h>

#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <system_error>
#include <thread>

namespace weappd::kit {
namespace {

using namespace std::chrono_literals;

/// Answers each connection's first bytes with a fixed text, one connection after the other, until it goes.
class parrot {
public:
  explicit parrot(std::string text) : text_(std::move(text)), thread_([this] { run(); }) {}
  ~parrot() {
    stop_ = true;
    thread_.join();
  }
  [[nodiscard]] std::uint16_t port() const { return port_of(listener_); }
  [[nodiscard]] std::size_t received() const { return received_; }

private:
  bool wait(int fd) const {
    while (!stop_) {
      pollfd one{fd, POLLIN, 0};
      if (poll(&one, 1, 10) == 1)
        return true;
    }
    return false;
  }
  void run() {
    while (wait(listener_.get())) {
      const descriptor client(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      char bytes[4096];
      while (wait(client.get())) {
        const auto got = recv(client.get(), bytes, sizeof bytes, 0);
        if (got <= 0)
          break;
        received_ += static_cast<std::size_t>(got);
        send(client.get(), text_.data(), text_.size(), MSG_NOSIGNAL);
      }
    }
  }

  std::string text_;
  descriptor listener_ = listen_on(0);
  std::atomic<bool> stop_ = false;
  std::atomic<std::size_t> received_ = 0;
  std::thread thread_;
};

const std::string answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

struct gate_test : testing::Test {
  parrot behind{answer};
  tcp_gate gate{behind.port()};

  void expect_passing() const { EXPECT_EQ(http_client(gate.port()).get("/").body, "ok"); }
};

TEST_F(gate_test, passes_both_ways) {
  expect_passing();
}

TEST_F(gate_test, refuses_and_then_passes_again) {
  gate.set(tcp_gate::mode::refuse);
  EXPECT_THROW(raw_connection{gate.port()}, std::system_error);
  gate.set(tcp_gate::mode::pass);
  expect_passing();
}

TEST_F(gate_test, closes_open_connections_when_it_begins_to_refuse) {
  raw_connection client(gate.port());
  client.send("x");
  EXPECT_EQ(client.read_response().body, "ok");
  gate.set(tcp_gate::mode::refuse);
  EXPECT_TRUE(client.is_closed_in_silence());
}

TEST_F(gate_test, stalls_without_closing_and_then_goes_on) {
  raw_connection client(gate.port());
  gate.set(tcp_gate::mode::stall);
  client.send("x");
  EXPECT_TRUE(client.is_silent_for(50ms));
  EXPECT_EQ(behind.received(), 0u);
  gate.set(tcp_gate::mode::pass);
  EXPECT_EQ(client.read_response().body, "ok");
}

TEST_F(gate_test, resets_open_and_new_connections) {
  raw_connection open(gate.port());
  open.send("x");
  EXPECT_EQ(open.read_response().body, "ok");
  gate.set(tcp_gate::mode::reset);
  EXPECT_TRUE(open.is_closed_in_silence());
  raw_connection fresh(gate.port());
  EXPECT_TRUE(fresh.is_closed_in_silence());
  gate.set(tcp_gate::mode::pass);
  expect_passing();
}

TEST_F(gate_test, cuts_the_answer_after_so_many_bytes) {
  gate.cut_after(tcp_gate::unlimited, 7);
  raw_connection client(gate.port());
  client.send("x");
  EXPECT_EQ(client.read_until_close(), "HTTP/1.");
  gate.set(tcp_gate::mode::pass);
  expect_passing();
}

TEST_F(gate_test, cuts_the_request_after_so_many_bytes) {
  gate.cut_after(3, tcp_gate::unlimited);
  raw_connection client(gate.port());
  client.send("abcdef");
  (void)client.read_until_close();
  gate.set(tcp_gate::mode::pass);
  expect_passing();
  EXPECT_LE(behind.received(), 3u + 100u);
}

} // namespace
} // namespace weappd::kit
