#include "http/server/io_coordinator.hpp"
#include "messages/fwd.hpp"
#include "tests/unit/http/server/bridge_fixture.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/after.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <gtest/gtest.h>

#include <atomic>

namespace weappd::http::test {
struct wake_up {
  int number = 0;
};
struct never_answered {};
struct no_answer {};
} // namespace weappd::http::test
WEAPPD_MESSAGE(weappd::http::test::wake_up)
WEAPPD_MESSAGE(weappd::http::test::never_answered)
WEAPPD_MESSAGE(weappd::http::test::no_answer)

namespace weappd::http::test {
namespace {

using std::chrono::milliseconds;
using steady = std::chrono::steady_clock;
using sleeper = caf::typed_actor<caf::reacts_to<wake_up>>;
using silent = caf::typed_actor<caf::replies_to<never_answered>::with<no_answer>>;

class sharded_clock_test : public ::testing::Test {
protected:
  sharded_clock_test() {
    use_io_threads(config_, 2);
    system_ = std::make_unique<caf::actor_system>(config_);
  }
  caf::actor_system_config config_;
  std::unique_ptr<caf::actor_system> system_;
};

TEST_F(sharded_clock_test, runs_the_system_on_as_many_threads_as_wanted) {
  EXPECT_EQ(io_coordinator::of(*system_).units().size(), 2u);
}

TEST_F(sharded_clock_test, fires_twenty_thousand_timers_whose_actors_nobody_else_knows) {
  constexpr int count = 20'000;
  std::atomic<int> fired = 0;
  const auto before = system_->registry().running();
  for (int i = 0; i < count; ++i)
    system_->spawn([&fired, i](sleeper::pointer self) -> sleeper::behavior_type {
      self->delayed_send(self, milliseconds(i % 200), wake_up{i});
      return {[&fired, self](const wake_up&) {
        ++fired;
        self->quit();
      }};
    });
  EXPECT_TRUE(eventually([&] { return fired == count; }));
  EXPECT_TRUE(eventually([&] { return system_->registry().running() == before; }));
}

TEST_F(sharded_clock_test, fires_no_timer_early_and_those_of_one_actor_in_the_order_of_their_times) {
  constexpr int count = 100;
  std::atomic<int> fired = 0, early = 0, out_of_order = 0;
  const auto waiting = system_->spawn([&](sleeper::pointer self) -> sleeper::behavior_type {
    const auto begin = steady::now();
    for (int i = count; i > 0; --i)
      self->delayed_send(self, milliseconds(3 * i), wake_up{i});
    return {[&, begin](const wake_up& due) {
      if (steady::now() - begin < milliseconds(3 * due.number))
        ++early;
      if (++fired != due.number)
        ++out_of_order;
    }};
  });
  ASSERT_TRUE(eventually([&] { return fired == count; }));
  EXPECT_EQ(early, 0);
  EXPECT_EQ(out_of_order, 0);
  caf::anon_send_exit(waiting, caf::exit_reason::user_shutdown);
}

TEST_F(sharded_clock_test, ends_a_question_at_its_time) {
  const auto mute = system_->spawn([](silent::pointer self) -> silent::behavior_type {
    return {[self](never_answered) -> caf::result<no_answer> {
      return self->make_response_promise<no_answer>();
    }};
  });
  std::atomic<int> timed_out = 0, early = 0;
  for (int i = 1; i <= 50; ++i)
    system_->spawn([&, i](caf::event_based_actor* self) {
      const auto begin = steady::now();
      self->request(mute, milliseconds(2 * i), never_answered{})
          .then([](const no_answer&) {},
                [&, begin, i](caf::error& error) {
                  if (steady::now() - begin < milliseconds(2 * i))
                    ++early;
                  timed_out += error == caf::sec::request_timeout ? 1 : 0;
                });
    });
  EXPECT_TRUE(eventually([&] { return timed_out == 50; }));
  EXPECT_EQ(early, 0);
  caf::anon_send_exit(mute, caf::exit_reason::user_shutdown);
}

TEST_F(sharded_clock_test, fires_what_an_actor_waits_for_when_nothing_comes) {
  std::atomic<bool> fired = false;
  system_->spawn([&fired](caf::event_based_actor* self) -> caf::behavior {
    return {[](int) {}, caf::after(milliseconds(20)) >>
                            [&fired, self] {
                              fired = true;
                              self->quit();
                            }};
  });
  EXPECT_TRUE(eventually([&] { return fired.load(); }));
}

TEST_F(sharded_clock_test, keeps_no_system_from_ending_with_timers_far_away) {
  std::vector<sleeper> all;
  for (int i = 0; i < 1000; ++i)
    all.push_back(system_->spawn([](sleeper::pointer self) -> sleeper::behavior_type {
      self->delayed_send(self, std::chrono::hours(1), wake_up{});
      return {[](const wake_up&) { FAIL() << "fired an hour early"; }};
    }));
  for (const auto& one : all)
    caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
  all.clear();
  const auto begin = steady::now();
  system_.reset();
  EXPECT_LT(steady::now() - begin, std::chrono::seconds(10));
}

} // namespace
} // namespace weappd::http::test
