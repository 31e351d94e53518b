#include "simulator/server.hpp"

#include "simulator/json_text.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace weappd::simulator {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;
using response = http::response<http::string_body>;

/// A blocking client.
class client {
public:
  explicit client(std::uint16_t port) : socket_(context_) {
    socket_.connect({asio::ip::make_address("127.0.0.1"), port});
  }

  void send(std::string_view bytes) { asio::write(socket_, asio::buffer(bytes)); }
  void send(std::string_view method, std::string_view target, std::string_view body = {}) {
    send(std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: sim\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body));
  }
  response receive() {
    http::response_parser<http::string_body> parser;
    parser.body_limit(128U << 20);
    http::read(socket_, buffer_, parser);
    return parser.release();
  }
  response call(std::string_view method, std::string_view target, std::string_view body = {}) {
    send(method, target, body);
    return receive();
  }
  /// What the next read says; it is an error in each use here.
  boost::system::error_code next_error() {
    std::array<char, 1> byte{};
    boost::system::error_code error;
    asio::read(socket_, asio::buffer(byte), error);
    return error;
  }

private:
  asio::io_context context_;
  asio::ip::tcp::socket socket_;
  boost::beast::flat_buffer buffer_;
};

server_options demo_options(std::uint16_t port = 0) {
  return {.port = port, .apps = {{"wx_demo", secret("demo_secret")}}};
}

class server_test : public testing::Test {
protected:
  void SetUp() override { sim.start(); }
  server sim{demo_options()};
};

TEST_F(server_test, a_login_works_over_one_kept_connection) {
  client user(sim.port());
  const auto code = parse_json(user.call("POST", "/_sim/codes").body()).value()["code"].get<std::string>();
  const auto session =
      user.call("GET", "/sns/jscode2session?appid=wx_demo&secret=demo_secret&js_code=" + code +
                           "&grant_type=authorization_code");
  EXPECT_EQ(session.result_int(), 200U);
  EXPECT_TRUE(session.keep_alive());
  EXPECT_EQ(session[http::field::content_type], "application/json; charset=utf-8");
  EXPECT_TRUE(parse_json(session.body()).value().contains("session_key"));
}

