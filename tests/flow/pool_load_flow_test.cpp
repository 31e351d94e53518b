#include "tests/flow/slow_disk.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

/// A pool grows by its load and shrinks without, and no request fails.
namespace weappd {
namespace {

using namespace std::chrono_literals;

const std::string pool_load_token = "canary-operator-token-0123456789abcdef";

struct pool_by_load : testing::Test {
  static void prepare(options& values) {
    values.admin.port = 0;
    values.http.metrics = true;
    values.admin.token = secret(pool_load_token);
    values.pools.store_readers = 1;
    values.pools.store_readers_max = 4;
    values.pools.target_wait_ms = 8;
    values.pools.shrink_after_s = 2;
  }
  kit::http_response get(kit::http_client& client, const std::string& path) {
    return client.get(path, {{"Authorization", "Bearer " + pool_load_token}});
  }
  /// Eight clients that ask for users without a pause.
  void load() {
    for (std::uint64_t i = 0; i < 8; ++i)
      clients.emplace_back([this, user = i * 1'000'003]() mutable {
        kit::http_client client(server.server().admin_port());
        while (!over)
          EXPECT_EQ(
              get(client, "/admin/v1/sessions?user_id=" + std::to_string(1 + ++user % 1'000'000)).status,
              404);
      });
  }
  std::size_t readers() { return server.server().parts().store_readers.size(); }
  bool has_figure(const std::string& line) {
    return kit::http_client(server.port()).get("/metrics").body.find(line + "\n") != std::string::npos;
  }

  std::atomic<bool> over{false};
  std::vector<std::thread> clients;
  kit::test_server server{prepare, with_a_slow_disk(5ms)};
};

TEST_F(pool_by_load, grows_under_load_and_shrinks_in_the_calm) {
  load();
  EXPECT_TRUE(kit::eventually([this] { return readers() > 1; }, 30s));
  over = true;
  for (auto& client : clients)
    client.join();
  EXPECT_TRUE(kit::eventually([this] { return readers() == 1; }, 60s));
  EXPECT_FALSE(has_figure(R"(weappd_pool_resizes_total{direction="grow",role="store_reader"} 0)"));
  EXPECT_FALSE(has_figure(R"(weappd_pool_resizes_total{direction="shrink",role="store_reader"} 0)"));
  EXPECT_TRUE(has_figure(R"(weappd_pool_resizes_total{direction="grow",role="rate_limiter"} 0)"));
  EXPECT_NE(server.log().find(R"("why":"load")"), std::string::npos);
  auto changed = kit::test_options(server.folder());
  prepare(changed);
  changed.pools.store_readers = 3;
  server.server().reload_from([&] { return loaded_options{changed, {}}; });
  server.server().reload();
  EXPECT_EQ(readers(), 3U) << "the least that there may be";
  changed.pools.store_readers_max = 0;
  changed.pools.store_readers = 2;
  server.server().reload();
  EXPECT_EQ(readers(), 2U) << "and as many as wanted, without a maximum";
}

} // namespace
} // namespace weappd
