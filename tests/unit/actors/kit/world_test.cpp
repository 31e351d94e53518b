#include "tests/kit/actors/world.hpp"

#include "messages/actors.hpp"
#include "messages/error.hpp"

#include <caf/typed_event_based_actor.hpp>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;

service_actor::behavior_type counter(service_actor::pointer, std::shared_ptr<int> count) {
  return {[=](get_status) { return status_report{.state = health::ok, .detail = std::to_string(++*count)}; }};
}

/// Notes the time each time its own timer of 40 s fires.
using ticker_actor = caf::typed_actor<caf::reacts_to<get_status>>;
ticker_actor::behavior_type ticker(ticker_actor::pointer self, const wall_clock* wall,
                                   std::shared_ptr<std::vector<timestamp>> seen) {
  self->delayed_send(self, 40s, get_status{});
  return {[self, wall, seen](get_status) {
    seen->push_back(wall->now());
    self->delayed_send(self, 40s, get_status{});
  }};
}

TEST(world, a_question_is_answered_while_time_stands_still) {
  world w;
  const auto before = w.now();
  const auto actor = w.spawn(counter, std::make_shared<int>(0));
  const auto answer = w.ask<status_report>(actor, get_status{});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->detail, "1");
  EXPECT_EQ(w.now(), before);
}

TEST(world, a_request_waits_until_the_world_runs) {
  world w;
  const auto actor = w.spawn(counter, std::make_shared<int>(0));
  auto early = w.send<status_report>(actor, get_status{});
  EXPECT_FALSE(early.arrived());
  EXPECT_EQ(early.take().error(), caf::sec::request_timeout);
  w.run();
  EXPECT_TRUE(early.arrived());
  EXPECT_EQ(early.take()->detail, "1");
}

TEST(world, who_asks_a_killed_actor_gets_an_error) {
  world w;
  const auto actor = w.spawn(counter, std::make_shared<int>(0));
  w.kill(actor);
  EXPECT_EQ(code_of(w.ask<status_report>(actor, get_status{}).error()), ec::overloaded);
}

TEST(world, a_timer_that_sets_itself_again_fires_at_each_of_its_moments) {
  world w;
  const auto start = w.now();
  auto seen = std::make_shared<std::vector<timestamp>>();
  w.spawn(ticker, &w.wall(), seen);
  w.advance(100s);
  EXPECT_EQ(*seen, (std::vector{start + 40s, start + 80s}));
  EXPECT_EQ(w.now(), start + 100s);
  w.advance(20s);
  EXPECT_EQ(seen->back(), start + 120s);
}

TEST(world, a_jump_of_civil_time_fires_no_timer) {
  world w;
  const auto start = w.now();
  auto seen = std::make_shared<std::vector<timestamp>>();
  w.spawn(ticker, &w.wall(), seen);
  w.wall().jump(1h);
  w.run();
  EXPECT_EQ(w.now(), start + 1h);
  EXPECT_TRUE(seen->empty());
}

TEST(world, the_same_seed_gives_the_same_bytes) {
  std::array<std::uint8_t, 32> first{}, second{}, other{};
  seeded_random(7).fill(first);
  seeded_random(7).fill(second);
  seeded_random(8).fill(other);
  EXPECT_EQ(first, second);
  EXPECT_NE(first, other);
}

} // namespace
} // namespace weappd
