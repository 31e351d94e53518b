#include "messages/meter/actor_meter.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;

/// An actor and those who send to it, in a time of their own.
struct actor_meters : testing::Test {
  void arrive(int how_many = 1) {
    for (int i = 0; i < how_many; ++i)
      meter.arrive([this] { return now; });
  }
  /// Takes a message and works on it for so long.
  void work(std::chrono::nanoseconds duration) {
    meter.begin([this] { return now; });
    now += duration;
    meter.end(0, [this] { return now; });
  }
  static auto about(std::chrono::nanoseconds time) { return duration_of(bucket_of(time)); }

  actor_meter::moment now = 1h;
  actor_meter meter{now};
};

TEST_F(actor_meters, an_idle_one_has_done_nothing) {
  now += 1min;
  const auto figures = meter.read(now);
  EXPECT_EQ(figures.queued, 0u);
  EXPECT_EQ(figures.in_flight, 0u);
  EXPECT_EQ(figures.busy, 0.0);
  EXPECT_EQ(figures.handled_per_s, 0.0);
  EXPECT_EQ(figures.waits.count(), 0u);
  EXPECT_EQ(figures.totals.handled, 0u);
}

TEST_F(actor_meters, tells_wait_from_work) {
  for (int i = 0; i < 100; ++i) {
    arrive();
    now += 3ms; // in the mailbox
    work(1ms);
    now += 6ms;
  }
  const auto figures = meter.read(now);
  EXPECT_EQ(figures.waits.quantile(0.5), about(3ms));
  EXPECT_EQ(figures.service.quantile(0.99), about(1ms));
  EXPECT_NEAR(figures.busy, 0.1, 0.001);
  EXPECT_NEAR(figures.handled_per_s, 100, 1);
  EXPECT_EQ(figures.totals.handled, 100u);
  EXPECT_EQ(figures.totals.busy, 100ms);
}

TEST_F(actor_meters, knows_what_waits_and_what_is_in_hand) {
  arrive(5);
  EXPECT_EQ(meter.read(now).queued, 5u);
  meter.begin([this] { return now; });
  EXPECT_EQ(meter.read(now).queued, 4u);
  EXPECT_EQ(meter.read(now).in_flight, 1u);
  meter.end(7, [this] { return now; });
  EXPECT_EQ(meter.read(now).in_flight, 7u) << "of which it waits for answers";
}

TEST_F(actor_meters, a_message_that_is_put_back_was_not_handled) {
  arrive();
  meter.begin([this] { return now; });
  meter.put_back();
  EXPECT_EQ(meter.read(now).queued, 1u);
  EXPECT_EQ(meter.read(now).totals.handled, 0u);
  work(1ms);
  EXPECT_EQ(meter.read(now).queued, 0u);
  EXPECT_EQ(meter.read(now).totals.handled, 1u);
}

TEST_F(actor_meters, forgets_what_is_ten_seconds_old) {
  arrive();
  work(1s);
  now += 7s;
  EXPECT_GT(meter.read(now).busy, 0.09);
  now += 3s;
  EXPECT_EQ(meter.read(now).busy, 0.0);
  EXPECT_EQ(meter.read(now).service.count(), 0u);
  EXPECT_EQ(meter.read(now).totals.handled, 1u);
  now += 24h;
  arrive();
  work(1s);
  EXPECT_EQ(meter.read(now).service.count(), 1u) << "the place of an old slice is used again";
}

/// A million messages a second of three kinds in turn: few are measured, and yet every kind is seen as often
/// as it is there.
TEST_F(actor_meters, what_is_measured_stands_for_all) {
  const auto begin = now;
  for (int i = 0; i < 1'500'000; ++i) {
    arrive();
    now += 200ns;
    work(i % 3 == 0 ? 1'000ns : 300ns);
  }
  const auto figures = meter.read(now);
  EXPECT_NEAR(figures.busy, 1'600.0 / 2'200.0, 0.03) << (now - begin).count();
  EXPECT_NEAR(figures.handled_per_s, 3e9 / 2'200, 3e9 / 2'200 * 0.01);
  EXPECT_EQ(figures.service.quantile(0.5), about(300ns));
  EXPECT_EQ(figures.service.quantile(0.63), about(300ns));
  EXPECT_EQ(figures.service.quantile(0.70), about(1'000ns));
  EXPECT_EQ(figures.waits.quantile(0.5), about(200ns));
  EXPECT_EQ(figures.totals.handled, 1'500'000u);
}

TEST_F(actor_meters, a_burst_does_not_make_it_blind_for_the_quiet_after_it) {
  for (int i = 0; i < 10'000; ++i) {
    arrive();
    work(500ns);
  }
  now += 30s;
  for (int i = 0; i < 100; ++i) {
    arrive();
    work(20ms);
    now += 80ms;
  }
  EXPECT_EQ(meter.read(now).service.quantile(0.5), about(20ms));
  EXPECT_NEAR(meter.read(now).busy, 0.17, 0.04);
}

TEST_F(actor_meters, a_slow_message_behind_each_burst_of_fast_ones_is_seen_as_often_as_it_is_there) {
  for (int i = 0; i < 1'000; ++i) {
    for (int k = 0; k < 40; ++k) {
      arrive();
      work(500ns);
    }
    now += 8ms;
    arrive();
    work(2ms);
  }
  EXPECT_NEAR(meter.read(now).busy, 0.2, 0.05);
}

TEST_F(actor_meters, an_actor_that_is_stuck_shows_it) {
  arrive(2);
  meter.begin([this] { return now; });
  arrive(10);
  now += 5s;
  const auto figures = meter.read(now);
  EXPECT_GT(figures.busy, 0.9);
  EXPECT_GE(figures.waits.quantile(0.99), about(5s));
  EXPECT_EQ(figures.queued, 11u);
}

TEST_F(actor_meters, have_room_for_so_many_and_no_more) {
  EXPECT_TRUE(meter.has_room());
  meter.limit(3);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(meter.has_room());
    arrive();
  }
  EXPECT_FALSE(meter.has_room());
  work(1ms);
  EXPECT_TRUE(meter.has_room());
  arrive();
  EXPECT_FALSE(meter.has_room());
  meter.limit(4);
  EXPECT_TRUE(meter.has_room());
  meter.limit(actor_meter::no_limit);
  arrive(1'000);
  EXPECT_TRUE(meter.has_room());
}

TEST(actor_meter_threads, senders_and_readers_beside_the_actor) {
  constexpr int each = 200'000;
  const auto clock = [] { return std::chrono::steady_clock::now().time_since_epoch(); };
  actor_meter meter(clock());
  std::atomic<std::int64_t> sent{0};
  std::atomic<bool> over{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 2; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < each; ++k) {
        meter.arrive(clock);
        ++sent;
      }
    });
  threads.emplace_back([&] {
    while (!over)
      EXPECT_LE(meter.read(clock()).busy, 1.0);
  });
  for (std::int64_t done = 0; done < 2 * each;)
    if (sent > done) {
      meter.begin(clock);
      meter.end(0, clock);
      ++done;
    }
  over = true;
  for (auto& thread : threads)
    thread.join();
  const auto figures = meter.read(clock());
  EXPECT_EQ(figures.queued, 0u);
  EXPECT_EQ(figures.totals.handled, 2u * each);
  EXPECT_GT(figures.service.count(), 2u * each - 200) << "all but those since the last one measured";
  EXPECT_GT(figures.waits.count(), 0u);
}

} // namespace
} // namespace weappd
