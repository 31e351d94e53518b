#include "actors/supervisor.hpp"

#include "actors/pool.hpp"
#include "messages/error.hpp"
#include "messages/meter/metered_actor.hpp"
#include "tests/kit/actors/world.hpp"

#include <caf/actor_registry.hpp>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;
using journal = std::shared_ptr<std::vector<std::string>>;

struct child_state {
  static inline const char* name = "child";
  std::string line;
  journal lines;
  ~child_state() {
    if (lines)
      lines->push_back("end " + line);
  }
};

/// Writes its start and its end into the journal; answers with its name.
service_actor::behavior_type child(service_actor::stateful_pointer<child_state> self, std::string line,
                                   journal lines) {
  lines->push_back("start " + line);
  self->state.line = std::move(line);
  self->state.lines = std::move(lines);
  return {[self](get_status) { return status_report{.state = health::ok, .detail = self->state.line}; }};
}

struct family {
  journal lines = std::make_shared<std::vector<std::string>>();
  address_group<service_actor> where{3};

  std::vector<child_spec> specs() {
    return pool_of<service_actor>("child", where, [this](caf::actor_system& system, std::size_t index) {
      return system.spawn(child, std::to_string(index), lines);
    });
  }
};

TEST(supervisor, starts_its_children_in_order_and_publishes_them) {
  family all;
  world w;
  const service_actor root = w.spawn(supervisor, w.services(), all.specs());
  EXPECT_EQ(w.ask<status_report>(root, get_status{})->state, health::ok);
  EXPECT_EQ(*all.lines, (std::vector<std::string>{"start 0", "start 1", "start 2"}));
  EXPECT_EQ(w.ask<status_report>(all.where.pick(4), get_status{})->detail, "1");
}

TEST(supervisor, an_exit_message_ends_the_children_last_first_and_then_it) {
  family all;
  world w;
  const service_actor root = w.spawn(supervisor, w.services(), all.specs());
  w.run();
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  w.run();
  EXPECT_EQ(*all.lines,
            (std::vector<std::string>{"start 0", "start 1", "start 2", "end 2", "end 1", "end 0"}));
  EXPECT_EQ(w.living(), 0u);
}

TEST(supervisor, an_ending_child_works_off_its_mailbox_first) {
  family all;
  world w;
  const service_actor root = w.spawn(supervisor, w.services(), all.specs());
  w.run();
  auto waiting = w.send<status_report>(all.where.pick(2), get_status{});
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  w.run();
  EXPECT_EQ(waiting.take()->detail, "2");
}

TEST(supervisor, a_child_that_dies_is_started_again_at_once_and_found_at_its_address) {
  family all;
  world w;
  const service_actor root = w.spawn(supervisor, w.services(), all.specs());
  w.run();
  const auto before = all.where.pick(1);
  w.kill(before);
  w.advance(0s);
  EXPECT_NE(all.where.pick(1), before);
  EXPECT_EQ(w.ask<status_report>(all.where.pick(1), get_status{})->detail, "1");
  EXPECT_EQ(w.ask<status_report>(root, get_status{})->state, health::ok);
  const auto deaths = w.events().named("actor.died");
  ASSERT_EQ(deaths.size(), 1u);
  EXPECT_EQ(deaths[0].fields.at("actor"), "child/1");
  EXPECT_EQ(deaths[0].fields.at("reason"), "kill");
  EXPECT_EQ(w.events().named("actor.restarted").size(), 1u);
}

rate_limiter_actor::behavior_type limiter_of_test(rate_limiter_actor::pointer, int) {
  return {[](get_status) { return status_report{}; }, [](const acquire&) { return verdict{}; },
          [](const use_limits&) { return done{}; }};
}

TEST(supervisor, tells_what_each_child_measures_and_what_the_dead_before_it_had_done) {
  world w;
  address<service_actor> measured;
  auto lines = std::make_shared<std::vector<std::string>>();
  const auto spec = one_child<service_actor>("measured", measured, [&](caf::actor_system& system) {
    return spawn_metered(system, child, std::string("measured"), lines);
  });
  const supervisor_actor root = w.spawn(supervisor, w.services(), std::vector{spec});
  w.run();
  const auto report = [&] { return w.ask<child_list>(root, list_children{})->children.at(0); };
  EXPECT_TRUE(w.ask<status_report>(measured.get(), get_status{}));
  EXPECT_TRUE(w.ask<status_report>(measured.get(), get_status{}));
  EXPECT_EQ(report().meter->totals().handled, 2u);
  EXPECT_EQ(report().before.handled, 0u);
  w.kill(measured.get());
  EXPECT_EQ(report().meter, nullptr);
  w.advance(0s);
  EXPECT_EQ(report().meter->totals().handled, 0u);
  EXPECT_EQ(report().before.handled, 3u) << "with the message that ended it";
}