TEST_F(server_test, pipelined_requests_are_answered_in_order) {
  client user(sim.port());
  user.send("GET /sns/nothing HTTP/1.1\r\nHost: x\r\n\r\nGET /_sim/nothing HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(user.receive().result_int(), 200U);
  EXPECT_EQ(user.receive().result_int(), 404U);
}

TEST_F(server_test, a_delayed_answer_comes_late) {
  client user(sim.port());
  user.call("POST", "/_sim/faults", R"({"path":"/a","times":1,"delay_ms":100})");
  const auto begin = steady::now();
  EXPECT_EQ(user.call("GET", "/a").result_int(), 200U);
  EXPECT_GE(steady::now() - begin, 100ms);
}

TEST_F(server_test, a_delayed_answer_holds_up_nobody_else) {
  client slow(sim.port());
  client quick(sim.port());
  quick.call("POST", "/_sim/faults", R"({"path":"/a","times":1,"delay_ms":600000})");
  slow.send("GET", "/a");
  const auto deadline = steady::now() + 10s;
  while (parse_json(quick.call("GET", "/_sim/calls?path=/a").body()).value()["count"] != 1)
    ASSERT_LT(steady::now(), deadline);
  EXPECT_EQ(quick.call("GET", "/b").result_int(), 200U);
}

/// A mini program with one template, whose user oA has agreed to many messages of it.
class busy_receiver_test : public testing::Test {
protected:
  void SetUp() override {
    sim.start();
    client user(sim.port());
    user.call("POST", "/_sim/subscriptions", R"({"openid":"oA","template_id":"t","credits":1000})");
    const auto token =
        user.call("GET", "/cgi-bin/token?grant_type=client_credential&appid=wx_demo&secret=demo_secret")
            .body();
    target = "/cgi-bin/message/subscribe/send?access_token=" +
             parse_json(token).value()["access_token"].get<std::string>();
  }
  static nlohmann::json code_of(const response& answer) {
    return parse_json(answer.body()).value()["errcode"];
  }
  void delay_the_next(int ms) {
    client(sim.port())
        .call("POST", "/_sim/faults",
              R"({"path":"/cgi-bin/message/subscribe/send","times":1,"delay_ms":)" + std::to_string(ms) +
                  "}");
  }
  void wait_for_delivered(int count) {
    client control(sim.port());
    const auto deadline = steady::now() + 10s;
    while (parse_json(control.call("GET", "/_sim/delivered").body()).value()["count"] != count)
      ASSERT_LT(steady::now(), deadline);
  }

  server sim{{.apps = {{.app_id = "wx_demo",
                        .app_secret = secret("demo_secret"),
                        .templates = {{.id = "t", .fields = {"thing1"}}}}}}};
  std::string target;
  const std::string body = R"({"touser":"oA","template_id":"t","data":{"thing1":{"value":"x"}}})";
};

TEST_F(busy_receiver_test, a_second_send_while_the_first_waits_for_its_answer_is_refused) {
  delay_the_next(100);
  client slow(sim.port());
  client quick(sim.port());
  slow.send("POST", target, body);
  wait_for_delivered(1);
  EXPECT_EQ(code_of(quick.call("POST", target, body)), 43108);
  EXPECT_EQ(code_of(slow.receive()), 0);
  EXPECT_EQ(code_of(quick.call("POST", target, body)), 0);
}

TEST_F(busy_receiver_test, who_has_the_answer_can_send_again_on_any_connection) {
  client one(sim.port());
  client two(sim.port());
  for (int i = 0; i < 200; ++i)
    ASSERT_EQ(code_of((i % 2 == 0 ? one : two).call("POST", target, body)), 0);
}

TEST_F(busy_receiver_test, a_send_whose_answer_was_never_written_is_over_with_a_stop) {
  delay_the_next(600'000);
  client slow(sim.port());
  slow.send("POST", target, body);
  wait_for_delivered(1);
  sim.stop();
  sim.start();
  client quick(sim.port());
  EXPECT_EQ(code_of(quick.call("POST", target, body)), 0);
}

TEST_F(server_test, a_reset_is_a_tcp_reset) {
  client user(sim.port());
  user.call("POST", "/_sim/faults", R"({"path":"/a","times":1,"reset":true})");
  user.send("GET", "/a");
  EXPECT_EQ(user.next_error(), asio::error::connection_reset);
}

TEST_F(server_test, an_answer_of_many_megabytes_can_be_set_and_is_sent) {
  client user(sim.port());
  const std::string big(8U << 20, 'x');
  EXPECT_EQ(
      user.call("POST", "/_sim/faults", R"({"path":"/a","times":1,"answer":")" + big + "\"}").result_int(),
      200U);
  EXPECT_EQ(user.call("GET", "/a").body().size(), big.size());
}

TEST_F(server_test, too_large_a_body_for_the_api_is_refused) {
  client user(sim.port());
  user.send("POST /cgi-bin/stable_token HTTP/1.1\r\nHost: x\r\nContent-Length: 1048577\r\n\r\n");
  EXPECT_EQ(user.receive().result_int(), 413U);
}

TEST_F(server_test, nonsense_instead_of_http_ends_the_connection_and_nothing_else) {
  client bad(sim.port());
  bad.send("\x16\x03\x01 nonsense\r\n\r\n");
  EXPECT_EQ(bad.receive().result_int(), 400U);
  EXPECT_EQ(bad.next_error(), asio::error::eof);
  client good(sim.port());
  EXPECT_EQ(good.call("GET", "/_sim/calls").result_int(), 200U);
}

TEST_F(server_test, head_gets_a_head_and_the_connection_ends) {
  client user(sim.port());
  user.send("HEAD /sns/jscode2session HTTP/1.1\r\nHost: x\r\n\r\n");
  user.receive();
  EXPECT_EQ(user.next_error(), asio::error::eof);
}

TEST_F(server_test, stop_does_not_wait_for_delayed_answers) {
  client user(sim.port());
  user.call("POST", "/_sim/faults", R"({"path":"/a","times":1,"delay_ms":600000})");
  user.send("GET", "/a");
  const auto deadline = steady::now() + 10s;
  while (parse_json(sim.answer(make_request("GET", "/_sim/calls", "")).body).value()["count"] != 1)
    ASSERT_LT(steady::now(), deadline);
  const auto begin = steady::now();
  sim.stop();
  EXPECT_LT(steady::now() - begin, 2s);
  EXPECT_TRUE(user.next_error());
}

TEST_F(server_test, after_a_stop_nobody_listens_and_a_start_brings_back_port_and_memory) {
  const auto port = sim.port();
  (void)sim.answer(make_request("GET", "/a", ""));
  sim.stop();
  EXPECT_THROW(client{port}, boost::system::system_error);
  sim.stop();
  sim.start();
  sim.start();
  EXPECT_EQ(sim.port(), port);
  client user(port);
  EXPECT_EQ(parse_json(user.call("GET", "/_sim/calls").body()).value()["count"], 1);
}

TEST_F(server_test, a_port_in_use_is_an_error_of_start_and_can_be_tried_again) {
  server second(demo_options(sim.port()));
  EXPECT_THROW(second.start(), std::system_error);
  sim.stop();
  second.start();
  EXPECT_EQ(second.port(), sim.port());
}

TEST(server_options_test, a_server_without_apps_is_refused) {
  EXPECT_THROW(server(server_options{}), std::invalid_argument);
}

TEST_F(server_test, one_connection_above_the_bound_is_closed_at_once_and_room_comes_back) {
  std::vector<std::unique_ptr<client>> many;
  for (std::size_t i = 0; i < server::max_connections; ++i)
    many.push_back(std::make_unique<client>(sim.port()));
  EXPECT_EQ(many.back()->call("GET", "/_sim/calls").result_int(), 200U);
  client refused(sim.port());
  const auto begin = steady::now();
  EXPECT_TRUE(refused.next_error());
  EXPECT_LT(steady::now() - begin, 20s) << "closed at once, and not by the idle limit";
  many.clear();
  const auto deadline = steady::now() + 10s;
  for (bool served = false; !served;) {
    ASSERT_LT(steady::now(), deadline);
    try {
      served = client(sim.port()).call("GET", "/_sim/calls").result_int() == 200;
    } catch (const boost::system::system_error&) {
      // the server has not seen all of them go yet
    }
  }
}

} // namespace
} // namespace weappd::simulator
