#include "tests/flow/answers.hpp"
#include "tests/flow/program.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

/// The configuration as the real program reads it: file, then environment, then --set.
namespace weappd {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

struct configuration_flow : testing::Test {
  std::string write(const std::string& name, const std::string& text) const {
    const auto path = folder / name;
    std::ofstream(path) << text;
    return path;
  }

  /// How long an access token of a server with this configuration lives: an option that a client can see.
  int access_ttl(const std::vector<std::string>& arguments,
                 const std::vector<std::pair<std::string, std::string>>& environment = {}) const {
    auto more = arguments;
    more.emplace_back("--simulate");
    kit::running_weappd server(
        weappd_program(),
        {.arguments = kit::serve_in(folder, more), .environment = environment, .folder = {}});
    kit::wechat_control wechat(server.simulator_port());
    const auto answer = kit::mini_program(server.port()).login(wechat.make_code());
    EXPECT_TRUE(succeeded(answer));
    return data_of(answer).value("expires_in", 0);
  }

  kit::temporary_folder folder;
};

constexpr auto app_text = "apps:\n  demo:\n    app_id: wxdemo0000000001\n    secret: demo-app-secret\n";

TEST_F(configuration_flow, set_beats_the_environment_and_that_beats_the_file) {
  const auto file = write("weappd.yaml", std::string(app_text) + "auth:\n  access_ttl_s: 1111\n");
  EXPECT_EQ(access_ttl({}), 7200);
  EXPECT_EQ(access_ttl({"--config", file}), 1111);
  EXPECT_EQ(access_ttl({"--config", file}, {{"WEAPPD_AUTH__ACCESS_TTL_S", "2222"}}), 2222);
  EXPECT_EQ(access_ttl({"--config", file, "--set", "auth.access_ttl_s=3333"},
                       {{"WEAPPD_AUTH__ACCESS_TTL_S", "2222"}}),
            3333);
}

TEST_F(configuration_flow, the_example_configuration_starts_the_server) {
  kit::running_weappd server(
      weappd_program(),
      {.arguments =
           kit::serve_in(folder, {"--config", WEAPPD_SOURCE_DIR "/config/weappd.example.yaml", "--simulate"}),
       .environment = {},
       .folder = folder.path().string()});
  kit::wechat_control wechat(server.simulator_port());
  kit::mini_program phone(server.port());
  ASSERT_TRUE(succeeded(phone.login(wechat.make_code())));
  EXPECT_TRUE(succeeded(phone.me()));
}

TEST_F(configuration_flow, a_secret_may_be_in_a_file_of_its_own) {
  const auto secret_file = write("app-secret", "demo-app-secret\n");
  std::filesystem::permissions(secret_file,
                               std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const auto file = write(
      "weappd.yaml", "apps:\n  demo:\n    app_id: wxdemo0000000001\n    secret_file: " + secret_file + "\n");
  EXPECT_EQ(access_ttl({"--config", file}), 7200);
}

TEST_F(configuration_flow, all_problems_are_told_in_one_go_without_any_secret) {
  const auto file = write("weappd.yaml", R"(http:
  port: 70000
  adress: 127.0.0.1
auth:
  access_ttl_s: soon
log:
  level: loud
apps:
  demo:
    app_id: wxdemo0000000001
    secret: "canary secret with space"
nonsense: 1
)");
  const auto run = run_to_the_end(
      kit::process_start{.arguments = {"serve", "--config", file, "--set", "store.max_batch=0"},
                         .environment = {{"WEAPPD_TOKEN__RETRY_MIN_MS", "-5"}, {"WEAPPD_HTTP__PORTT", "1"}},
                         .folder = folder.path().string()});
  EXPECT_EQ(run.code, 2);
  EXPECT_EQ(run.output, "");
  EXPECT_THAT(run.errors, AllOf(HasSubstr("http.port"), HasSubstr("70000"), HasSubstr("65535")))
      << "value and range";
  EXPECT_THAT(run.errors, AllOf(HasSubstr("http.adress"), HasSubstr("http.address")))
      << "the nearest known key";
  EXPECT_THAT(run.errors, AllOf(HasSubstr("auth.access_ttl_s"), HasSubstr("soon")));
  EXPECT_THAT(run.errors, AllOf(HasSubstr("log.level"), HasSubstr("loud")));
  EXPECT_THAT(run.errors, HasSubstr("nonsense"));
  EXPECT_THAT(run.errors, HasSubstr("store.max_batch"));
  EXPECT_THAT(run.errors, HasSubstr("token.retry_min_ms"));
  EXPECT_THAT(run.errors, HasSubstr("apps.demo.secret"));
  EXPECT_THAT(run.errors, Not(HasSubstr("canary")));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "var")) << "nothing was touched";
}

TEST_F(configuration_flow, check_config_says_the_same_without_starting) {
  const auto good = write("good.yaml", app_text);
  const auto fine = run_to_the_end({"check-config", "--config", good});
  EXPECT_EQ(fine.code, 0) << fine.errors;
  const auto bad = run_to_the_end({"check-config", "--config", good, "--set", "http.port=70000"});
  EXPECT_EQ(bad.code, 2);
  EXPECT_THAT(bad.errors, AllOf(HasSubstr("http.port"), HasSubstr("70000")));
  const auto route =
      run_to_the_end({"check-config", "--config", good, "--set", "limits.login.match.routes=auth.logn"});
  EXPECT_EQ(route.code, 2) << "the loader alone does not know the routes";
  EXPECT_THAT(route.errors, AllOf(HasSubstr("limits.login.match.routes: there is no route 'auth.logn'"),
                                  HasSubstr("auth.login")));
}

