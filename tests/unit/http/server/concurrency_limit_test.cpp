#include "http/server/concurrency_limit.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <queue>
#include <vector>

namespace weappd::http {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

/// Requests that come evenly to one worker, which takes them one after the other: what a queue does, in
/// virtual time.
struct one_worker {
  explicit one_worker(nanoseconds service_time) : service(service_time) {}

  concurrency_limit limit{100ms, 4'096};
  nanoseconds service;
  nanoseconds extra{
      0}; ///< each takes so much longer, all at once: a slow disk under a store that writes in groups
  concurrency_limit::time_point now{1h};
  concurrency_limit::time_point free_at{};
  struct answer {
    concurrency_limit::time_point at, taken;
    bool operator>(const answer& other) const { return at > other.at; }
  };
  std::priority_queue<answer, std::vector<answer>, std::greater<>> under_way;
  std::uint64_t answered = 0;
  std::uint64_t refused = 0;
  nanoseconds longest{};
  std::size_t most_in_flight = 0;

  void answer_until(concurrency_limit::time_point end) {
    for (; !under_way.empty() && under_way.top().at <= end; ++answered) {
      const auto one = under_way.top();
      under_way.pop();
      longest = std::max(longest, nanoseconds(one.at - one.taken));
      limit.answered(one.at, one.at - one.taken, static_cast<std::uint32_t>(under_way.size()));
    }
  }
  void ask() {
    answer_until(now);
    if (!limit.admits(static_cast<std::uint32_t>(under_way.size()))) {
      ++refused;
      return;
    }
    free_at = std::max(free_at, now) + service;
    under_way.push({free_at + extra, now});
    limit.admitted(static_cast<std::uint32_t>(under_way.size()));
    most_in_flight = std::max(most_in_flight, under_way.size());
  }
  /// `rate` requests a second for so long; counts from zero.
  void run(nanoseconds time, double rate) {
    answered = refused = 0;
    longest = {};
    most_in_flight = under_way.size();
    const auto pause = nanoseconds(static_cast<std::int64_t>(1e9 / rate));
    for (const auto end = now + time; now < end; now += pause)
      ask();
    answer_until(now);
  }
};

TEST(concurrency_limit, nothing_is_refused_below_the_capacity) {
  one_worker it(1ms);
  it.run(60s, 950);
  EXPECT_EQ(it.refused, 0u);
  EXPECT_EQ(it.limit.value(), concurrency_limit::unlimited);
}

TEST(concurrency_limit, at_three_times_the_capacity_the_work_goes_on_and_its_time_is_bounded) {
  one_worker it(1ms);
  it.run(2s, 900);
  it.run(3s, 3'000); // the queue stands, and is cut
  it.run(60s, 3'000);
  EXPECT_GE(it.answered, 60u * 990);
  EXPECT_LE(it.longest, 300ms);
  EXPECT_GE(it.longest, 80ms)
      << "it is not cut to a length that leaves the worker without work when somebody is late";
  EXPECT_GT(it.refused, 100'000u);
}

TEST(concurrency_limit, the_queue_before_the_first_cut_is_bounded) {
  one_worker it(1ms);
  it.run(2s, 900);
  it.run(3s, 3'000);
  EXPECT_LE(it.most_in_flight, 1'000u);
  EXPECT_GE(it.answered, 3u * 950);
}

TEST(concurrency_limit, after_an_overload_nothing_is_refused_within_a_second) {
  one_worker it(1ms);
  it.run(60s, 3'000);
  it.run(1s, 900);
  it.run(60s, 900);
  EXPECT_EQ(it.refused, 0u);
  EXPECT_LE(it.longest, 50ms);
  EXPECT_EQ(it.limit.value(), concurrency_limit::unlimited);
}

TEST(concurrency_limit, one_slow_moment_refuses_nothing) {
  one_worker it(1ms);
  it.run(10s, 500);
  it.free_at = it.now + 150ms; // one commit that took its time
  it.run(10s, 500);
  EXPECT_EQ(it.refused, 0u);
}

/// What is slow whatever the concurrency is not made faster by refusing.
TEST(concurrency_limit, answers_that_are_slow_by_themselves_cost_no_throughput_for_long) {
  one_worker it(100us);
  it.run(10s, 2'000);
  it.extra = 400ms; // of 2,000 a second, 800 are under way
  it.run(20s, 2'000);
  it.run(5s, 2'000);
  EXPECT_EQ(it.refused, 0u);
  EXPECT_GE(it.answered, 5u * 1'990);
}

TEST(concurrency_limit, it_forgets_how_slow_answers_were_by_themselves) {
  one_worker it(1ms);
  it.run(10s, 500);
  it.extra = 2s;
  it.run(20s, 500);
  it.extra = 0s;
  it.run(40s, 500);
  it.run(10s, 3'000);
  it.run(60s, 3'000);
  EXPECT_LE(it.longest, 300ms);
  EXPECT_GE(it.answered, 60u * 980);
}

TEST(concurrency_limit, few_at_a_time_are_never_refused) {
  one_worker it(100ms); // ten a second
  it.run(60s, 10);
  EXPECT_EQ(it.refused, 0u);
  it.run(60s, 30);
  EXPECT_GE(it.limit.value(), concurrency_limit::least);
  EXPECT_GE(it.answered, 590u);
}

/// A group of requests that come together and are answered at once, after so long.
void answer_group(concurrency_limit& limit, concurrency_limit::time_point at, std::uint32_t size,
                  nanoseconds latency) {
  for (std::uint32_t i = 1; i <= size; ++i)
    limit.admitted(i);
  for (std::uint32_t i = size; i > 0; --i)
    limit.answered(at, latency, i - 1);
}

TEST(concurrency_limit, one_slow_window_is_no_overload_and_two_are) {
  concurrency_limit limit{100ms, 4'096};
  concurrency_limit::time_point now{1h};
  answer_group(limit, now, 100, 300ms);
  answer_group(limit, now += concurrency_limit::window, 100, 10ms);
  answer_group(limit, now += concurrency_limit::window, 100, 300ms);
  answer_group(limit, now += concurrency_limit::window, 100, 300ms);
  EXPECT_TRUE(limit.admits(1'000));
  answer_group(limit, now += concurrency_limit::window, 100, 300ms);
  EXPECT_FALSE(limit.admits(100));
}

TEST(concurrency_limit, what_is_slow_one_by_one_leaves_room_for_many) {
  concurrency_limit limit{100ms, 4'096};
  concurrency_limit::time_point now{1h};
  for (int i = 0; i < 100; ++i) {
    answer_group(limit, now += concurrency_limit::window, 5, 300ms);
    ASSERT_TRUE(limit.admits(1'000));
  }
}

TEST(concurrency_limit, a_target_of_zero_limits_nothing) {
  concurrency_limit off{0ms, 16};
  const concurrency_limit::time_point start{1h};
  for (int i = 0; i < 10'000; ++i) {
    off.admitted(4'000);
    off.answered(start + i * 10ms, 10s, 4'000);
  }
  EXPECT_TRUE(off.admits(1'000'000));
}

} // namespace
} // namespace weappd::http
