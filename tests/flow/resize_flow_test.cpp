#include "tests/flow/answers.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

/// A pool grows and shrinks by a reload while clients ask.
namespace weappd {
namespace {

constexpr std::uint32_t allowed = 3'000;

struct resize : testing::Test {
  /// Asks on, and counts what it was answered.
  void be_a_client() {
    auto client = server.http();
    while (!over) {
      const auto status = client.get("/api/v1/users/me").status;
      const std::lock_guard guard(mutex);
      ++statuses[status];
    }
  }
  std::uint64_t asked() {
    const std::lock_guard guard(mutex);
    std::uint64_t all = 0;
    for (const auto& [status, count] : statuses)
      all += count;
    return all;
  }
  /// The actors of this role that live.
  std::size_t living() {
    const auto all = server.ask<child_list>(server.server().parts().supervisor.get(), list_children{});
    std::size_t count = 0;
    for (const auto& child : all->children)
      count += child.name.starts_with("rate_limiter/") && !child.retired ? 1U : 0U;
    return count;
  }

  static void prepare(options& values) {
    values.limits = {{"per_ip", {.limit = 1, .window_s = 86'400, .burst = allowed}}};
    values.pools.rate_limiter = 1;
  }

  std::atomic<bool> over{false};
  std::mutex mutex;
  std::map<unsigned, std::uint64_t> statuses;
  kit::test_server server{prepare};
};

TEST_F(resize, of_the_rate_limiters_1_8_2_fails_no_request_and_forgets_no_count) {
  auto wanted = kit::test_options(server.folder());
  prepare(wanted);
  server.server().reload_from([&] { return loaded_options{wanted, {}}; });
  std::vector<std::thread> clients;
  for (int i = 0; i < 4; ++i)
    clients.emplace_back([this] { be_a_client(); });
  std::uint64_t before = 0;
  for (const std::uint32_t size : {8U, 2U, 8U, 1U, 8U, 2U}) {
    EXPECT_TRUE(kit::eventually([&] { return asked() > before + 200; }));
    wanted.pools.rate_limiter = size;
    EXPECT_THAT(server.server().reload().applied, testing::Contains("pools.rate_limiter"));
    before = asked();
  }
  EXPECT_TRUE(kit::eventually([&] { return asked() > allowed + 1'000; }));
  over = true;
  for (auto& client : clients)
    client.join();
  EXPECT_EQ(statuses[401], allowed) << "nobody has logged in: this is what passed the limit";
  EXPECT_EQ(statuses.size(), 2U) << "and the others were 429: " << statuses[429];
  EXPECT_GT(statuses[429], 0U);
  EXPECT_TRUE(kit::eventually([&] { return living() == 2; }));
}

TEST(resize_and_limits, a_limiter_that_was_about_to_end_knows_the_limits_of_now) {
  const auto prepare = [](options& values) {
    values.limits = {{"per_ip", {.limit = 1, .window_s = 86'400, .burst = 1, .shadow = true}}};
    values.pools.rate_limiter = 8;
    values.http.trusted_proxies = {"127.0.0.1"};
  };
  kit::test_server server(prepare);
  auto wanted = kit::test_options(server.folder());
  prepare(wanted);
  server.server().reload_from([&] { return loaded_options{wanted, {}}; });
  wanted.pools.rate_limiter = 1;
  server.server().reload();
  wanted.limits.at("per_ip").shadow = false; // its counts are kept, so it is the same policy
  server.server().reload();
  wanted.pools.rate_limiter = 8; // those that have not ended yet are wanted again
  server.server().reload();
  auto client = server.http();
  for (int i = 0; i < 64; ++i) {
    const kit::field_list from{{"X-Forwarded-For", "10.0.0." + std::to_string(i)}};
    EXPECT_EQ(client.get("/api/v1/users/me", from).status, 401) << i;
    EXPECT_EQ(client.get("/api/v1/users/me", from).status, 429) << i << ": one a day";
  }
}

} // namespace
} // namespace weappd
