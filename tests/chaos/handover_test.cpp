#include "tests/flow/program.hpp"
#include "tests/kit/net/self_signed.hpp"
#include "tests/kit/net/tls_connection.hpp"
#include "tests/kit/server/mini_program.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

/// Real servers that follow one another under load. CHAOS_RESTARTS: how often.
namespace weappd {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// Each client asks 62.5 times a second: 16 of them 1,000 times.
constexpr auto pause_between_requests = milliseconds(16);
constexpr int clients_of_each_kind = 8;
constexpr int logins_among = 10; ///< every tenth request is a login

int restarts() {
  const auto* wanted = std::getenv("CHAOS_RESTARTS");
  return wanted == nullptr ? 3 : std::max(1, std::atoi(wanted));
}

long long ms(steady_clock::duration time) {
  return std::chrono::duration_cast<milliseconds>(time).count();
}

/// What clients saw.
class sightings {
public:
  void note_answer(steady_clock::duration time) {
    const std::lock_guard guard(mutex_);
    ++requests_;
    longest_ = std::max(longest_, time);
    longest_lately_ = std::max(longest_lately_, time);
  }
  void note_failure(const std::string& what) {
    const std::lock_guard guard(mutex_);
    ++failures_;
    if (failures_ <= 5)
      examples_ += "  " + what + "\n";
  }
  void note_retry() { ++retries_; }
  void note_connection() { ++connections_; }
  [[nodiscard]] steady_clock::duration longest_lately() {
    const std::lock_guard guard(mutex_);
    return std::exchange(longest_lately_, {});
  }
  [[nodiscard]] std::uint64_t requests() const { return requests_; }
  [[nodiscard]] std::uint64_t failures() const { return failures_; }
  [[nodiscard]] std::uint64_t retries() const { return retries_; }
  [[nodiscard]] std::uint64_t connections() const { return connections_; }
  [[nodiscard]] steady_clock::duration longest() const { return longest_; }
  [[nodiscard]] const std::string& examples() const { return examples_; }

private:
  std::mutex mutex_;
  std::uint64_t requests_ = 0;
  std::uint64_t failures_ = 0;
  std::atomic<std::uint64_t> retries_ = 0;
  std::atomic<std::uint64_t> connections_ = 0;
  steady_clock::duration longest_{};
  steady_clock::duration longest_lately_{};
  std::string examples_;
};

using connect_function = std::function<std::unique_ptr<kit::raw_connection>()>;

/// Does what RFC 9112 section 9.3 and RFC 9110 section 9.2.2 ask of a client, and no more: a connection whose
/// answer said close, or that the server has ended, is not used again; a GET that met the end of a kept
/// connection before the first byte of an answer is sent once more. A POST never is.
class careful_client {
public:
  careful_client(connect_function connect, sightings& seen) : connect_(std::move(connect)), seen_(seen) {}