/// A mistake of each kind: in the text, between options, and in every file that an option names.
TEST_F(configuration_flow, check_config_says_at_once_all_that_is_wrong_also_with_files) {
  const auto file = write("weappd.yaml", R"(http:
  port: 70000
  tls: {port: 8443, certificate_file: none.pem, key_file: none.key}
metrics: {port: 9000}
admin: {port: 9000, token_file: none.token}
auth: {access_ttl_s: 60}
token: {retry_min_ms: 9000, retry_max_ms: 1000}
bans: {allow: [10.0.0.0/8, everybody, 10.0.0.0/99]}
apps: {demo: {app_id: wx1, secret_file: none.secret}}
)");
  const auto signing = write("signing", "s1 active short\n");
  std::filesystem::permissions(signing, std::filesystem::perms::owner_read);
  const auto run = run_to_the_end(
      kit::process_start{.arguments = {"check-config", "--config", file, "--set",
                                       "keys.signing_file=" + signing, "--set", "keys.lookup_file=none.keys"},
                         .environment = {},
                         .folder = folder.path().string()});
  EXPECT_EQ(run.code, 2);
  for (const char* words :
       {"http.port: 70000 is out of range", "http.tls.certificate_file: the file 'none.pem' cannot be opened",
        "http.tls.key_file: the file 'none.key' cannot be opened", "admin.token_file: 'none.token' cannot be",
        "admin.port: 9000 is metrics.port too, at an address that they share; allowed: a port of its own "
        "(weappd.yaml line 5)",
        "token.retry_min_ms: 9000 is above token.retry_max_ms; allowed: at most 1000 (weappd.yaml line 7)",
        "bans.allow: the list is wrong at item 2 ('everybody' does not fit), item 3 ('10.0.0.0/99' does not",
        "apps.demo.secret_file: 'none.secret' cannot be opened",
        "keys.lookup_file: the file 'none.keys' cannot be opened"})
    EXPECT_THAT(run.errors, HasSubstr(words));
  EXPECT_THAT(run.errors, HasSubstr("keys.signing_file: the file '" + signing + "' does not fit: line 1"));
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "var")) << "nothing was made";
}

TEST_F(configuration_flow, check_config_makes_no_keys_and_misses_none_of_a_new_server) {
  const auto good = write("good.yaml", app_text);
  const auto run = run_to_the_end(kit::process_start{
      .arguments = {"check-config", "--config", good}, .environment = {}, .folder = folder.path().string()});
  EXPECT_EQ(run.code, 0) << run.errors;
  EXPECT_FALSE(std::filesystem::exists(folder.path() / "var"));
}

TEST_F(configuration_flow, a_missing_file_is_told) {
  const auto run = run_to_the_end({"serve", "--config", folder / "none.yaml"});
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.errors, HasSubstr("none.yaml"));
}

TEST_F(configuration_flow, a_key_file_that_others_can_read_stops_the_start) {
  access_ttl({}); // makes the keys
  const auto keys = folder / "weappd.db.signing.keys";
  ASSERT_TRUE(std::filesystem::exists(keys));
  const auto mode = std::filesystem::status(keys).permissions();
  EXPECT_EQ(mode, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  std::filesystem::permissions(keys, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  const auto run = run_to_the_end(kit::serve_in(folder, {"--simulate"}));
  EXPECT_EQ(run.code, 2);
  EXPECT_THAT(run.errors, AllOf(HasSubstr("keys.signing_file"), HasSubstr(keys)));
}

/// Exchanges the keys that the server made for those of another server, which are as good as they are.
TEST_F(configuration_flow, keys_of_another_server_stop_the_start_by_name_and_change_nothing) {
  access_ttl({}); // makes keys and store, and a user
  const kit::temporary_folder other;
  {
    kit::running_weappd server(
        weappd_program(),
        {.arguments = kit::serve_in(other, {"--simulate"}), .environment = {}, .folder = {}});
  }
  const auto refused_with = [&](const std::string& option, const std::string& file) {
    const auto run =
        run_to_the_end(kit::serve_in(folder, {"--simulate", "--set", option + "=" + (other / file)}));
    EXPECT_EQ(run.code, 1);
    EXPECT_THAT(run.errors, AllOf(HasSubstr(option + ": "), HasSubstr("put ")));
  };
  refused_with("keys.lookup_file", "weappd.db.lookup.keys");
  refused_with("keys.encryption_file", "weappd.db.encryption.keys");
  access_ttl({});
}

TEST_F(configuration_flow, print_options_knows_every_option) {
  const auto run = run_to_the_end(std::vector<std::string>{"print-options"});
  EXPECT_EQ(run.code, 0);
  for (const char* option : {"http.port", "auth.access_ttl_s", "store.path", "pools.io_threads", "limits"})
    EXPECT_THAT(run.output, HasSubstr(option));
}

} // namespace
} // namespace weappd
