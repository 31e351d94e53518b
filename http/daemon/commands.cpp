#include "http/daemon/commands.hpp"

#include "config/certificate.hpp"
#include "config/crypto/secret_hash.hpp"
#include "config/load.hpp"
#include "http/api/routes.hpp"
#include "http/daemon/daemon.hpp"
#include "http/daemon/error_table.hpp"
#include "http/daemon/signals.hpp"
#include "http/daemon/socket_activation.hpp"
#include "http/daemon/version.hpp"
#include "http/server/filter_rules.hpp"
#include "http/server/limit_rules.hpp"
#include "simulator/server.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <exception>
#include <iostream>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace weappd {
namespace {

constexpr int failed = 1;
constexpr int misconfigured = 2;

struct arguments {
  const extension& with;
  std::optional<std::string> file{};
  std::vector<std::string> assignments{};
  bool simulate = false;
  bool yaml = false;
  std::uint16_t simulator_port = 0;
};

void add_configuration_options(CLI::App& command, arguments& given) {
  command.add_option("--config", given.file, "The configuration file (YAML)");
  command.add_option("--set", given.assignments, "One option: key.path=value; may be repeated")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

/// What the loader cannot know: which routes there are.
void check_routes(loaded_options& loaded, const extension& with) {
  auto known = http::public_routes();
  if (with.routes)
    with.routes(known);
  for (const auto& [path, name] : http::unknown_routes(loaded.values.limits, known)) {
    std::string names;
    for (const auto& route : known)
      names.append(names.empty() ? "" : ", ").append(route.name);
    std::string text = "there is no route '";
    text.append(name).append("'; allowed: ").append(names);
    loaded.problems.push_back({path, std::move(text)});
  }
  std::ranges::move(http::filter_problems(loaded.values.filter, known), std::back_inserter(loaded.problems));
}

loaded_options read(const arguments& given) {
  auto loaded = load_options({given.file, weappd_environment(), given.assignments}, given.simulate);
  check_routes(loaded, given.with);
  std::ranges::move(unknown_implementations(loaded.values, given.with), std::back_inserter(loaded.problems));
  return loaded;
}

/// The files that the options name: the loader reads secrets alone. An option that is wrong itself leads
/// nowhere, nor does the place beside a store whose own is wrong.
void check_files(loaded_options& loaded) {
  const auto has_problem = [&loaded](const std::string& option) {
    return std::ranges::find(loaded.problems, option, &config_problem::path) != loaded.problems.end();
  };
  std::vector<config_problem> found;
  if (!has_problem("store.path"))
    found = key_problems(loaded.values);
  if (loaded.values.http.tls.port >= 0)
    std::ranges::move(load_certificate(loaded.values.http.tls).problems, std::back_inserter(found));
  std::erase_if(found, [&](const config_problem& one) { return has_problem(one.path); });
  std::ranges::move(found, std::back_inserter(loaded.problems));
}

/// Nothing when something is wrong with it or with the files that it names; the operator has then been told
/// all of it.
std::optional<options> load(const arguments& given) {
  auto loaded = read(given);
  if (loaded.is_whole)
    check_files(loaded);
  if (loaded.problems.empty())
    return std::move(loaded.values);
  std::cerr << render_problems(loaded.problems);
  return std::nullopt;
}

/// One line, with where each listener that is on has come to be.
void say_ready(const daemon& server) {
  std::cout << "weappd ready";
  if (server.http_port() != 0)
    std::cout << " http=" << server.http_address();
  if (server.https_port() != 0)
    std::cout << " https=" << server.https_address();
  if (server.metrics_port() != 0)
    std::cout << " metrics=" << server.metrics_address();
  if (server.admin_port() != 0)
    std::cout << " admin=" << server.admin_address();
  if (server.simulator_port() != 0)
    std::cout << " sim=" << server.simulator_address();
  std::cout << std::endl;
}

int serve(const arguments& given) {
  auto inherited = inherited_sockets();
  auto values = load(given);
  if (!values)
    return misconfigured;
  crypto::system_random random;
  auto keys = load_keys(*values, random);
  if (!keys.problems.empty()) {
    std::cerr << render_problems(keys.problems);
    return misconfigured;
  }
  const process_signals signals; // before the first thread
  daemon server(std::move(*values), std::move(keys.keys), random, given.simulate, given.with);
  server.use_sockets(std::move(inherited));
  server.when_followed(&process_signals::ask_to_stop);
  server.reload_from([&given] { return read(given); });
  server.start();

  say_ready(server);

  while (signals.wait() == wish::reload)
    server.reload();
  signals.exit_on_the_next();
  server.stop();
  return 0;
}

int simulate(const arguments& given) {
  const process_signals signals;
  const auto apps = simulator_apps_of(demo_options());
  simulator::server server({.address = "127.0.0.1", .port = given.simulator_port, .apps = apps});
  server.start();
  std::cout << "weappd ready sim=127.0.0.1:" << server.port() << std::endl;
  signals.wait(); // SIGHUP ends it, too: there is nothing to read again
  server.stop();
  return 0;
}

/// From standard input, so that it stands in no list of processes and in no shell history.
int hash_secret() {
  std::string text;
  if (!std::getline(std::cin, text) || text.empty()) {
    std::cerr << "weappd: the secret is read from standard input, one line\n";
    return misconfigured;
  }
  crypto::system_random random;
  std::cout << crypto::hash_secret(secret(std::move(text)), random) << '\n';
  return 0;
}

int check_config(const arguments& given) {
  if (!load(given))
    return misconfigured;
  std::cout << "the configuration is fine\n";
  return 0;
}

} // namespace

int run_command_line(int argc, char** argv, const extension& with) {
  CLI::App program("weappd: a backend server for WeChat mini programs");
  program.set_version_flag("--version", std::string("weappd ") + std::string(version));
  program.require_subcommand(1);
  arguments given{.with = with};

  auto& serve_command = *program.add_subcommand("serve", "Run the server");
  add_configuration_options(serve_command, given);
  serve_command.add_flag("--simulate", given.simulate, "With a pretended WeChat in the same process");

  auto& simulate_command = *program.add_subcommand("simulate", "Run the pretended WeChat alone");
  simulate_command.add_option("--port", given.simulator_port, "Its port; 0 takes a free one");

  auto& check_command =
      *program.add_subcommand("check-config", "Check a configuration and say all that is wrong");
  add_configuration_options(check_command, given);
  check_command.add_flag("--simulate", given.simulate, "As serve --simulate would read it");

  auto& options_command = *program.add_subcommand("print-options", "Every option, as a table in Markdown");
  options_command.add_flag("--yaml", given.yaml, "As a commented configuration file");

  auto& hash_command = *program.add_subcommand(
      "hash-secret", "The hash of a service client's secret, which is read from standard input");

  auto& errors_command = *program.add_subcommand("print-errors", "Every error code, as a table in Markdown");

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? 0 : misconfigured;
  }
  try {
    if (serve_command)
      return serve(given);
    if (simulate_command)
      return simulate(given);
    if (check_command)
      return check_config(given);
    if (hash_command)
      return hash_secret();
    if (options_command)
      std::cout << (given.yaml ? options_as_yaml()
                               : options_as_markdown() + '\n' + implementations_as_markdown(with));
    else if (errors_command)
      std::cout << errors_as_markdown();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "weappd: " << error.what() << '\n';
    return failed;
  }
}

} // namespace weappd
