#include "http/client/curl_client.hpp"

#include "simulator/server.hpp"
#include "tests/unit/http/client/client_calls.hpp"
#include "tests/unit/http/client/raw_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace weappd {
namespace {

using testing::HasSubstr;
using tcp = raw_server::tcp;

constexpr std::string_view ok_kept = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// What is kept from call to call for speed must not be taken for another call's.
class curl_client_reuse_test : public testing::Test {
protected:
  curl_client client{{.max_connections = 4, .max_waiting = 8}};
};

TEST_F(curl_client_reuse_test, each_request_has_the_content_type_of_its_own_call) {
  std::vector<std::string> heads;
  raw_server server([&](tcp::socket& socket, int) {
    std::string text;
    for (int i = 0; i < 4; ++i) {
      const auto size = boost::asio::read_until(socket, boost::asio::dynamic_buffer(text), "\r\n\r\n");
      heads.push_back(text.substr(0, size));
      text.erase(0, size);
      raw_server::write(socket, ok_kept);
    }
  });
  curl_client narrow({.max_connections = 1}); // one handle for all
  for (const std::string_view type : {"application/json", "application/json", "text/xml", ""}) {
    auto call = get(server.url());
    call.method = type.empty() ? http_method::get : http_method::post;
    call.content_type = type;
    ASSERT_EQ(run(narrow, std::move(call)).status, 200);
  }
  EXPECT_THAT(heads, testing::ElementsAre(HasSubstr("\r\nContent-Type: application/json\r\n"),
                                          HasSubstr("\r\nContent-Type: application/json\r\n"),
                                          HasSubstr("\r\nContent-Type: text/xml\r\n"),
                                          testing::Not(HasSubstr("Content-Type"))));
}

TEST_F(curl_client_reuse_test, each_request_goes_to_the_url_of_its_own_call) {
  std::vector<std::string> lines;
  const auto collect = [&](tcp::socket& socket, int) {
    std::string text;
    while (true) { // ends when the client has gone
      const auto size = boost::asio::read_until(socket, boost::asio::dynamic_buffer(text), "\r\n\r\n");
      lines.push_back(text.substr(0, text.find('\r')));
      text.erase(0, size);
      raw_server::write(socket, ok_kept);
    }
  };
  raw_server one(collect);
  raw_server other(collect);
  {
    curl_client narrow({.max_connections = 1}); // one handle for all
    ASSERT_EQ(run(narrow, get(one.url() + "a?x=1")).status, 200);
    ASSERT_EQ(run(narrow, get(one.url() + "a?x=1")).status, 200);
    EXPECT_EQ(run(narrow, get("no url")).failure, http_failure::other);
    ASSERT_EQ(run(narrow, get(one.url() + "b?x=2")).status, 200);
    ASSERT_EQ(run(narrow, get(other.url() + "c")).status, 200);
  }
  EXPECT_EQ(lines, (std::vector<std::string>{"GET /a?x=1 HTTP/1.1", "GET /a?x=1 HTTP/1.1",
                                             "GET /b?x=2 HTTP/1.1", "GET /c HTTP/1.1"}));
}

TEST_F(curl_client_reuse_test, connections_are_kept_for_the_next_calls_up_to_their_number) {
  simulator::server sim({.apps = {{"wx_demo", secret("s")}}});
  sim.start();
  const auto url = "http://127.0.0.1:" + std::to_string(sim.port()) + "/_sim/none";
  const auto descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto four_at_once = [&] {
    std::vector<std::future<http_outcome>> outcomes;
    for (int i = 0; i < 4; ++i)
      outcomes.push_back(start(client, get(url)));
    for (auto& each : outcomes)
      EXPECT_EQ(wait(std::move(each)).status, 404);
  };
  for (int i = 0; i < 10; ++i)
    four_at_once();
  const auto at_first = descriptors();
  for (int i = 0; i < 50; ++i)
    four_at_once();
  EXPECT_LE(descriptors(), at_first);
  EXPECT_GE(descriptors(), at_first - 6) << "kept, on both sides, and none is opened for each call";
}

} // namespace
} // namespace weappd