/// A supervisor with one child that has a meter.
struct supervised_limiter : ::testing::Test {
  world w;
  address<service_actor> where;
  supervisor_actor root;

  supervised_limiter() {
    root = w.spawn(supervisor, w.services(),
                   std::vector{one_child<service_actor>("asked", where, [](caf::actor_system& system) {
                     return caf::actor_cast<service_actor>(spawn_metered(system, limiter_of_test, 0));
                   })});
    w.run();
  }
  [[nodiscard]] rate_limiter_actor asked() const { return caf::actor_cast<rate_limiter_actor>(where.get()); }
  /// Whether one more is refused when so many wait.
  bool is_full_with(std::uint64_t waiting) {
    for (std::uint64_t i = 0; i < waiting; ++i)
      w.tell(asked(), acquire{});
    auto one_more = w.send<verdict>(asked(), acquire{});
    const bool refused = one_more.arrived();
    w.run();
    return refused;
  }
};

TEST_F(supervised_limiter, takes_no_more_messages_than_may_wait) {
  for (std::uint64_t i = 0; i < w.services()->config.pools.queue_limit; ++i)
    w.tell(asked(), acquire{});
  auto one_too_many = w.send<verdict>(asked(), acquire{});
  ASSERT_TRUE(one_too_many.arrived()) << "at once";
  EXPECT_EQ(code_of(one_too_many.take().error()), ec::overloaded);
  auto change = w.send<done>(asked(), use_limits{});
  EXPECT_FALSE(change.arrived()) << "what all limiters must hear gets in";
  EXPECT_TRUE(w.ask<status_report>(asked(), get_status{})) << "whoever looks gets in";
  EXPECT_TRUE(change.take());
  EXPECT_TRUE(w.ask<verdict>(asked(), acquire{})) << "and all is well again";
}

TEST_F(supervised_limiter, and_those_that_come_after_it_hear_how_many_may_wait) {
  ASSERT_TRUE(w.ask<done>(root, limit_queues{20}));
  EXPECT_FALSE(is_full_with(19));
  EXPECT_TRUE(is_full_with(20));
  ASSERT_TRUE(w.ask<done>(root, limit_queues{30}));
  EXPECT_FALSE(is_full_with(29));
  EXPECT_TRUE(is_full_with(30));
  w.kill(where.get());
  w.advance(0s);
  EXPECT_FALSE(is_full_with(29));
  EXPECT_TRUE(is_full_with(30));
}

/// One that still has to work off what waits when it is told to end, for as long as the test wants.
service_actor::behavior_type lingering(service_actor::pointer self) {
  self->set_exit_handler([](const caf::exit_msg&) {});
  return {[](get_status) { return status_report{}; }};
}

TEST(supervisor, a_worker_that_was_told_to_end_is_not_taken_for_alive_when_its_place_is_wanted_again) {
  world w;
  address_group<service_actor> where{2};
  const supervisor_actor root =
      w.spawn(supervisor, w.services(),
              pool_of<service_actor>("child", where, [](caf::actor_system& system, std::size_t) {
                return system.spawn(lingering);
              }));
  w.run();
  const auto first = where.pick(1);
  const auto second = where.pick(0);
  ASSERT_TRUE(w.ask<done>(root, resize_pool{"child", 1}));
  w.advance(retire_after - 1ms);
  ASSERT_TRUE(w.ask<done>(root, resize_pool{"child", 2}));
  EXPECT_EQ(where.pick(1), first) << "nobody has told it to end";
  ASSERT_TRUE(w.ask<done>(root, resize_pool{"child", 1}));
  w.advance(retire_after);
  ASSERT_TRUE(w.ask<done>(root, resize_pool{"child", 2}));
  EXPECT_NE(where.pick(1), first);
  EXPECT_EQ(where.pick(0), second);
  for (const auto& one : {first, second, where.pick(1)})
    w.kill(one);
}

