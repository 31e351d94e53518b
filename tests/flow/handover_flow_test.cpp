#include "http/daemon/handover.hpp"
#include "http/daemon/handover_channel.hpp"
#include "tests/flow/handover_flow.hpp"
#include "tests/kit/net/proxy_header.hpp"
#include "tests/kit/net/socket.hpp"
#include "tests/kit/server/eventually.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

/// How real servers give way: to a successor that asks, and slowly.
namespace weappd {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::IsEmpty;

sockaddr_un unix_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

/// Somebody who knocks at the door by himself.
http::socket_handle connected_to(const std::string& door) {
  http::socket_handle made(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  const auto address = unix_address(door);
  EXPECT_EQ(::connect(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  return made;
}

/// Requests whose answers nobody reads, until the server takes no more.
void send_until_blocked(const kit::descriptor& client) {
  std::string many;
  for (int i = 0; i < 1'000; ++i)
    many += whole_request;
  pollfd taken{client.get(), POLLOUT, 0};
  while (::poll(&taken, 1, 300) == 1) {
    const auto sent = ::send(client.get(), many.data(), many.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    ASSERT_GT(sent, 0);
    std::rotate(many.begin(), many.begin() + sent, many.end()); // go on within the request that was cut
  }
}

TEST_F(handover_flow, a_successor_serves_at_the_same_port_and_on_the_same_connection) {
  auto first = serve();
  kit::raw_connection client(first->port());
  ASSERT_TRUE(client.send(whole_request));
  ASSERT_EQ(client.read_response().status, 200);
  const auto second = serve();
  ends_well(*first);
  EXPECT_EQ(second->port(), first->port());
  ASSERT_TRUE(client.send(whole_request));
  const auto answer = client.read_response();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Connection"), "") << "it is kept, as if nothing had been";
}

TEST_F(handover_flow, more_and_fewer_io_threads_take_over_from_one_another) {
  auto server = serve({"pools.io_threads=3"});
  for (const auto* threads : {"1", "4", "2"}) {
    auto next = serve({std::string("pools.io_threads=") + threads});
    ends_well(*server);
    server = std::move(next);
    for (int i = 0; i < 20; ++i) // whichever socket the kernel gives them to
      EXPECT_EQ(kit::http_client(server->port()).get("/healthz").status, 200);
  }
}

TEST_F(handover_flow, half_a_request_is_waited_for_and_then_told_to_come_again) {
  auto first = serve();
  kit::raw_connection quick(first->port());
  kit::raw_connection slow(first->port());
  ASSERT_TRUE(quick.send(unfinished_head));
  ASSERT_TRUE(slow.send(unfinished_head));
  kit::process successor(weappd_program(), {.arguments = arguments(), .environment = {}, .folder = {}});
  ASSERT_TRUE(kit::eventually([&] { return !std::filesystem::exists(door()); })) << "it leaves";
  ASSERT_TRUE(quick.send("\r\n"));
  EXPECT_EQ(quick.read_response().status, 200);
  const auto refusal = slow.read_response();
  EXPECT_EQ(refusal.status, 503);
  EXPECT_EQ(refusal.header("Retry-After"), "1");
  EXPECT_EQ(refusal.header("Connection"), "close");
  ends_well(*first);
  EXPECT_TRUE(successor.read_line());
  ASSERT_TRUE(quick.send(whole_request)) << "it went to the successor after its answer";
  EXPECT_EQ(quick.read_response().status, 200);
}

TEST_F(handover_flow, only_its_owner_may_ask) {
  const auto server = serve();
  struct stat about {};
  ASSERT_EQ(::stat(door().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
}

TEST_F(handover_flow, a_successor_that_dies_before_it_is_ready_changes_nothing) {
  const auto server = serve();
  for (int i = 0; i < 3; ++i) {
    auto successor = predecessor::find(door());
    ASSERT_TRUE(successor);
    EXPECT_THAT(successor->listeners()["http"], testing::Not(IsEmpty()));
  }
  EXPECT_EQ(kit::http_client(server->port()).get("/healthz").status, 200);
  server->child().signal(SIGTERM);
  ends_well(*server);
  EXPECT_FALSE(std::filesystem::exists(door()));
}

TEST_F(handover_flow, a_successor_that_cannot_start_leaves_the_running_server_alone) {
  const auto server = serve();
  const kit::descriptor taken = kit::listen_on(0);
  const auto failed = run_to_the_end(arguments({"metrics.port=" + std::to_string(kit::port_of(taken))}));
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(failed.errors, HasSubstr("cannot listen on"));
  EXPECT_EQ(kit::http_client(server->port()).get("/healthz").status, 200);
}

TEST_F(handover_flow, a_successor_with_keys_of_another_store_leaves_the_running_server_alone) {
  const auto server = serve();
  const kit::temporary_folder other;
  {
    kit::running_weappd stranger(
        weappd_program(),
        {.arguments = kit::serve_in(other, {"--simulate"}), .environment = {}, .folder = {}});
  }
  const auto failed = run_to_the_end(arguments({"keys.lookup_file=" + (other / "weappd.db.lookup.keys")}));
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(failed.errors, HasSubstr("keys.lookup_file: its active key"));
  EXPECT_EQ(kit::http_client(server->port()).get("/healthz").status, 200);
}

TEST_F(handover_flow, a_successor_with_another_store_leaves_the_running_server_alone) {
  const auto server = serve();
  const auto failed = run_to_the_end(arguments({"store.path=" + (folder / "other.db")}));
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(failed.errors,
              HasSubstr("store.path: '" + (folder / "other.db") + "' is not the store of the"));
  EXPECT_EQ(kit::http_client(server->port()).get("/healthz").status, 200);
}

TEST_F(handover_flow, a_store_is_the_same_under_another_name) {
  const auto first = serve();
  std::filesystem::create_directory_symlink(folder.path(), folder / "link");
  const auto second = serve({"store.path=" + (folder / "link/weappd.db")});
  ends_well(*first);
  EXPECT_EQ(kit::http_client(second->port()).get("/healthz").status, 200);
}

/// A server of before, which shuts the door at words that it does not know.
TEST_F(handover_flow, one_that_does_not_tell_its_store_is_followed_with_a_warning) {
  const http::socket_handle listening(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  const auto where = unix_address(door());
  ASSERT_EQ(::bind(listening.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where), 0);
  ASSERT_EQ(::listen(listening.get(), 1), 0);
  std::thread predecessor_thread([&] {
    const auto soon = [] { return std::chrono::steady_clock::now() + std::chrono::seconds(10); };
    const auto words_of = [&](handover_channel& visitor) { return visitor.receive(soon()).words; };
    {
      handover_channel first(http::socket_handle(::accept(listening.get(), nullptr, nullptr)));
      EXPECT_EQ(words_of(first), "weappd-handover 2");
    }
    handover_channel again(http::socket_handle(::accept(listening.get(), nullptr, nullptr)));
    EXPECT_EQ(words_of(again), "weappd-handover 1");
    again.send("all");
    EXPECT_EQ(words_of(again), "go");
    again.send("gone");
  });
  const auto server = serve();
  predecessor_thread.join();
  EXPECT_EQ(kit::http_client(server->port()).get("/healthz").status, 200);
  EXPECT_THAT(log_text(), HasSubstr("handover.store_unknown"));
}

TEST_F(handover_flow, a_successor_of_before_which_cannot_open_the_store_leaves_the_running_server_alone) {
  const auto server = serve();
  handover_channel successor(connected_to(door()));
  successor.send("weappd-handover 1");
  const auto soon = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  EXPECT_EQ(successor.receive(soon).words, "");
  EXPECT_EQ(kit::http_client(server->port()).get("/healthz").status, 200);
  EXPECT_THAT(log_text(), HasSubstr("handover.refused"));
}

TEST_F(handover_flow, a_store_with_a_second_name_is_refused_and_the_running_server_goes_on) {
  const auto server = serve();
  std::filesystem::create_hard_link(folder / "weappd.db", folder / "second.db");
  copy_keys("second.db");
  const auto failed = run_to_the_end(arguments({"store.path=" + (folder / "second.db")}));
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(failed.errors, HasSubstr("second.db' is one of 2 names of a file"));
  EXPECT_EQ(kit::http_client(server->port()).get("/healthz").status, 200);
}

TEST_F(handover_flow, a_second_server_is_kept_from_a_store_also_by_a_symbolic_link) {
  const auto server = serve();
  std::filesystem::create_symlink("weappd.db", folder / "link.db");
  copy_keys("link.db");
  const auto failed =
      run_to_the_end(arguments({"store.path=" + (folder / "link.db"), "http.handover_socket="}));
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(failed.errors, HasSubstr("another server uses it"));
}

TEST_F(handover_flow, a_file_of_that_name_is_left_alone_and_the_start_refused) {
  std::ofstream(door()) << "something of somebody's";
  const auto failed = run_to_the_end(arguments({}));
  EXPECT_EQ(failed.code, 1);
  EXPECT_THAT(failed.errors, HasSubstr("is there, and is not a socket"));
  EXPECT_EQ(std::filesystem::file_size(door()), 23U);
}

TEST_F(handover_flow, whoever_speaks_otherwise_is_shown_out) {
  const auto server = serve();
  EXPECT_TRUE(predecessor::find(door())) << "one that leaves at once";
  {
    handover_channel stranger(connected_to(door()));
    stranger.send("another-protocol 7");
    EXPECT_EQ(stranger.receive(std::chrono::steady_clock::now() + std::chrono::seconds(10)).what,
              handover_channel::outcome::ended);
  }
  EXPECT_FALSE(predecessor::find(folder / "nobody"));
  const auto file = folder / "weappd.db";
  EXPECT_THROW(
      (void)predecessor::find(folder / "no/such/folder/but/a/name/that/is/much/longer/than/the/kernel"
                                       "/allows/for/a/socket/in/the/file/system"),
      std::runtime_error);
  EXPECT_FALSE(predecessor::find(file)) << "a file, but nobody there";
}

TEST_F(handover_flow, without_a_door_two_servers_cannot_have_one_store) {
  const kit::running_weappd first(
      weappd_program(),
      {.arguments = kit::serve_in(folder, {"--simulate"}), .environment = {}, .folder = {}});
  const auto second = run_to_the_end(kit::serve_in(folder, {"--simulate"}));
  EXPECT_EQ(second.code, 1);
  EXPECT_THAT(second.errors, HasSubstr("another server uses it"));
  EXPECT_EQ(kit::http_client(first.port()).get("/healthz").status, 200);
}

TEST_F(handover_flow, a_client_that_does_not_read_keeps_nobody_waiting) {
  auto first = serve();
  const auto client = kit::connect_to(first->port());
  send_until_blocked(client);
  const auto begin = std::chrono::steady_clock::now();
  const auto second = serve();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(6)) << "not http.stop_timeout_ms";
  ends_well(*first);
}

/// Whose connections cannot be handed on: each is told so with an answer, while there is time.
TEST_F(handover_flow, behind_a_proxy_that_passes_bytes_on_each_connection_ends_with_an_answer) {
  const std::vector<std::string> behind_proxy{"http.proxy_protocol=true", "http.trusted_proxies=127.0.0.1",
                                              "http.drain_ms=1000"};
  auto first = serve(behind_proxy);
  kit::raw_connection client(first->port());
  ASSERT_TRUE(client.send(kit::proxy_header("192.0.2.1") + whole_request));
  ASSERT_EQ(client.read_response().header("Connection"), "");
  kit::process successor(weappd_program(),
                         {.arguments = arguments(behind_proxy), .environment = {}, .folder = {}});
  ASSERT_TRUE(kit::eventually([&] { return !std::filesystem::exists(door()); })) << "it leaves";
  ASSERT_TRUE(client.send(whole_request));
  const auto last = client.read_response();
  EXPECT_EQ(last.status, 200);
  EXPECT_EQ(last.header("Connection"), "close");
  ends_well(*first);
  EXPECT_TRUE(successor.read_line());
}

/// A predecessor that takes longer than its successor had thought.
TEST_F(handover_flow, a_successor_waits_for_as_long_as_it_is_told) {
  const http::socket_handle listening(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
  const auto where = unix_address(door());
  ASSERT_EQ(::bind(listening.get(), reinterpret_cast<const sockaddr*>(&where), sizeof where), 0);
  ASSERT_EQ(::listen(listening.get(), 1), 0);
  std::thread predecessor_thread([&] {
    handover_channel visitor(http::socket_handle(::accept(listening.get(), nullptr, nullptr)));
    const auto soon = [] { return std::chrono::steady_clock::now() + std::chrono::seconds(10); };
    EXPECT_EQ(visitor.receive(soon()).words, "weappd-handover 2");
    visitor.send("all");
    EXPECT_EQ(visitor.receive(soon()).words, "go");
    visitor.send("going 10000");
    EXPECT_EQ(visitor.receive(std::chrono::steady_clock::now() + milliseconds(300)).what,
              handover_channel::outcome::nothing)
        << "it still waits";
    visitor.send("gone");
  });
  auto successor = predecessor::find(door());
  EXPECT_NO_THROW(successor.value().follow(milliseconds(100)));
  predecessor_thread.join();
}

TEST_F(handover_flow, after_a_kill_the_next_one_starts_by_itself) {
  auto first = serve();
  first->child().signal(SIGKILL);
  ASSERT_TRUE(first->child().wait());
  ASSERT_TRUE(std::filesystem::exists(door())) << "nobody took it away";
  const auto second = serve();
  EXPECT_EQ(kit::http_client(second->port()).get("/healthz").status, 200);
  const auto third = serve();
  ends_well(*second);
}

TEST_F(handover_flow, a_predecessor_that_is_killed_is_followed_at_once) {
  auto first = serve();
  auto successor = predecessor::find(door());
  ASSERT_TRUE(successor);
  first->child().signal(SIGKILL);
  EXPECT_THAT(successor->follow(std::chrono::seconds(10)), IsEmpty());
}

TEST_F(handover_flow, a_drain_serves_on_while_readyz_fails) {
  auto server = serve({"http.drain_ms=1500"});
  kit::http_client kept(server->port());
  ASSERT_TRUE(kit::eventually([&] { return kept.get("/readyz").status == 200; }));
  server->child().signal(SIGTERM);
  ASSERT_TRUE(kit::eventually([&] { return kit::http_client(server->port()).get("/readyz").status == 503; }));
  EXPECT_EQ(kit::http_client(server->port()).get("/readyz").header("Retry-After"), "1");
  const auto answer = kit::http_client(server->port()).post_json("/api/v1/auth/login", {{"code", "unknown"}});
  EXPECT_EQ(answer.status, 401) << "not 503: a new client is served, " << answer.body;
  EXPECT_EQ(answer.header("Connection"), "close");
  ends_well(*server);
}

} // namespace
} // namespace weappd
