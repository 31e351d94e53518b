#include "http/daemon/pool_sizer.hpp"

#include "actors/supervisor.hpp"
#include "messages/meter/metered_actor.hpp"
#include "tests/kit/actors/world.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// The pool sizer beside a supervisor and workers that measure themselves, in virtual time.
namespace weappd {
namespace {

using namespace std::chrono_literals;

struct pool_sizer_test : ::testing::Test {
  pool_sizer_test() {
    for (std::size_t place = 0; place < 4; ++place)
      meters.push_back(std::make_shared<actor_meter>(clock()));
    root = w.spawn([this](supervisor_actor::pointer) -> supervisor_actor::behavior_type {
      return {[](get_status) { return status_report{}; },
              [this](list_children) {
                ++looks;
                return all_children_of_test();
              },
              [](const resize_pool&) { return done{}; }, [](limit_queues) { return done{}; }};
    });
    w.directory().supervisor.set(root);
    sizer = w.spawn(pool_sizer, w.services()->peers,
                    pool_sizer_actions{.pools = [this] { return pools; },
                                       .resize =
                                           [this](const std::string& role, std::size_t size) {
                                             resized.emplace_back(role, size);
                                             pools.at(0).size = size;
                                           }});
    w.run();
  }
  ~pool_sizer_test() override { w.directory().supervisor.set({}); }

  actor_meter::moment clock() { return w.system().clock().now().time_since_epoch(); }
  child_list all_children_of_test() {
    child_list all;
    for (std::size_t place = 0; place < pools.at(0).size; ++place) {
      auto& child = all.children.emplace_back();
      child.name = "store_reader/" + std::to_string(place);
      child.meter = meters[place];
    }
    return all;
  }
  /// For so many seconds each of the workers has a message in hand for `service`, again and again, while the
  /// next one waits.
  void work(int seconds, std::chrono::milliseconds service, std::chrono::milliseconds pause) {
    const auto now = [this] { return clock(); };
    for (auto left = std::chrono::milliseconds(seconds * 1'000); left > 0ms; left -= service + pause) {
      for (const auto& meter : meters)
        meter->arrive(now);
      w.advance(service / 2);
      for (const auto& meter : meters)
        meter->begin(now);
      w.advance(service / 2);
      for (const auto& meter : meters)
        meter->end(0, now);
      w.advance(pause);
    }
  }
  void begin(std::size_t least, std::size_t most) {
    pools = {{.role = "store_reader",
              .size = least,
              .rules = {.least = least, .most = most, .target_wait = 5ms, .shrink_after = 20s}}};
    w.tell(sizer, pools_changed{});
  }

  world w;
  std::vector<meter_ptr> meters;
  std::vector<sized_pool> pools;
  std::vector<std::pair<std::string, std::size_t>> resized;
  int looks = 0;
  supervisor_actor root;
  pool_sizer_self sizer;
};

using changes = std::vector<std::pair<std::string, std::size_t>>;

TEST_F(pool_sizer_test, does_nothing_at_all_while_no_pool_may_be_resized) {
  w.advance(1h);
  EXPECT_EQ(looks, 0);
  EXPECT_TRUE(w.ask<status_report>(sizer, get_status{}));
}

TEST_F(pool_sizer_test, makes_a_pool_larger_under_load_and_smaller_in_the_calm) {
  begin(1, 4);
  work(12, 100ms, 50ms); // waits of 50 ms at workers that are busy for a third of the time
  EXPECT_EQ(resized, changes{}) << "more workers would not help";
  const auto now = [this] { return clock(); };
  for (int i = 0; i < 200; ++i) { // nothing but work, and always one that waits
    for (const auto& meter : meters) {
      meter->arrive(now);
      meter->begin(now);
      meter->arrive(now);
    }
    w.advance(80ms);
    for (const auto& meter : meters) {
      meter->end(0, now);
      meter->begin(now);
    }
    w.advance(20ms);
    for (const auto& meter : meters)
      meter->end(0, now);
  }
  ASSERT_FALSE(resized.empty());
  EXPECT_EQ(resized[0], (std::pair<std::string, std::size_t>("store_reader", 2)));
  const auto grown = resized.size();
  w.advance(3min);
  ASSERT_GT(resized.size(), grown);
  EXPECT_EQ(resized.back().second, 1u);
}

TEST_F(pool_sizer_test, looks_no_more_when_it_is_switched_off) {
  begin(1, 4);
  w.advance(10s);
  EXPECT_EQ(looks, 10);
  pools.clear();
  w.advance(10s);
  EXPECT_EQ(looks, 10);
}

TEST_F(pool_sizer_test, leaves_a_role_alone_whose_actors_do_not_measure) {
  meters.assign(4, nullptr);
  begin(1, 4);
  w.advance(5min);
  EXPECT_EQ(looks, 300);
  EXPECT_EQ(resized, changes{});
}

} // namespace
} // namespace weappd
