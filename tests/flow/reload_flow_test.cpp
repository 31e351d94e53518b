#include "config/schema.hpp"
#include "tests/flow/answers.hpp"
#include "tests/flow/program.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

/// The configuration is read again while the server serves.
namespace weappd {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(reload, applies_limits_and_names_what_needs_a_restart) {
  kit::test_server server;
  auto changed = kit::test_options(server.folder());
  server.server().reload_from([&] { return loaded_options{changed, {}}; });
  server.server().reload();

  changed.limits["per_ip"] = {.match = {.roles = {"anonymous"}}, .limit = 1, .window_s = 60, .burst = 1};
  changed.pools.login_desk += 1;
  const auto report = server.server().reload();
  EXPECT_THAT(report.applied, testing::Contains("limits.per_ip.limit"));
  EXPECT_THAT(report.needs_restart, testing::Contains("pools.login_desk"));
  EXPECT_EQ(server.http().get("/api/v1/users/me").status, 401);
  EXPECT_EQ(server.http().get("/api/v1/users/me").status, 429) << "one a minute";

  const auto again = server.server().reload();
  EXPECT_THAT(again.applied, IsEmpty()) << "that is in force already";
  EXPECT_THAT(again.needs_restart, testing::Contains("pools.login_desk")) << "and that is still not";
}

TEST(reload, that_finds_a_problem_keeps_everything) {
  kit::test_server server;
  auto changed = kit::test_options(server.folder());
  changed.limits["per_ip"] = {.match = {.roles = {"anonymous"}}, .limit = 1, .window_s = 60, .burst = 1};
  server.server().reload_from([&] {
    return loaded_options{changed, {{"limits.login.limit", "is not a number"}, {"log.level", "is loud"}}};
  });
  const auto report = server.server().reload();
  EXPECT_THAT(report.problems, ElementsAre("limits.login.limit: is not a number", "log.level: is loud"));
  EXPECT_THAT(report.applied, IsEmpty());
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(server.http().get("/api/v1/users/me").status, 401);
}

TEST(reload, finds_what_does_not_go_with_an_option_that_waits_for_the_next_start) {
  kit::test_server server([](options& values) { values.http.handler_timeout_ms = 1'000; });
  auto changed = kit::test_options(server.folder());
  changed.http.handler_timeout_ms = 10'000;
  changed.limits["slow"] = {.algorithm = limit_algorithm::leaky_bucket,
                            .limit = 1,
                            .window_s = 1,
                            .burst = 1,
                            .max_delay_ms = 2'000};
  server.server().reload_from([&] { return loaded_options{changed, {}}; });
  const auto report = server.server().reload();
  ASSERT_EQ(report.problems.size(), 1u);
  EXPECT_THAT(report.problems[0], HasSubstr("limits.slow.max_delay_ms: 2000 is not less than"));
  EXPECT_THAT(report.applied, IsEmpty());
}

TEST(reload, reads_no_certificate_when_there_is_no_https) {
  kit::test_server server;
  auto changed = kit::test_options(server.folder());
  changed.http.tls.certificate_file = "not-there.pem";
  server.server().reload_from([&] { return loaded_options{changed, {}}; });
  EXPECT_THAT(server.server().reload().problems, IsEmpty());
}

/// Another value of an option that a reload applies.
void change(const option_row& row, options& values, const entry_names& names) {
  struct {
    void operator()(std::uint32_t* number) const { ++*number; }
    void operator()(std::vector<std::string>* texts) const { texts->push_back("demo"); }
    void operator()(bool* flag) const { *flag = !*flag; }
    void operator()(std::string* text) const { *text += 'x'; }
    void operator()(const secret_from_file& file) const { *file.target = secret("another"); }
    void operator()(const choice& one) const {
      EXPECT_TRUE(one.set("leaky_bucket") || one.set("enforce") || one.set("exact") ||
                  one.set("proof_of_work"));
    }
    void operator()(std::uint16_t* number) const { ++*number; }
    void operator()(std::int32_t* number) const { ++*number; }
    void operator()(secret* text) const { *text = secret("another"); }
  } const other;
  if (row.path == "log.level")
    values.log.level = "warn";
  else if (row.path == "limits.<name>.key")
    values.limits.at(names.front()).key = "global";
  else if (row.path == "filter.rules.<rule>.routes")
    values.filter.rules.at(names.front()).routes = {"auth.login"};
  else
    std::visit(other, row.find(values, names));
}

TEST(reload, applies_every_option_of_which_the_schema_says_so) {
  for (const auto& row : schema()) {
    if (!row.at_reload)
      continue;
    kit::test_server server;
    auto changed = kit::test_options(server.folder());
    server.server().reload_from([&] { return loaded_options{changed, {}}; });
    changed.admin.port = 0; // else its token is left alone
    changed.filter.rules["login"].pattern = "a rule";
    (void)server.server().reload();
    change(row, changed, {"login"});
    const auto path = particular(row.path, {"login"});
    EXPECT_THAT(server.server().reload().applied, ElementsAre(path));
    EXPECT_THAT(server.server().reload().applied, IsEmpty()) << path << " is in force already";
  }
}

// -- the real program

struct hang_up : testing::Test {
  void write_configuration(const std::string& text) const { std::ofstream(folder / "weappd.yaml") << text; }

  kit::running_weappd serve() const {
    return {weappd_program(),
            {.arguments = kit::serve_in(folder, {"--simulate", "--config", folder / "weappd.yaml", "--set",
                                                 "simulator.port=0", "--set", "log.level=info"}),
             .environment = {},
             .folder = {}}};
  }
  [[nodiscard]] std::string log() const {
    std::ifstream file(folder / "log");
    return {std::istreambuf_iterator<char>(file), {}};
  }

  static std::string limit(int per_minute) {
    const auto count = std::to_string(per_minute);
    return "apps: {demo: {kind: mini_program, app_id: wx0, secret: s}}\n"
           "limits: {per_ip: {limit: " +
           count + ", window_s: 60, burst: " + count + "}}\n";
  }

  kit::temporary_folder folder;
};

TEST_F(hang_up, reads_the_file_again_and_no_request_fails) {
  write_configuration(limit(100'000));
  auto server = serve();
  std::atomic<bool> over{false};
  std::atomic<int> served{0};
  std::thread load([&] {
    kit::http_client client(server.port());
    while (!over) {
      EXPECT_EQ(client.get("/api/v1/users/me").status, 401);
      ++served;
    }
  });
  EXPECT_TRUE(kit::eventually([&] { return served > 20; }));
  for (int round = 1; round <= 5; ++round) {
    write_configuration(limit(100'000 + round));
    server.child().signal(SIGHUP);
    EXPECT_TRUE(kit::eventually([&, count = std::to_string(100'000 + round)] {
      return kit::http_client(server.port())
                 .get("/api/v1/users/me")
                 .header("RateLimit-Policy")
                 .find("q=" + count) != std::string::npos;
    }));
  }
  over = true;
  load.join();
  EXPECT_TRUE(kit::eventually([&] {
    return log().find(R"("event":"config.reloaded","applied":"limits.per_ip.limit)") != std::string::npos;
  }));
}

TEST_F(hang_up, a_broken_file_is_told_of_and_changes_nothing) {
  write_configuration(limit(1'000));
  auto server = serve();
  kit::http_client client(server.port());
  write_configuration("limits: {per_ip: {limit: none}}\nhttp: {porte: 1}\n");
  server.child().signal(SIGHUP);
  EXPECT_TRUE(kit::eventually([&] { return log().find(R"("option":"http.porte")") != std::string::npos; }));
  EXPECT_THAT(log(), HasSubstr(R"("event":"config.kept","option":"limits.per_ip.limit")"));
  const auto answer = client.get("/api/v1/users/me");
  EXPECT_EQ(answer.status, 401);
  EXPECT_THAT(answer.header("RateLimit-Policy"), HasSubstr("q=1000"));
}

} // namespace
} // namespace weappd
