#include "http/server/ban_gate.hpp"

#include <gtest/gtest.h>

#include <memory>

namespace weappd::http {
namespace {

using namespace std::chrono_literals;

ip_address address(const char* text) {
  return boost::asio::ip::make_address(text);
}

struct still_clock {
  timestamp moment{std::chrono::milliseconds(1'795'249'800'000)};
  [[nodiscard]] timestamp now() const { return moment; }
};

struct ban_gate_test : testing::Test {
  still_clock clock;
  option_book<ban_options> rules{ban_options{}};
  ban_book book;
  std::vector<cidr> proxies = parse_blocks({"10.0.0.0/8"});
  ban_gate gate{rules, book, proxies};

  void ban(const char* who, std::chrono::milliseconds time) {
    book.publish(std::make_shared<const ban_list>(
        std::vector<ban_list::entry>{{address_key(address(who)), clock.now() + time}}));
    gate.look_for_news();
  }
  void change(const ban_options& next) {
    rules.change(next);
    gate.look_for_news();
  }
};

TEST_F(ban_gate_test, lets_everybody_in_while_nobody_is_banned) {
  EXPECT_FALSE(gate.banned_for(address("192.0.2.1"), clock));
}

TEST_F(ban_gate_test, tells_how_long_rounded_up_and_until_when) {
  ban("192.0.2.1", 1'001ms);
  EXPECT_EQ(gate.banned_for(address("192.0.2.1"), clock), 2s);
  EXPECT_EQ(gate.banned_for(address("::ffff:192.0.2.1"), clock), 2s);
  EXPECT_FALSE(gate.banned_for(address("192.0.2.2"), clock));
  clock.moment += 1'000ms;
  EXPECT_EQ(gate.banned_for(address("192.0.2.1"), clock), 1s);
  clock.moment += 1ms;
  EXPECT_FALSE(gate.banned_for(address("192.0.2.1"), clock));
}

TEST_F(ban_gate_test, knows_ipv6_by_its_64) {
  ban("2001:db8:0:1::1", 5s);
  EXPECT_TRUE(gate.banned_for(address("2001:db8:0:1:ffff::9"), clock));
  EXPECT_FALSE(gate.banned_for(address("2001:db8:0:2::1"), clock));
}

TEST_F(ban_gate_test, never_keeps_a_trusted_proxy_out) {
  ban("10.1.2.3", 5s);
  EXPECT_FALSE(gate.banned_for(address("10.1.2.3"), clock));
}

TEST_F(ban_gate_test, never_keeps_out_who_is_allowed_also_if_that_is_new) {
  ban("192.0.2.1", 5s);
  EXPECT_TRUE(gate.banned_for(address("192.0.2.1"), clock));
  ban_options next;
  next.allow = {"192.0.2.0/24"};
  change(next);
  EXPECT_FALSE(gate.banned_for(address("192.0.2.1"), clock));
}

TEST_F(ban_gate_test, watches_what_the_options_want_and_nobody_who_is_spared) {
  EXPECT_FALSE(gate.watched_of(address("192.0.2.1")).refusals);
  ban_options next;
  next.refusals = 5;
  next.allow = {"192.0.2.9"};
  change(next);
  EXPECT_TRUE(gate.watched_of(address("192.0.2.1")).refusals);
  EXPECT_FALSE(gate.watched_of(address("192.0.2.1")).failed_logins);
  EXPECT_FALSE(gate.watched_of(address("192.0.2.9")).refusals);
  EXPECT_FALSE(gate.watched_of(address("10.9.9.9")).refusals);
  next.failed_logins = 1;
  change(next);
  EXPECT_TRUE(gate.watched_of(address("192.0.2.1")).failed_logins);
}

} // namespace
} // namespace weappd::http
