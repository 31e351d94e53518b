#include "http/client/curl_client.hpp"

#include "simulator/server.hpp"
#include "tests/unit/http/client/client_calls.hpp"
#include "tests/unit/http/client/raw_server.hpp"
#include "tests/unit/http/client/tls_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;
using testing::HasSubstr;
using tcp = raw_server::tcp;

constexpr std::string_view ok_answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

class curl_client_test : public testing::Test {
protected:
  curl_client client{{.max_connections = 4, .max_waiting = 8, .max_answer_bytes = 1'000}};
};

TEST_F(curl_client_test, an_answer_comes_back_whole_whatever_its_status) {
  raw_server server([](tcp::socket& socket, int) {
    raw_server::read_head(socket);
    raw_server::write(socket, "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy");
  });
  const auto outcome = run(client, get(server.url()));
  EXPECT_EQ(outcome.failure, http_failure::none);
  EXPECT_EQ(outcome.status, 503);
  EXPECT_EQ(outcome.body.reveal(), "busy");
  EXPECT_TRUE(outcome.request_written);
}

TEST_F(curl_client_test, a_request_says_what_it_should_and_nothing_more) {
  std::promise<std::string> head;
  raw_server server([&](tcp::socket& socket, int) {
    head.set_value(raw_server::read_head(socket));
    raw_server::write(socket, ok_answer);
  });
  auto call = get(server.url() + "path?a=b");
  call.method = http_method::post;
  call.body = secret("{}");
  call.content_type = "application/json";
  EXPECT_EQ(run(client, std::move(call)).failure, http_failure::none);
  const auto host = "127.0.0.1:" + std::to_string(server.port());
  EXPECT_EQ(head.get_future().get(), "POST /path?a=b HTTP/1.1\r\nHost: " + host +
                                         "\r\nAccept: */*\r\nUser-Agent: weappd\r\nContent-Type: "
                                         "application/json\r\nContent-Length: 2\r\n\r\n");
}

TEST_F(curl_client_test, what_the_request_line_says_is_path_and_query_and_cannot_end_it) {
  std::string line;
  raw_server server([&](tcp::socket& socket, int) {
    const auto head = raw_server::read_head(socket);
    line = head.substr(0, head.find('\r'));
    raw_server::write(socket, ok_answer);
  });
  for (const auto* tail : {"p?token=a b", "p?token=a\r\nX-Evil: 1", "p?token=a\nb", "p\x7f", "p\t"})
    EXPECT_EQ(run(client, get(server.url() + tail)).failure, http_failure::other) << tail;
  EXPECT_EQ(run(client, get(server.url() + "p/q?token=a%20b&c=/?#part")).status, 200);
  EXPECT_EQ(line, "GET /p/q?token=a%20b&c=/? HTTP/1.1");
  EXPECT_EQ(run(client, get(server.url() + "\xc3\xa9?q=\xc3\xa9")).status, 200);
  EXPECT_EQ(line, "GET /%c3%a9?q=\xc3\xa9 HTTP/1.1");
}

TEST_F(curl_client_test, a_get_after_a_post_is_a_get_and_uses_the_same_connection) {
  std::atomic<int> gets = 0;
  raw_server server([&](tcp::socket& socket, int) {
    std::string text;
    for (int i = 0; i < 3; ++i) {
      const auto size = boost::asio::read_until(socket, boost::asio::dynamic_buffer(text), "\r\n\r\n");
      if (text.starts_with("GET "))
        ++gets;
      text.erase(0, size);
      raw_server::write(socket, ok_answer);
    }
  });
  EXPECT_EQ(run(client, get(server.url())).status, 200);
  auto post = get(server.url());
  post.method = http_method::post;
  EXPECT_EQ(run(client, std::move(post)).status, 200);
  EXPECT_EQ(run(client, get(server.url())).status, 200);
  EXPECT_EQ(gets, 2);
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(curl_client_test, a_refused_connection_is_a_connect_failure_with_nothing_written) {
  std::string url;
  {
    url = raw_server([](tcp::socket&, int) {}).url();
  }
  const auto outcome = run(client, get(url));
  EXPECT_EQ(outcome.failure, http_failure::connect);
  EXPECT_FALSE(outcome.request_written);
}

TEST_F(curl_client_test, a_slow_answer_is_a_timeout_after_the_request_was_written) {
  raw_server server([](tcp::socket& socket, int) { raw_server::wait_for_end(socket); });
  const auto begin = steady::now();
  const auto outcome = run(client, get(server.url(), 200ms));
  EXPECT_EQ(outcome.failure, http_failure::timeout_after_send);
  EXPECT_TRUE(outcome.request_written);
  EXPECT_GE(steady::now() - begin, 200ms);
  EXPECT_LT(steady::now() - begin, 5s);
}

TEST_F(curl_client_test, an_answer_that_trickles_does_not_hold_the_call_beyond_its_time) {
  raw_server server([](tcp::socket& socket, int) {
    raw_server::read_head(socket);
    raw_server::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx");
    raw_server::wait_for_end(socket);
  });
  const auto outcome = run(client, get(server.url(), 200ms));
  EXPECT_EQ(outcome.failure, http_failure::timeout_after_send);
  EXPECT_TRUE(outcome.body.empty()) << "half an answer is none";
}

TEST_F(curl_client_test, a_silent_handshake_is_a_timeout_before_anything_was_written) {
  raw_server server([](tcp::socket& socket, int) { raw_server::wait_for_end(socket); });
  const auto outcome = run(client, get(server.url("https"), 200ms));
  EXPECT_EQ(outcome.failure, http_failure::timeout_before_send);
  EXPECT_FALSE(outcome.request_written);
}

TEST_F(curl_client_test, waiting_for_a_turn_counts_as_time_and_the_turn_comes_in_order) {
  curl_client narrow({.max_connections = 1, .max_waiting = 8});
  raw_server server([](tcp::socket& socket, int nth) {
    if (nth == 1)
      return raw_server::wait_for_end(socket);
    raw_server::read_head(socket);
    raw_server::write(socket, ok_answer);
  });
  auto first = start(narrow, get(server.url(), 700ms));
  auto impatient = start(narrow, get(server.url(), 200ms));
  auto patient = start(narrow, get(server.url(), 10s));
  const auto late = wait(std::move(impatient));
  EXPECT_EQ(first.wait_for(0s), std::future_status::timeout) << "it did not wait for the first call to end";
  EXPECT_EQ(late.failure, http_failure::timeout_before_send);
  EXPECT_FALSE(late.request_written);
  EXPECT_EQ(wait(std::move(first)).failure, http_failure::timeout_after_send);
  EXPECT_EQ(wait(std::move(patient)).status, 200);
}

TEST_F(curl_client_test, more_calls_than_may_wait_are_refused_at_once) {
  curl_client narrow({.max_connections = 1, .max_waiting = 2});
  std::promise<void> arrived;
  raw_server server([&](tcp::socket& socket, int nth) {
    raw_server::read_head(socket);
    if (nth == 1)
      arrived.set_value();
    raw_server::wait_for_end(socket);
  });
  auto active = start(narrow, get(server.url()));
  ASSERT_EQ(arrived.get_future().wait_for(10s), std::future_status::ready);
  auto second = start(narrow, get(server.url()));
  auto third = start(narrow, get(server.url()));
  EXPECT_FALSE(narrow.start(get(server.url()), [](http_outcome) { ADD_FAILURE() << "was refused"; }));
  narrow.stop();
  EXPECT_EQ(wait(std::move(third)).failure, http_failure::stopped);
}

TEST_F(curl_client_test, a_reset_is_told_apart_from_a_refusal) {
  raw_server server([](tcp::socket& socket, int) {
    raw_server::read_head(socket);
    raw_server::reset(socket);
  });
  const auto outcome = run(client, get(server.url()));
  EXPECT_EQ(outcome.failure, http_failure::other);
  EXPECT_TRUE(outcome.request_written);
}

/// Answers the first request of the first connection, resets it after the second, answers on all others.
struct dying_connection {
  std::atomic<int> requests = 0;
  raw_server server{[this](tcp::socket& socket, int nth) {
    raw_server::read_head(socket);
    ++requests;
    raw_server::write(socket, ok_answer);
    if (nth > 1)
      return;
    raw_server::read_head(socket);
    ++requests;
    raw_server::reset(socket);
  }};
};

TEST_F(curl_client_test, what_may_not_be_repeated_is_not_written_again_when_a_kept_connection_dies) {
  dying_connection upstream;
  EXPECT_EQ(run(client, get(upstream.server.url())).status, 200);
  auto once = get(upstream.server.url());
  once.repeatable = false;
  const auto outcome = run(client, std::move(once));
  EXPECT_EQ(outcome.failure, http_failure::other);
  EXPECT_TRUE(outcome.request_written);
  EXPECT_EQ(upstream.requests, 2);
}

TEST_F(curl_client_test, what_may_be_repeated_is_written_again_when_a_kept_connection_dies) {
  dying_connection upstream;
  EXPECT_EQ(run(client, get(upstream.server.url())).status, 200);
  EXPECT_EQ(run(client, get(upstream.server.url())).status, 200);
  EXPECT_EQ(upstream.requests, 3);
}

TEST_F(curl_client_test, a_connection_that_was_closed_while_idle_costs_nothing) {
  std::array<std::promise<void>, 3> closed;
  raw_server server([&](tcp::socket& socket, int nth) {
    raw_server::read_head(socket);
    raw_server::write(socket, ok_answer);
    socket.shutdown(tcp::socket::shutdown_both);
    closed.at(static_cast<std::size_t>(nth) - 1).set_value();
  });
  for (auto& each : closed) {
    auto once = get(server.url());
    once.repeatable = false;
    EXPECT_EQ(run(client, std::move(once)).status, 200);
    ASSERT_EQ(each.get_future().wait_for(10s), std::future_status::ready);
  }
}

TEST_F(curl_client_test, a_body_that_announces_too_many_bytes_is_not_read) {
  raw_server server([](tcp::socket& socket, int) {
    raw_server::read_head(socket);
    raw_server::write(socket, "HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n");
    raw_server::wait_for_end(socket);
  });
  const auto outcome = run(client, get(server.url()));
  EXPECT_EQ(outcome.failure, http_failure::too_large);
  EXPECT_TRUE(outcome.body.empty());
}

TEST_F(curl_client_test, a_call_may_ask_for_a_longer_body_than_others_get) {
  constexpr std::size_t length = 300'000;
  raw_server server([](tcp::socket& socket, int) {
    raw_server::read_head(socket);
    raw_server::write(socket, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 300000\r\n\r\n");
    raw_server::write(socket, std::string(length, 'x'));
  });
  auto call = get(server.url());
  call.max_answer_bytes = length;
  EXPECT_EQ(run(client, std::move(call)).body.size(), length);
  EXPECT_EQ(run(client, get(server.url())).failure, http_failure::too_large) << "the next one may not";
}

TEST_F(curl_client_test, an_endless_body_or_head_is_cut_off) {
  for (const std::string_view begin : {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nX-A: b\r\n"}) {
    raw_server server([begin](tcp::socket& socket, int) {
      raw_server::read_head(socket);
      raw_server::write(socket, begin);
      while (true) // ends when the client has gone
        raw_server::write(socket, "X-More: xxxxxxxxxxxxxxxxxxxxxxxxxx\r\n");
    });
    EXPECT_EQ(run(client, get(server.url())).failure, http_failure::too_large) << begin;
  }
}

TEST_F(curl_client_test, a_body_of_exactly_the_bound_passes) {
  raw_server server([](tcp::socket& socket, int) {
    raw_server::read_head(socket);
    raw_server::write(socket, "HTTP/1.1 200 OK\r\n\r\n" + std::string(1'000, 'x'));
  });
  const auto outcome = run(client, get(server.url()));
  EXPECT_EQ(outcome.failure, http_failure::none);
  EXPECT_EQ(outcome.body.size(), 1'000U);
}

TEST_F(curl_client_test, a_redirect_is_not_followed) {
  std::atomic<int> requests = 0;
  raw_server server([&](tcp::socket& socket, int) {
    while (true) {
      raw_server::read_head(socket);
      ++requests;
      raw_server::write(socket, "HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n");
    }
  });
  EXPECT_EQ(run(client, get(server.url())).status, 302);
  EXPECT_EQ(requests, 1);
}

TEST_F(curl_client_test, an_answer_that_is_not_http_is_a_failure) {
  raw_server server([](tcp::socket& socket, int) {
    raw_server::read_head(socket);
    raw_server::write(socket, "hello\r\n\r\n");
  });
  EXPECT_EQ(run(client, get(server.url())).failure, http_failure::other);
}

TEST_F(curl_client_test, no_other_protocol_is_spoken) {
  const auto path = testing::TempDir() + "weappd_curl_client_test.txt";
  std::ofstream(path) << "hidden";
  const auto outcome = run(client, get("file://" + path));
  EXPECT_EQ(outcome.failure, http_failure::other);
  EXPECT_TRUE(outcome.body.empty());
}

TEST_F(curl_client_test, a_proxy_of_the_environment_is_not_used) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  raw_server server([](tcp::socket& socket, int) {
    raw_server::read_head(socket);
    raw_server::write(socket, ok_answer);
  });
  EXPECT_EQ(run(client, get(server.url())).status, 200);
  unsetenv("http_proxy");
}

TEST_F(curl_client_test, a_certificate_that_nobody_trusts_is_refused_before_anything_is_written) {
  tls_server server(self_signed::make("IP:127.0.0.1"));
  const auto outcome = run(client, get(server.url()));
  EXPECT_EQ(outcome.failure, http_failure::tls);
  EXPECT_FALSE(outcome.request_written);
  EXPECT_EQ(server.requests(), 0);
}

TEST_F(curl_client_test, a_certificate_is_trusted_when_the_options_say_so) {
  const auto identity = self_signed::make("IP:127.0.0.1");
  tls_server server(identity);
  curl_client trusting(
      {.ca_file = identity.certificate_file(testing::TempDir() + "weappd_curl_client_test_good.pem")});
  const auto outcome = run(trusting, get(server.url()));
  EXPECT_EQ(outcome.failure, http_failure::none);
  EXPECT_EQ(outcome.body.reveal(), "hello");
}

TEST_F(curl_client_test, a_trusted_certificate_of_another_host_is_refused) {
  const auto identity = self_signed::make("DNS:elsewhere.example");
  tls_server server(identity);
  curl_client trusting(
      {.ca_file = identity.certificate_file(testing::TempDir() + "weappd_curl_client_test_other.pem")});
  EXPECT_EQ(run(trusting, get(server.url())).failure, http_failure::tls);
  EXPECT_EQ(server.requests(), 0);
}

TEST_F(curl_client_test, a_stop_gives_every_call_an_outcome_and_takes_no_more) {
  curl_client narrow({.max_connections = 1, .max_waiting = 8});
  raw_server server([](tcp::socket& socket, int) { raw_server::wait_for_end(socket); });
  auto active = start(narrow, get(server.url()));
  auto waiting = start(narrow, get(server.url()));
  narrow.stop();
  EXPECT_EQ(active.wait_for(0s), std::future_status::ready) << "given before stop() returned";
  EXPECT_EQ(wait(std::move(active)).failure, http_failure::stopped);
  EXPECT_EQ(wait(std::move(waiting)).failure, http_failure::stopped);
  EXPECT_FALSE(narrow.start(get(server.url()), [](http_outcome) {}));
  narrow.stop();
}

TEST_F(curl_client_test, a_stop_tells_whether_the_request_had_been_written) {
  curl_client narrow({.max_connections = 1, .max_waiting = 8});
  std::promise<void> arrived;
  raw_server server([&](tcp::socket& socket, int) {
    raw_server::read_head(socket);
    arrived.set_value();
    raw_server::wait_for_end(socket);
  });
  auto active = start(narrow, get(server.url()));
  auto waiting = start(narrow, get(server.url()));
  ASSERT_EQ(arrived.get_future().wait_for(10s), std::future_status::ready);
  narrow.stop();
  EXPECT_TRUE(wait(std::move(active)).request_written);
  EXPECT_FALSE(wait(std::move(waiting)).request_written);
}

TEST_F(curl_client_test, it_may_be_destroyed_by_the_one_whom_it_tells_an_outcome) {
  auto doomed = std::make_shared<curl_client>(curl_options{});
  raw_server server([](tcp::socket& socket, int) {
    raw_server::read_head(socket);
    raw_server::write(socket, ok_answer);
  });
  std::promise<int> status;
  std::promise<void> go;
  const bool taken =
      doomed->start(get(server.url()), [&, ready = go.get_future().share()](http_outcome outcome) {
        ready.wait();
        doomed.reset();
        status.set_value(outcome.status);
      });
  ASSERT_TRUE(taken);
  go.set_value();
  auto told = status.get_future();
  ASSERT_EQ(told.wait_for(10s), std::future_status::ready);
  EXPECT_EQ(told.get(), 200);
}

TEST_F(curl_client_test, many_calls_from_many_threads_each_get_their_own_answer) {
  simulator::server sim({.apps = {{"wx_demo", secret("s")}}});
  sim.start();
  curl_client wide({.max_connections = 16, .max_waiting = 4'096});
  const auto base = "http://127.0.0.1:" + std::to_string(sim.port());
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      std::vector<std::future<http_outcome>> outcomes;
      for (int i = 0; i < 100; ++i)
        outcomes.push_back(start(wide, get(base + "/_sim/none", 20s)));
      for (auto& each : outcomes)
        right += wait(std::move(each)).status == 404;
    });
  for (auto& each : threads)
    each.join();
  EXPECT_EQ(right, 400);
}

} // namespace
} // namespace weappd
