#include "messages/meter/metered_actor.hpp"

#include "messages/actors.hpp"
#include "tests/kit/actors/world.hpp"

#include <caf/actor_registry.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <gtest/gtest.h>

#include <future>
#include <vector>

/// Actors that measure themselves, as CAF runs them.
namespace weappd {
namespace {

using namespace std::chrono_literals;

/// Somebody who asks, is asked, and waits for answers.
using echo_actor = service_actor::extend<caf::replies_to<check_secret>::with<secret_checked>>;

struct echo_state {
  static inline const char* name = "echo";
  std::size_t under_way = 0;
  [[nodiscard]] std::size_t in_flight() const { return under_way; }
};

echo_actor::behavior_type echo(echo_actor::stateful_pointer<echo_state> self, echo_actor whom) {
  return {
      [](get_status) { return status_report{}; },
      [=](const check_secret& what) -> caf::result<secret_checked> {
        ++self->state.under_way;
        if (!whom)
          return refuse_as_full(*self, ec::overloaded, "alone");
        auto promise = self->make_response_promise<secret_checked>();
        self->request(whom, caf::infinite, what)
            .then(
                [=](const secret_checked& answer) mutable {
                  --self->state.under_way;
                  promise.deliver(answer);
                },
                [=](const caf::error& error) mutable {
                  --self->state.under_way;
                  promise.deliver(error);
                });
        return promise;
      },
  };
}

/// Answers when it is asked for its status.
struct late_state {
  static inline const char* name = "late";
  std::vector<caf::typed_response_promise<secret_checked>> promises;
};
echo_actor::behavior_type answers_later(echo_actor::stateful_pointer<late_state> self, int) {
  return {
      [self](get_status) {
        for (auto& promise : self->state.promises)
          promise.deliver(secret_checked{.fits = true});
        return status_report{};
      },
      [self](const check_secret&) -> caf::result<secret_checked> {
        return self->state.promises.emplace_back(self->make_response_promise<secret_checked>());
      },
  };
}

actor_figures figures_of(world& w, const echo_actor& who) {
  return meter_of(caf::actor_cast<caf::actor>(who))->read(w.system().clock().now().time_since_epoch());
}

echo_actor spawn_echo(world& w, const echo_actor& whom = {}) {
  return w.keep(spawn_metered(w.system(), echo, whom));
}

TEST(metered_actor, counts_what_waits_and_what_is_done) {
  world w;
  const auto one = spawn_echo(w);
  w.run();
  auto first = w.send<status_report>(one, get_status{});
  auto second = w.send<status_report>(one, get_status{});
  EXPECT_EQ(figures_of(w, one).queued, 2u);
  w.advance(0s);
  EXPECT_EQ(figures_of(w, one).queued, 0u);
  EXPECT_EQ(figures_of(w, one).totals.handled, 2u);
  EXPECT_TRUE(first.take());
  EXPECT_TRUE(second.take());
}

TEST(metered_actor, what_it_waits_for_is_in_flight) {
  world w;
  const echo_actor silent = w.spawn(answers_later, 0);
  const auto one = spawn_echo(w, silent);
  auto asked = w.send<secret_checked>(one, check_secret{});
  w.run();
  EXPECT_EQ(figures_of(w, one).in_flight, 2u) << "an answer, and what its state says";
  EXPECT_TRUE(w.ask<status_report>(silent, get_status{}));
  EXPECT_EQ(figures_of(w, one).in_flight, 0u);
  EXPECT_TRUE(asked.take());
}

TEST(metered_actor, counts_what_it_refuses_itself) {
  world w;
  const auto one = spawn_echo(w);
  EXPECT_EQ(code_of(w.ask<secret_checked>(one, check_secret{}).error()), ec::overloaded);
  EXPECT_EQ(figures_of(w, one).totals.shed, 1u);
}

TEST(metered_actor, refuses_a_request_for_which_there_is_no_room_at_once) {
  world w;
  const auto last = spawn_echo(w);
  const auto one = spawn_echo(w, last);
  w.run();
  meter_of(caf::actor_cast<caf::actor>(one))->limit(2);
  auto first = w.send<secret_checked>(one, check_secret{});
  auto second = w.send<secret_checked>(one, check_secret{});
  auto third = w.send<secret_checked>(one, check_secret{});
  auto status = w.send<status_report>(one, get_status{});
  EXPECT_FALSE(first.arrived());
  EXPECT_FALSE(second.arrived());
  ASSERT_TRUE(third.arrived()) << "before anybody had a turn";
  EXPECT_EQ(code_of(third.take().error()), ec::overloaded);
  w.run();
  EXPECT_TRUE(status.take()) << "whoever looks is always let in";
  EXPECT_EQ(figures_of(w, one).totals.shed, 1u);
  EXPECT_EQ(figures_of(w, one).queued, 0u);
  auto later = w.send<secret_checked>(one, check_secret{});
  EXPECT_FALSE(later.arrived());
  w.run();
  EXPECT_TRUE(later.arrived());
}

TEST(metered_actor, an_answer_always_has_room) {
  world w;
  const auto last = spawn_echo(w);
  const auto one = spawn_echo(w, last);
  w.run();
  meter_of(caf::actor_cast<caf::actor>(one))->limit(1);
  auto first = w.send<secret_checked>(one, check_secret{});
  w.run();
  EXPECT_TRUE(first.arrived()) << "the answer of the last one came through";
}

TEST(metered_actor, who_was_spawned_otherwise_has_no_meter) {
  world w;
  EXPECT_EQ(meter_of(caf::actor_cast<caf::actor>(w.spawn(echo, echo_actor{}))), nullptr);
  EXPECT_EQ(meter_of(caf::actor{}), nullptr);
}

TEST(metered_actor, an_actor_with_a_thread_of_its_own_is_measured_too) {
  world w;
  std::promise<void> entered;
  std::promise<void> release;
  const auto stuck = spawn_metered<caf::detached>(
      w.system(),
      [](service_actor::pointer, std::promise<void>* in,
         std::shared_future<void> out) -> service_actor::behavior_type {
        return {[=](get_status) {
          in->set_value();
          out.wait();
          return status_report{};
        }};
      },
      &entered, release.get_future().share());
  w.tell(stuck, get_status{});
  entered.get_future().wait();
  const auto meter = meter_of(caf::actor_cast<caf::actor>(stuck));
  EXPECT_EQ(meter->read(0s).in_flight, 1u);
  release.set_value();
  caf::anon_send_exit(stuck, caf::exit_reason::user_shutdown);
  w.system().registry().await_running_count_equal(0);
}

} // namespace
} // namespace weappd
