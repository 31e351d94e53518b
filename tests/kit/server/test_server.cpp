#include "tests/kit/server/test_server.hpp"

#include "config/load.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace weappd::kit {

options test_options(const temporary_folder& folder) {
  auto values = demo_options();
  values.http.port = 0;
  values.simulator.port = 0;
  values.store.path = folder / "weappd.db";
  values.log.file = folder / "log";
  values.pools.io_threads = 2;
  for (auto& [name, limit] : values.limits)
    limit.limit = limit.burst = 1'000'000;
  return values;
}

test_server::test_server(const change_function& change, extension other)
    : options_(test_options(folder_)), extension_(std::move(other)) {
  if (change)
    change(options_);
  simulator_.emplace(simulator::server_options{.apps = simulator_apps_of(options_)});
  simulator_->start();
  network_.emplace(simulator_->port());
  wechat_.emplace(simulator_->port());
  options_.wechat.base_url = "http://127.0.0.1:" + std::to_string(network_->port());
  start();
}

test_server::~test_server() {
  stop();
}

void test_server::start() {
  auto keys = load_keys(options_, random_);
  if (!keys.problems.empty())
    throw std::runtime_error(keys.problems.front().text);
  daemon_ = std::make_unique<daemon>(options_, std::move(keys.keys), random_, false, extension_);
  daemon_->start();
}

std::string test_server::log() const {
  std::ifstream file(folder_ / "log");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void test_server::stop() {
  daemon_.reset();
}

void test_server::restart(const change_function& change) {
  stop();
  if (change)
    change(options_);
  start();
}

} // namespace weappd::kit
