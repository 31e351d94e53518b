#include "http/daemon/socket_activation.hpp"
#include "tests/flow/handover_flow.hpp"
#include "tests/kit/net/socket.hpp"
#include "tests/kit/server/eventually.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

/// Servers whose sockets a supervisor keeps, as systemd does.
namespace weappd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct activation_flow : handover_flow {
  /// As systemd starts it: the socket is descriptor 3, and the environment says for whom.
  [[nodiscard]] std::unique_ptr<kit::running_weappd>
  serve_on(const kit::descriptor& kept, const std::string& name,
           const std::vector<std::string>& settings = {}) const {
    std::vector<std::string> words{"-c", R"(LISTEN_PID=$$ exec "$0" "$@")", weappd_program()};
    const auto more = arguments(settings);
    words.insert(words.end(), more.begin(), more.end());
    return std::make_unique<kit::running_weappd>(
        "/bin/sh", kit::process_start{.arguments = words,
                                      .environment = {{"LISTEN_FDS", "1"}, {"LISTEN_FDNAMES", name}},
                                      .folder = {},
                                      .third_descriptor = kept.get()});
  }
  kit::descriptor socket = kit::listen_on(0);
};

TEST_F(activation_flow, clients_wait_in_the_socket_while_one_server_ends_and_the_next_begins) {
  auto first = serve_on(socket, "http");
  EXPECT_EQ(first->port(), kit::port_of(socket));
  kit::raw_connection silent(first->port());
  EXPECT_EQ(kit::http_client(first->port()).get("/healthz").status, 200)
      << "so that the one before is accepted, too";
  first->child().signal(SIGTERM);
  ends_well(*first);
  EXPECT_TRUE(silent.is_closed_in_silence());
  kit::raw_connection early(kit::port_of(socket)); // nobody serves
  ASSERT_TRUE(early.send(whole_request));
  const auto second = serve_on(socket, "http");
  EXPECT_EQ(early.read_response().status, 200);
}

TEST_F(activation_flow, a_request_that_comes_while_it_stops_is_answered) {
  auto server = serve_on(socket, "http", {"pools.io_threads=1"});
  kit::raw_connection halfway(server->port());
  ASSERT_TRUE(halfway.send(unfinished_head));
  EXPECT_EQ(kit::http_client(server->port()).get("/healthz").status, 200)
      << "so that the half before is read, too: one thread works in the order of arrival";
  server->child().signal(SIGTERM);
  ASSERT_TRUE(kit::eventually([&] { return !std::filesystem::exists(door()); }));
  ASSERT_TRUE(halfway.send("\r\n"));
  const auto answer = halfway.read_response();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Connection"), "close");
  ends_well(*server);
}

TEST_F(activation_flow, a_socket_for_nobody_stops_the_start) {
  EXPECT_THROW((void)serve_on(socket, "htpp"), std::runtime_error);
  EXPECT_THROW((void)serve_on(socket, "admin"), std::runtime_error) << "which is not on";
}

TEST(activation, tells_whose_sockets_they_are) {
  EXPECT_THAT(activated_listeners({}, 7), IsEmpty());
  EXPECT_THAT(activated_listeners({.listen_pid = "8", .listen_fds = "1"}, 7), IsEmpty());
  EXPECT_THAT(activated_listeners({.listen_pid = "7", .listen_fds = "2"}, 7), ElementsAre("http", "http"));
  EXPECT_THAT(
      activated_listeners({.listen_pid = "7", .listen_fds = "3", .listen_fdnames = "http:https:http"}, 7),
      ElementsAre("http", "https", "http"));
  EXPECT_THROW((void)activated_listeners({.listen_pid = "7", .listen_fds = "x"}, 7), std::runtime_error);
  EXPECT_THROW((void)activated_listeners({.listen_pid = "7", .listen_fds = "-1"}, 7), std::runtime_error);
  EXPECT_THROW((void)activated_listeners({.listen_pid = "7", .listen_fds = "2", .listen_fdnames = "http"}, 7),
               std::runtime_error);
}

} // namespace
} // namespace weappd
