#include "tests/flow/slow_disk.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

/// How an operator sizes a pool: what config/README.md says of `busy` and the p99 of wait is true.
namespace weappd {
namespace {

using namespace std::chrono_literals;

const std::string pool_watcher_token = "canary-operator-token-0123456789abcdef";
constexpr auto one_read = 5ms;

struct pool_size : testing::Test {
  kit::http_response get(kit::http_client& client, const std::string& path) {
    return client.get(path, {{"Authorization", "Bearer " + pool_watcher_token}});
  }
  /// Sixteen clients that ask for users, each with a pause of 20 ms between two; never more than 640 a
  /// second.
  void load(std::uint64_t users) {
    over = false;
    for (std::uint64_t i = 0; i < 16; ++i)
      clients.emplace_back([this, users, user = i * 1'000'003]() mutable {
        kit::http_client client(server.server().admin_port());
        for (; !over; ++user) {
          EXPECT_EQ(get(client, "/admin/v1/sessions?user_id=" + std::to_string(1 + user % users)).status,
                    404);
          std::this_thread::sleep_for(20ms);
        }
      });
  }
  void quiet() {
    over = true;
    for (auto& client : clients)
      client.join();
    clients.clear();
  }
  nlohmann::json readers() {
    kit::http_client operators(server.server().admin_port());
    const auto all = get(operators, "/admin/v1/actors").json();
    for (const auto& one : all["data"]["items"])
      if (one["role"] == "store_reader")
        return one;
    return {};
  }
  /// Their figures once they have had something to do.
  nlohmann::json figures() {
    EXPECT_TRUE(kit::eventually([&] { return readers()["handled_per_s"] > 50.0; }));
    return readers();
  }
  std::atomic<bool> over{false};
  std::vector<std::thread> clients;
  static void prepare(options& values) {
    values.admin.port = 0;
    values.admin.token = secret(pool_watcher_token);
    values.pools.store_readers = 1;
  }

  kit::test_server server{prepare, with_a_slow_disk(one_read)};
};

TEST_F(pool_size, too_small_is_seen_by_busy_and_wait_and_a_larger_one_after_a_reload_is_not) {
  auto wanted = kit::test_options(server.folder());
  prepare(wanted);
  server.server().reload_from([&] { return loaded_options{wanted, {}}; });
  load(1'000'000);
  nlohmann::json small;
  EXPECT_TRUE(kit::eventually(
      [&] {
        small = figures(); // of the last ten seconds, in which the load began
        return small["busy"] > 0.7 &&
               small["wait_us"]["p99"].get<double>() > 3 * small["service_us"]["p50"].get<double>();
      },
      30s))
      << small;
  wanted.pools.store_readers = 8;
  EXPECT_THAT(server.server().reload().applied, testing::Contains("pools.store_readers"));
  nlohmann::json large;
  EXPECT_TRUE(kit::eventually(
      [&] {
        large = figures();
        return large["busy"] < 0.7 && // and the last ten seconds are all of the larger pool
               large["wait_us"]["p99"].get<double>() < small["wait_us"]["p99"].get<double>() / 2 &&
               large["handled_per_s"].get<double>() > 1.5 * small["handled_per_s"].get<double>();
      },
      30s))
      << large;
  EXPECT_EQ(large["instances"], 8);
  wanted.pools.store_readers = 1;
  server.server().reload();
  EXPECT_TRUE(kit::eventually([&] { return figures()["instances"] == 1; }, 20s));
  quiet(); // and no request has failed
}

TEST_F(pool_size, one_key_that_is_asked_for_too_often_is_told_from_it) {
  server.restart([](options& values) { values.pools.store_readers = 8; });
  load(1);
  nlohmann::json found;
  EXPECT_TRUE(kit::eventually(
      [&] {
        found = figures();
        return found["busiest"] > 0.7 && found["busy"] < 0.3 &&
               found["wait_us"]["p99"].get<double>() > 3 * found["service_us"]["p50"].get<double>();
      },
      30s))
      << found;
  quiet();
}

} // namespace
} // namespace weappd
