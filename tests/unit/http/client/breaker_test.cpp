#include "http/client/breaker.hpp"

#include <gtest/gtest.h>

namespace weappd {
namespace {

using namespace std::chrono_literals;

class breaker_test : public testing::Test {
protected:
  void fail_one() { circuit.failed(circuit.ask(now), now); }
  void open() {
    for (int i = 0; i < 3; ++i)
      fail_one();
  }
  breaker circuit{{.failures = 3, .open_for = 1000ms}};
  breaker::time_point now{1h};
};

TEST_F(breaker_test, it_opens_after_so_many_failures_in_a_row_and_not_before) {
  fail_one();
  fail_one();
  EXPECT_TRUE(circuit.ask(now).granted);
  EXPECT_TRUE(circuit.closed());
  fail_one();
  EXPECT_FALSE(circuit.ask(now).granted);
  EXPECT_FALSE(circuit.closed());
}

TEST_F(breaker_test, a_success_between_failures_starts_the_count_again) {
  fail_one();
  fail_one();
  circuit.succeeded(circuit.ask(now));
  fail_one();
  fail_one();
  EXPECT_TRUE(circuit.ask(now).granted);
}

TEST_F(breaker_test, when_the_time_is_over_one_probe_passes_and_no_second_one) {
  open();
  now += 1000ms - 1ns;
  EXPECT_FALSE(circuit.ask(now).granted);
  now += 1ns;
  EXPECT_TRUE(circuit.ask(now).granted);
  EXPECT_FALSE(circuit.ask(now).granted);
  EXPECT_FALSE(circuit.closed()) << "not before the probe has succeeded";
}

TEST_F(breaker_test, a_good_probe_closes_the_circuit) {
  open();
  now += 1s;
  circuit.succeeded(circuit.ask(now));
  EXPECT_TRUE(circuit.closed());
  EXPECT_TRUE(circuit.ask(now).granted);
  EXPECT_TRUE(circuit.ask(now).granted);
  fail_one();
  fail_one();
  EXPECT_TRUE(circuit.closed()) << "the failures before the opening are forgotten";
}

TEST_F(breaker_test, a_bad_probe_opens_it_for_the_whole_time_again) {
  open();
  now += 1s;
  fail_one();
  now += 999ms;
  EXPECT_FALSE(circuit.ask(now).granted);
  now += 1ms;
  EXPECT_TRUE(circuit.ask(now).granted);
}

TEST_F(breaker_test, an_abandoned_probe_makes_room_for_another) {
  open();
  now += 1s;
  circuit.abandoned(circuit.ask(now));
  EXPECT_TRUE(circuit.ask(now).granted);
}

TEST_F(breaker_test, outcomes_of_calls_from_before_the_opening_do_not_count) {
  const auto slow_good = circuit.ask(now);
  const auto slow_bad = circuit.ask(now);
  open();
  circuit.succeeded(slow_good);
  EXPECT_FALSE(circuit.ask(now).granted);
  now += 1s;
  const auto probe = circuit.ask(now);
  circuit.failed(slow_bad, now);
  circuit.abandoned(slow_bad);
  EXPECT_FALSE(circuit.ask(now).granted) << "the probe is still under way";
  circuit.succeeded(probe);
  EXPECT_TRUE(circuit.closed());
}

} // namespace
} // namespace weappd