  kit::http_response request(const std::string& method, const std::string& bytes) {
    const bool kept = connection_ && connection_->is_silent_for(milliseconds(0));
    if (!kept) {
      connection_ = connect_();
      seen_.note_connection();
    }
    try {
      connection_->send(bytes);
      auto answer = connection_->read_final_response();
      if (answer.header("Connection") == "close")
        connection_.reset();
      return answer;
    } catch (const kit::connection_closed&) {
      const bool untouched = connection_->read_until_close().empty();
      connection_.reset();
      if (!kept || !untouched || method != "GET")
        throw;
    }
    seen_.note_retry();
    return request(method, bytes);
  }
  void hang_up() { connection_.reset(); }

private:
  connect_function connect_;
  sightings& seen_;
  std::unique_ptr<kit::raw_connection> connection_;
};

std::string get_me(const std::string& token) {
  return "GET /api/v1/users/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\n\r\n";
}

std::string post_login(const std::string& code) {
  const auto body = nlohmann::json{{"code", code}}.dump();
  return "POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "Content-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct handover_chaos : testing::Test {
  handover_chaos() {
    const auto identity = kit::self_signed::make("IP:127.0.0.1");
    (void)identity.certificate_file(folder / "certificate.pem");
    (void)identity.key_file(folder / "key.pem");
  }

  std::unique_ptr<kit::running_weappd> serve(const std::vector<std::string>& more = {}) {
    std::vector<std::string> wanted{"apps.demo.app_id=wxdemo0000000001",
                                    "apps.demo.secret=demo-app-secret",
                                    "wechat.base_url=http://127.0.0.1:" +
                                        std::to_string(simulator.simulator_port()),
                                    "log.access=false",
                                    "http.handover_socket=" + (folder / "handover"),
                                    "limits.login.limit=1000000",
                                    "limits.login.burst=100000",
                                    "limits.per_ip.limit=1000000",
                                    "limits.per_ip.burst=100000",
                                    "limits.per_user.limit=1000000",
                                    "limits.per_user.burst=100000"};
    wanted.insert(wanted.end(), more.begin(), more.end());
    std::vector<std::string> arguments;
    for (auto& one : wanted) {
      arguments.emplace_back("--set");
      arguments.push_back(std::move(one));
    }
    return std::make_unique<kit::running_weappd>(
        weappd_program(),
        kit::process_start{.arguments = kit::serve_in(folder, arguments), .environment = {}, .folder = {}});
  }

  /// One client until it is over; `keeps` its connection between two requests.
  void be_a_client(const connect_function& connect, bool keeps) {
    kit::wechat_control wechat(simulator.simulator_port());
    careful_client client(connect, seen);
    std::string token;
    auto next = steady_clock::now();
    for (int i = 0; !over; ++i) {
      std::this_thread::sleep_until(next);
      next += pause_between_requests;
      const bool logs_in = i % logins_among == 0 || token.empty();
      const auto bytes = logs_in ? post_login(wechat.make_code()) : get_me(token);
      const auto begin = steady_clock::now();
      try {
        const auto answer = client.request(logs_in ? "POST" : "GET", bytes);
        seen.note_answer(steady_clock::now() - begin);
        if (answer.status != 200)
          seen.note_failure((logs_in ? "login: " : "users/me: ") + answer.body);
        else if (logs_in)
          token = answer.json().at("data").at("access_token").get<std::string>();
      } catch (const std::exception& error) {
        seen.note_failure((logs_in ? "login: " : "users/me: ") + std::string(error.what()));
        client.hang_up();
      }
      if (!keeps)
        client.hang_up();
    }
  }

  void start_clients(const connect_function& connect, bool keep) {
    for (int i = 0; i < clients_of_each_kind; ++i)
      clients.emplace_back([this, connect, keep] { be_a_client(connect, keep); });
  }
  void end_clients() {
    over = true;
    for (auto& client : clients)
      client.join();
  }

  /// One server after the other; each predecessor must end by itself and well.
  void restart(int times, const std::vector<std::string>& more = {}) {
    for (int i = 1; i <= times; ++i) {
      std::this_thread::sleep_for(milliseconds(500)); // each one serves for a while
      const auto quiet = seen.longest_lately();
      const auto begin = steady_clock::now();
      auto next = serve(more);
      const auto took = steady_clock::now() - begin;
      const auto end = server->child().wait();
      ASSERT_TRUE(end && end->code == 0) << server->child().errors();
      server = std::move(next);
      std::this_thread::sleep_for(milliseconds(200));
      std::cout << "restart " << i << ": ready after " << ms(took) << " ms, longest wait of a client "
                << ms(seen.longest_lately()) << " ms (before: " << ms(quiet) << " ms)\n";
    }
  }

  void print(int times, steady_clock::duration took) {
    std::cout << times << " restarts, " << seen.requests() << " requests ("
              << seen.requests() * 1000 / static_cast<std::uint64_t>(ms(took)) << "/s), "
              << seen.connections() << " connections, " << seen.failures() << " failures, " << seen.retries()
              << " GETs sent again, longest wait " << ms(seen.longest()) << " ms\n"
              << seen.examples();
  }

  kit::temporary_folder folder;
  kit::running_weappd simulator{weappd_program(),
                                {.arguments = {"simulate", "--port", "0"}, .environment = {}, .folder = {}}};
  std::unique_ptr<kit::running_weappd> server;
  sightings seen;
  std::atomic<bool> over = false;
  std::vector<std::jthread> clients;
};

TEST_F(handover_chaos, no_client_of_plain_http_notices_that_servers_follow_one_another) {
  server = serve();
  const auto connect = [port = server->port()] {
    return std::make_unique<kit::raw_connection>(port, std::chrono::seconds(10));
  };
  const auto begin = steady_clock::now();
  start_clients(connect, true);
  start_clients(connect, false);
  restart(restarts());
  end_clients();
  print(restarts(), steady_clock::now() - begin);
  EXPECT_EQ(seen.failures(), 0u) << seen.examples();
  EXPECT_EQ(seen.retries(), 0u) << "kept connections are handed on as they are";
  EXPECT_GT(seen.requests(), 100u);
}

TEST_F(handover_chaos, no_request_over_tls_is_lost_when_there_is_a_time_to_drain) {
  const std::vector<std::string> wishes{"http.tls.port=0",
                                        "http.tls.certificate_file=" + (folder / "certificate.pem"),
                                        "http.tls.key_file=" + (folder / "key.pem"), "http.drain_ms=500"};
  server = serve(wishes);
  const auto connect = [port = server->tls_port()]() -> std::unique_ptr<kit::raw_connection> {
    return std::make_unique<kit::tls_connection>(port);
  };
  const auto begin = steady_clock::now();
  start_clients(connect, true);
  const auto times = std::max(2, restarts() / 4);
  restart(times, wishes);
  end_clients();
  print(times, steady_clock::now() - begin);
  EXPECT_EQ(seen.failures(), 0u) << seen.examples();
  EXPECT_EQ(seen.retries(), 0u) << "the drain ends each connection with an answer that says so";
  EXPECT_GT(seen.requests(), 100u);
}

} // namespace
} // namespace weappd