TEST(supervisor, a_child_that_keeps_dying_is_started_slowly_for_ever_and_the_status_says_so) {
  family all;
  world w;
  const service_actor root = w.spawn(supervisor, w.services(), all.specs());
  w.run();
  for (int death = 0; death < 6; ++death) {
    w.kill(all.where.pick(0));
    if (death < 5)
      w.advance(100ms);
  }
  EXPECT_EQ(w.ask<status_report>(root, get_status{})->state, health::down);
  w.advance(499ms);
  EXPECT_EQ(code_of(w.ask<status_report>(all.where.pick(0), get_status{}).error()), ec::overloaded);
  w.advance(1ms);
  EXPECT_TRUE(w.ask<status_report>(all.where.pick(0), get_status{}));
  const auto status = w.ask<status_report>(root, get_status{});
  EXPECT_EQ(status->state, health::degraded);
  EXPECT_NE(status->detail.find("child/0 keeps dying"), std::string::npos);
  w.advance(1min);
  EXPECT_EQ(w.ask<status_report>(root, get_status{})->state, health::ok);
}

TEST(supervisor, a_start_that_throws_is_tried_again_until_it_works) {
  world w;
  address<service_actor> where;
  int attempts = 0;
  auto lines = std::make_shared<std::vector<std::string>>();
  const auto spec =
      one_child<service_actor>("stubborn", where, [&](caf::actor_system& system) -> service_actor {
        if (++attempts < 4)
          throw std::runtime_error("disk not there yet");
        return system.spawn(child, std::string("stubborn"), lines);
      });
  const service_actor root = w.spawn(supervisor, w.services(), std::vector{spec});
  EXPECT_EQ(w.ask<status_report>(root, get_status{})->state, health::down);
  w.advance(30ms);
  EXPECT_EQ(attempts, 4);
  EXPECT_EQ(w.ask<status_report>(root, get_status{})->state, health::ok);
  const auto failures = w.events().named("actor.start_failed");
  ASSERT_EQ(failures.size(), 3u);
  EXPECT_EQ(failures[0].fields.at("reason"), "disk not there yet");
  w.kill(root);
}

TEST(supervisor, nobody_is_started_again_while_it_stops) {
  family all;
  world w;
  const service_actor root = w.spawn(supervisor, w.services(), all.specs());
  w.run();
  w.kill(all.where.pick(0));
  w.kill(all.where.pick(0));
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  w.run();
  w.advance(1min);
  EXPECT_EQ(w.living(), 0u);
}

/// Ends only when it is killed.
service_actor::behavior_type deaf(service_actor::pointer self, int) {
  self->set_exit_handler([](const caf::exit_msg&) {});
  return {[](get_status) { return status_report{}; }};
}

TEST(supervisor, a_child_that_will_not_end_is_killed_after_a_while) {
  world w;
  address<service_actor> where;
  const auto spec = one_child<service_actor>("deaf", where,
                                             [](caf::actor_system& system) { return system.spawn(deaf, 0); });
  const service_actor root = w.spawn(supervisor, w.services(), std::vector{spec});
  w.run();
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  w.advance(max_stop_time - 1ms);
  EXPECT_EQ(w.living(), 2u);
  w.advance(1ms);
  EXPECT_EQ(w.living(), 0u);
  EXPECT_EQ(w.events().named("actor.stop_forced").size(), 1u);
}

/// On a thread of its own, as what waits for a disk is; stuck there until it is released.
service_actor::behavior_type stuck(service_actor::pointer, std::promise<void>* entered,
                                   std::shared_future<void> released) {
  return {[=](get_status) {
    entered->set_value();
    released.wait();
    return status_report{};
  }};
}

TEST(supervisor, a_child_that_hangs_does_not_keep_the_others_from_ending) {
  std::promise<void> entered, release;
  world w;
  address<service_actor> hanging, other;
  auto lines = std::make_shared<std::vector<std::string>>();
  std::vector<child_spec> specs;
  specs.push_back(one_child<service_actor>("other", other, [&](caf::actor_system& system) {
    return system.spawn(child, std::string("other"), lines);
  }));
  specs.push_back(one_child<service_actor>("hanging", hanging, [&](caf::actor_system& system) {
    return system.spawn<caf::detached>(stuck, &entered, release.get_future().share());
  }));
  const service_actor root = w.spawn(supervisor, w.services(), specs);
  w.run();
  w.tell(hanging.get(), get_status{});
  entered.get_future().wait();
  caf::anon_send_exit(root, caf::exit_reason::user_shutdown);
  w.advance(max_stop_time);
  EXPECT_EQ(*lines, (std::vector<std::string>{"start other", "end other"}));
  EXPECT_EQ(w.living(), 1u);
  release.set_value();
  w.system().registry().await_running_count_equal(0);
}

TEST(supervisor, children_end_with_it_even_when_it_is_killed) {
  family all;
  world w;
  const service_actor root = w.spawn(supervisor, w.services(), all.specs());
  w.run();
  w.kill(root);
  EXPECT_EQ(w.living(), 0u);
}

} // namespace
} // namespace weappd
