#include "actors/logic/login_failures.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

namespace weappd {
namespace {

using namespace std::chrono_literals;

constexpr rate_key host(std::uint64_t n) {
  return {0, 0xffff'c000'0200 + n};
}

struct login_failures_test : testing::Test {
  challenge_options rules = [] {
    challenge_options given;
    given.kind = challenge_kind::proof_of_work;
    given.bits = 10;
    given.max_bits = 12;
    given.failed_logins = 3;
    given.window_s = 60;
    given.stay_s = 100;
    given.max_watched = 4;
    return given;
  }();
  login_failures known;
  login_failures::time now = 1h;

  bool fail(std::uint64_t n, int times = 1) {
    bool begun = false;
    for (int i = 0; i < times; ++i)
      begun = known.failed(host(n), now, rules) || begun;
    return begun;
  }
  void succeed(std::uint64_t n) { known.succeeded(host(n), now, rules); }
  std::optional<std::uint32_t> further(std::uint64_t n) { return known.further(host(n), now); }
};

TEST_F(login_failures_test, begin_with_the_last_of_so_many) {
  EXPECT_FALSE(fail(1, 2));
  EXPECT_FALSE(further(1));
  EXPECT_TRUE(fail(1));
  EXPECT_EQ(further(1), 0u);
  EXPECT_FALSE(further(2));
}

TEST_F(login_failures_test, count_within_a_window_without_its_end) {
  fail(1);
  now += 59s;
  fail(1);
  now += 1s; // the first one is just out of it
  EXPECT_FALSE(fail(1));
  now += 58s;
  EXPECT_TRUE(fail(1));
}

TEST_F(login_failures_test, stay_from_the_last_one_on) {
  fail(1, 3);
  now += 99s;
  EXPECT_EQ(further(1), 0u);
  EXPECT_FALSE(fail(1)) << "it began before";
  EXPECT_EQ(further(1), 1u);
  now += 100s - 1ns;
  EXPECT_EQ(further(1), 1u);
  now += 1ns;
  EXPECT_FALSE(further(1));
  EXPECT_FALSE(fail(1, 2)) << "it begins anew";
  EXPECT_TRUE(fail(1));
  EXPECT_EQ(further(1), 0u);
}

TEST_F(login_failures_test, are_lowered_by_one_for_each_success) {
  fail(1, 5);
  EXPECT_EQ(further(1), 2u);
  succeed(1);
  EXPECT_EQ(further(1), 1u);
  succeed(1);
  EXPECT_EQ(further(1), 0u);
  succeed(1);
  EXPECT_FALSE(further(1)) << "free";
  EXPECT_TRUE(fail(1)) << "but the next one that fails brings it back";
  succeed(1);
  now += 60s;
  EXPECT_FALSE(fail(1, 2)) << "unless the window is over";
}

TEST_F(login_failures_test, are_counted_no_further_than_they_make_it_harder) {
  fail(1, 1'000);
  EXPECT_EQ(further(1), 2u);
  for (int i = 0; i < 3; ++i)
    succeed(1);
  EXPECT_FALSE(further(1)) << "so few successes make an address free that thousands may share";
  rules.kind = challenge_kind::captcha;
  fail(2, 1'000);
  EXPECT_EQ(further(2), 0u);
  succeed(2);
  EXPECT_FALSE(further(2));
}

TEST_F(login_failures_test, take_the_oldest_back_before_it_begins) {
  fail(1, 2);
  succeed(1);
  EXPECT_FALSE(fail(1));
  succeed(1);
  succeed(1);
  EXPECT_EQ(known.size(), 0u);
  succeed(2);
  EXPECT_EQ(known.size(), 0u);
}

TEST_F(login_failures_test, do_not_let_successes_pay_for_more_than_they_are) {
  int failures = 0;
  for (int i = 0; i < 100 && !further(1); ++i) { // two guesses, then a login of his own
    fail(1, 2);
    failures += 2;
    succeed(1);
  }
  EXPECT_TRUE(further(1));
  EXPECT_LE(failures, 6);
}

TEST_F(login_failures_test, of_one_are_enough_if_that_is_wanted) {
  rules.failed_logins = 1;
  EXPECT_TRUE(fail(1));
  succeed(1);
  EXPECT_FALSE(further(1));
  EXPECT_EQ(known.size(), 0u);
}

TEST_F(login_failures_test, forget_who_failed_longest_ago_when_there_is_no_room) {
  for (std::uint64_t n = 1; n <= 4; ++n)
    fail(n, 3);
  fail(1); // not the oldest any more
  fail(5, 3);
  EXPECT_EQ(known.size(), 4u);
  EXPECT_TRUE(further(1));
  EXPECT_FALSE(further(2));
  EXPECT_TRUE(further(3) && further(4) && further(5));
  rules.max_watched = 2;
  fail(6);
  EXPECT_EQ(known.size(), 2u) << "also after a reload that left less room";
}

TEST_F(login_failures_test, forget_who_has_been_quiet_long_enough) {
  fail(1, 3);
  now += 50s;
  fail(2);
  now += 50s - 1ns;
  known.tidy(now, rules);
  EXPECT_EQ(known.size(), 2u);
  now += 1ns;
  known.tidy(now, rules);
  EXPECT_EQ(known.size(), 1u);
  now += 50s;
  known.tidy(now, rules);
  EXPECT_EQ(known.size(), 0u);
}

} // namespace
} // namespace weappd
