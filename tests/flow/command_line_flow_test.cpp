#include "tests/flow/answers.hpp"
#include "tests/flow/program.hpp"
#include "tests/kit/server/eventually.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

/// The real program: how it starts, what it says, how it ends.
namespace weappd {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

struct command_line_flow : testing::Test {
  kit::running_weappd serve(const std::vector<std::string>& more = {"--simulate"}) {
    return {weappd_program(), {.arguments = kit::serve_in(folder, more), .environment = {}, .folder = {}}};
  }
  /// How it ended, asked politely.
  static std::optional<int> stop(kit::running_weappd& server) {
    server.child().signal(SIGTERM);
    const auto end = server.child().wait();
    return end ? end->code : std::nullopt;
  }

  kit::temporary_folder folder;
};

TEST_F(command_line_flow, the_ready_line_says_where_and_then_it_works) {
  auto server = serve();
  EXPECT_THAT(server.ready_line(),
              MatchesRegex("weappd ready http=127\\.0\\.0\\.1:[0-9]+ sim=127\\.0\\.0\\.1:[0-9]+"));
  kit::wechat_control wechat(server.simulator_port());
  kit::mini_program phone(server.port());
  ASSERT_TRUE(succeeded(phone.login(wechat.make_code())));
  EXPECT_TRUE(succeeded(phone.me()));
  EXPECT_EQ(stop(server), 0);
  EXPECT_EQ(server.child().read_rest(), "") << "one line on standard output, no more";
}

TEST_F(command_line_flow, the_ready_line_and_the_log_tell_every_port_that_was_taken) {
  std::ofstream(folder / "token") << std::string(32, 't');
  std::filesystem::permissions(folder / "token", std::filesystem::perms::owner_read);
  auto server = serve({"--simulate", "--set", "metrics.port=0", "--set", "admin.port=0", "--set",
                       "admin.token_file=" + (folder / "token")});
  EXPECT_EQ(kit::http_client(server.metrics_port()).get("/metrics").status, 200);
  EXPECT_EQ(kit::http_client(server.admin_port()).get("/admin/v1/actors").status, 401);
  const auto port = std::to_string(server.metrics_port());
  EXPECT_EQ(stop(server), 0);
  std::ifstream file(folder / "log");
  const std::string log{std::istreambuf_iterator<char>(file), {}};
  EXPECT_THAT(log, HasSubstr("\"metrics\":\"127.0.0.1:" + port + "\""));
}

TEST_F(command_line_flow, a_store_that_is_a_folder_is_told_and_nothing_is_left_behind) {
  std::filesystem::create_directory(folder / "store");
  const auto run = run_to_the_end(
      {"serve", "--simulate", "--set", "http.port=0", "--set", "store.path=" + (folder / "store")});
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.errors, HasSubstr("store.path: '" + (folder / "store") + "' is a folder"));
  EXPECT_THAT(run.errors, Not(HasSubstr("keys.")));
  const std::filesystem::directory_iterator all(folder.path());
  EXPECT_EQ(std::distance(begin(all), end(all)), 1) << "the folder alone";
}

TEST_F(command_line_flow, without_the_simulator_the_ready_line_names_none) {
  auto server = serve({"--set", "apps.demo.app_id=wx1", "--set", "apps.demo.secret=s", "--set",
                       "wechat.base_url=http://127.0.0.1:9"});
  EXPECT_THAT(server.ready_line(), MatchesRegex("weappd ready http=127\\.0\\.0\\.1:[0-9]+"));
  EXPECT_EQ(kit::http_client(server.port()).get("/healthz").status, 200);
  EXPECT_EQ(stop(server), 0);
}

TEST_F(command_line_flow, the_simulator_runs_alone_and_a_server_can_use_it) {
  kit::running_weappd simulator(weappd_program(),
                                {.arguments = {"simulate", "--port", "0"}, .environment = {}, .folder = {}});
  EXPECT_THAT(simulator.ready_line(), MatchesRegex("weappd ready sim=127\\.0\\.0\\.1:[0-9]+"));
  auto server =
      serve({"--set", "apps.demo.app_id=wxdemo0000000001", "--set", "apps.demo.secret=demo-app-secret",
             "--set", "wechat.base_url=http://127.0.0.1:" + std::to_string(simulator.simulator_port())});
  kit::wechat_control wechat(simulator.simulator_port());
  kit::mini_program phone(server.port());
  EXPECT_TRUE(succeeded(phone.login(wechat.make_code())));
  EXPECT_EQ(stop(server), 0);
  EXPECT_EQ(stop(simulator), 0);
}

TEST_F(command_line_flow, what_was_stored_is_there_in_the_next_run) {
  std::string token;
  {
    auto server = serve();
    kit::wechat_control wechat(server.simulator_port());
    kit::mini_program phone(server.port());
    ASSERT_TRUE(succeeded(phone.login(wechat.make_code())));
    token = phone.access_token;
    ASSERT_EQ(stop(server), 0);
  }
  auto server = serve();
  kit::mini_program phone(server.port());
  phone.access_token = token;
  EXPECT_TRUE(succeeded(phone.me()));
}

TEST_F(command_line_flow, a_sigterm_is_a_clean_end_also_while_clients_are_connected) {
  auto server = serve();
  kit::http_client kept(server.port());
  ASSERT_EQ(kept.get("/healthz").status, 200);
  kit::raw_connection silent(server.port());
  EXPECT_EQ(stop(server), 0);
  EXPECT_TRUE(silent.is_closed_in_silence());
}

TEST_F(command_line_flow, a_sigint_is_a_clean_end_too) {
  auto server = serve();
  server.child().signal(SIGINT);
  const auto end = server.child().wait();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->code, 0);
}

TEST_F(command_line_flow, a_second_sigterm_ends_at_once) {
  auto server = serve({"--simulate", "--set", "wechat.total_timeout_ms=60000", "--set", "push.lease_s=121",
                       "--set", "http.handler_timeout_ms=60000", "--set", "http.stop_timeout_ms=60000"});
  kit::wechat_control wechat(server.simulator_port());
  wechat.set_fault(kit::code_exchange, {{"times", -1}, {"delay_ms", 60000}});
  kit::raw_connection waiting(server.port());
  const std::string body = R"({"code":"slow"})";
  waiting.send("POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
               "Content-Length: " +
               std::to_string(body.size()) + "\r\n\r\n" + body);
  ASSERT_TRUE(kit::eventually([&] { return wechat.calls_of(kit::code_exchange) == 1; }));

  server.child().signal(SIGTERM);
  ASSERT_TRUE(kit::eventually([&] {
    try {
      kit::raw_connection attempt(server.port());
      return false;
    } catch (const std::system_error&) {
      return true; // the stop is under way
    }
  }));
  EXPECT_FALSE(server.child().wait(std::chrono::milliseconds(100))) << "it waits for the login";
  server.child().signal(SIGTERM);
  const auto end = server.child().wait(std::chrono::seconds(5));
  ASSERT_TRUE(end);
  EXPECT_EQ(end->signal, SIGTERM);
}

TEST_F(command_line_flow, a_port_that_is_taken_is_an_error_with_a_sentence) {
  const auto taken = kit::listen_on(0);
  const auto port = std::to_string(kit::port_of(taken));
  const auto run = run_to_the_end(kit::serve_in(folder, {"--simulate", "--set", "http.port=" + port}));
  EXPECT_EQ(run.code, 1);
  EXPECT_THAT(run.errors, HasSubstr("127.0.0.1:" + port));
  EXPECT_EQ(run.output, "");
}

TEST_F(command_line_flow, a_store_that_cannot_be_opened_is_an_error_with_a_sentence) {
  const auto run = run_to_the_end(
      {"serve", "--simulate", "--set", "http.port=0", "--set", "store.path=/proc/no-such-folder/weappd.db"});
  EXPECT_NE(run.code, 0);
  EXPECT_THAT(run.errors, HasSubstr("/proc/no-such-folder/weappd.db"));
  EXPECT_EQ(run.output, "");
}

TEST_F(command_line_flow, the_store_is_under_the_working_directory_unless_said_otherwise) {
  kit::running_weappd server(weappd_program(), {.arguments = {"serve", "--simulate", "--set", "http.port=0"},
                                                .environment = {},
                                                .folder = folder.path().string()});
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "var" / "weappd.db"));
  EXPECT_EQ(stop(server), 0);
}

TEST_F(command_line_flow, log_lines_go_to_standard_error) {
  kit::running_weappd server(weappd_program(), {.arguments = {"serve", "--simulate", "--set", "http.port=0"},
                                                .environment = {},
                                                .folder = folder.path().string()});
  EXPECT_EQ(stop(server), 0);
  EXPECT_THAT(server.child().errors(), HasSubstr("\"event\":\"server.started\""));
  EXPECT_THAT(server.child().errors(), HasSubstr("\"event\":\"server.stopped\""));
}

TEST_F(command_line_flow, the_version_is_told) {
  const auto run = run_to_the_end(std::vector<std::string>{"--version"});
  EXPECT_EQ(run.code, 0);
  EXPECT_THAT(run.output, MatchesRegex("weappd [0-9]+\\.[0-9]+\\.[0-9]+\n"));
}

TEST_F(command_line_flow, a_wrong_command_line_is_told_and_ends_with_2) {
  EXPECT_EQ(run_to_the_end(std::vector<std::string>{}).code, 2);
  EXPECT_EQ(run_to_the_end(std::vector<std::string>{"fly"}).code, 2);
  const auto run = run_to_the_end(std::vector<std::string>{"serve", "--prot=1"});
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.errors, HasSubstr("--prot"));
  EXPECT_EQ(run_to_the_end(std::vector<std::string>{"serve", "--help"}).code, 0);
}

} // namespace
} // namespace weappd
