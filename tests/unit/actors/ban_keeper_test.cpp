#include "actors/ban_keeper.hpp"

#include "messages/error.hpp"
#include "tests/kit/actors/fake_parts.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace weappd {
namespace {

using namespace std::chrono_literals;

options three_strikes() {
  auto config = world_options();
  config.bans.refusals = 3;
  config.bans.failed_logins = 2;
  config.bans.first_s = 60;
  config.bans.factor = 2;
  config.bans.max_banned = 3;
  return config;
}

constexpr rate_key address(std::uint64_t n) {
  return {0, 0xffff'c000'0200 + n}; // 192.0.2.n
}

struct ban_keeper_test : ::testing::Test {
  world w{three_strikes()};
  fake_parts parts{w};
  memory_store& store = *parts.store;
  ban_keeper_self keeper = w.spawn(ban_keeper, w.services());

  ban_keeper_test() { w.advance(1s); }

  void offend(std::uint64_t n, int times, offence_kind what = offence_kind::refusal) {
    for (int i = 0; i < times; ++i)
      w.tell(keeper, offence{.who = address(n), .what = what, .report = *w.bans().begin_report()});
    w.run();
  }
  [[nodiscard]] bool is_banned(std::uint64_t n) {
    const auto list = w.bans().get();
    const auto* until = list->until(address(n));
    return until != nullptr && *until > w.now();
  }
  caf::expected<ban_changed> change(std::uint64_t n, std::optional<std::chrono::seconds> length) {
    return w.ask<ban_changed>(keeper, change_ban{.who = address(n), .length = length});
  }
  std::size_t total() { return w.ask<ban_page>(keeper, list_bans{})->total; }
  health status() { return w.ask<status_report>(keeper, get_status{})->state; }
  void start_again() {
    w.kill(keeper);
    keeper = w.spawn(ban_keeper, w.services());
    w.run();
  }
};

TEST_F(ban_keeper_test, bans_who_offends_often_enough_at_once_and_for_a_time) {
  offend(1, 2);
  EXPECT_FALSE(is_banned(1));
  offend(1, 1);
  EXPECT_TRUE(is_banned(1));
  EXPECT_FALSE(is_banned(2));
  const auto line = w.events().named("ban.made").at(0).fields;
  EXPECT_EQ(line.at("address"), "192.0.2.1");
  EXPECT_EQ(line.at("why"), "refusals");
  EXPECT_EQ(line.at("times"), "1");
  EXPECT_EQ(line.at("until"), to_rfc3339(w.now() + 60s));
  EXPECT_EQ(w.ban_figures().count(ban_reason::refusals), 1u);
  EXPECT_EQ(w.ban_figures().count_in_force(), 1u);
  w.advance(60s);
  EXPECT_FALSE(is_banned(1));
  w.advance(1s);
  EXPECT_TRUE(w.bans().get()->empty()) << "the list holds nobody who is free";
  EXPECT_EQ(w.ban_figures().count_in_force(), 0u);
}

TEST_F(ban_keeper_test, bans_longer_when_it_happens_again_and_writes_one_line_each_time) {
  offend(1, 2, offence_kind::failed_login);
  offend(1, 50, offence_kind::failed_login); // on their way when it was banned
  EXPECT_EQ(w.events().named("ban.made").size(), 1u);
  w.advance(61s);
  offend(1, 1, offence_kind::failed_login);
  EXPECT_FALSE(is_banned(1)) << "what it did before does not count any more";
  offend(1, 1, offence_kind::failed_login);
  EXPECT_EQ(*w.bans().get()->until(address(1)), w.now() + 120s);
  EXPECT_EQ(w.events().named("ban.made").size(), 2u);
}

TEST_F(ban_keeper_test, is_known_to_the_next_one) {
  offend(1, 3);
  EXPECT_EQ(store.bans.at(address(1)).times, 1u);
  start_again();
  EXPECT_TRUE(is_banned(1));
  EXPECT_EQ(total(), 1u);
  w.advance(61s);
  offend(1, 3);
  EXPECT_EQ(store.bans.at(address(1)).times, 2u);
  EXPECT_EQ(store.bans.at(address(1)).until, w.now() + 120s);
}

TEST_F(ban_keeper_test, dead_leaves_the_list_in_force) {
  offend(1, 3);
  store.failure = ec::storage_unavailable;
  start_again();
  EXPECT_TRUE(is_banned(1));
  EXPECT_EQ(code_of(change(1, std::nullopt).error()), ec::storage_unavailable);
  EXPECT_TRUE(is_banned(1)) << "nothing was changed";
  EXPECT_EQ(status(), health::degraded);
  offend(2, 3);
  EXPECT_FALSE(is_banned(2)) << "not before it knows the others";
  store.failure = ec::none;
  w.advance(keep_bans_interval);
  EXPECT_TRUE(is_banned(1));
  EXPECT_TRUE(is_banned(2));
  EXPECT_EQ(status(), health::ok);
  EXPECT_EQ(store.bans.size(), 2u);
  EXPECT_EQ(w.events().named("ban.store_failed").size(), 1u);
}

TEST_F(ban_keeper_test, looks_into_the_store_when_what_was_under_way_is_there) {
  const auto looks = store.count("load_bans");
  store.delay = 50ms;
  start_again();
  w.advance(49ms);
  EXPECT_EQ(store.count("load_bans"), looks) << "the writer has not answered";
  w.advance(1ms);
  EXPECT_EQ(store.count("load_bans"), looks + 1);
}

TEST_F(ban_keeper_test, obeys_operators_at_once_and_answers_when_it_is_durable) {
  const auto before = store.count("save_bans");
  store.delay = 50ms;
  auto banned = w.send<ban_changed>(keeper, change_ban{.who = address(7), .length = 3'600s});
  w.run();
  EXPECT_TRUE(is_banned(7));
  EXPECT_FALSE(banned.arrived());
  auto lifted = w.send<ban_changed>(keeper, change_ban{.who = address(7), .length = {}});
  auto other = w.send<ban_changed>(keeper, change_ban{.who = address(8), .length = 60s});
  w.run();
  EXPECT_FALSE(is_banned(7));
  EXPECT_FALSE(lifted.arrived());
  w.advance(50ms);
  ASSERT_TRUE(banned.arrived());
  EXPECT_EQ(banned.take()->ban->until, store.bans.empty() ? w.now() : w.now() - 50ms + 3'600s);
  w.advance(50ms);
  ASSERT_TRUE(lifted.arrived() && other.arrived());
  EXPECT_FALSE(lifted.take()->ban.has_value());
  EXPECT_EQ(store.bans.size(), 1u);
  EXPECT_EQ(store.count("save_bans"), before + 2);
  EXPECT_EQ(w.events().named("ban.lifted").size(), 1u);
}

TEST_F(ban_keeper_test, whoever_lifts_nothing_need_not_wait) {
  const auto before = store.count("save_bans");
  ASSERT_TRUE(change(9, std::nullopt));
  EXPECT_EQ(store.count("save_bans"), before);
  // Also while a write is under way, and what is lifted was never stored.
  store.delay = 50ms;
  offend(1, 3);
  offend(2, 3);
  auto lifted = w.send<ban_changed>(keeper, change_ban{.who = address(2), .length = {}});
  w.advance(100ms);
  EXPECT_TRUE(lifted.arrived());
  EXPECT_EQ(store.bans.size(), 1u);
}

TEST_F(ban_keeper_test, tells_an_operator_that_the_store_failed_and_tries_again) {
  store.failure = ec::storage_unavailable;
  EXPECT_EQ(code_of(change(7, 60s).error()), ec::storage_unavailable);
  EXPECT_TRUE(is_banned(7)) << "in force all the same";
  EXPECT_EQ(status(), health::degraded);
  store.failure = ec::none;
  w.advance(keep_bans_interval);
  EXPECT_TRUE(store.bans.contains(address(7)));
  EXPECT_EQ(status(), health::ok);
}

TEST_F(ban_keeper_test, lifted_means_that_nothing_is_held_against_the_address) {
  offend(1, 3);
  offend(2, 2);
  ASSERT_TRUE(change(1, std::nullopt));
  ASSERT_TRUE(change(2, std::nullopt));
  offend(1, 2);
  offend(2, 1);
  EXPECT_FALSE(is_banned(1) || is_banned(2));
  offend(1, 1);
  EXPECT_EQ(w.events().named("ban.made").back().fields.at("times"), "1");
}

TEST_F(ban_keeper_test, tells_io_threads_of_many_bans_not_too_often) {
  const auto before = w.bans().version();
  for (std::uint64_t n = 1; n <= 3; ++n)
    offend(n, 3);
  EXPECT_EQ(w.bans().version(), before + 1) << "the first one at once";
  w.advance(publish_interval);
  EXPECT_EQ(w.bans().version(), before + 2);
  EXPECT_TRUE(is_banned(1) && is_banned(2) && is_banned(3));
}

TEST_F(ban_keeper_test, full_says_so_and_keeps_the_longest) {
  for (std::uint64_t n = 1; n <= 5; ++n) {
    offend(n, 3);
    w.advance(1s);
  }
  EXPECT_FALSE(is_banned(1) || is_banned(2));
  EXPECT_TRUE(is_banned(3) && is_banned(4) && is_banned(5));
  EXPECT_EQ(w.ban_figures().count_forced_out(), 2u);
  EXPECT_EQ(w.events().named("ban.list_full").size(), 1u);
  EXPECT_EQ(status(), health::degraded);
  for (std::uint64_t n = 1; n <= 3; ++n)
    ASSERT_TRUE(change(n, 600s));
  EXPECT_EQ(code_of(change(4, 600s).error()), ec::conflict);
  w.advance(60s);
  EXPECT_EQ(status(), health::ok);
}

TEST_F(ban_keeper_test, follows_other_options_at_once) {
  offend(1, 2);
  auto rules = w.config().bans;
  rules.refusals = 1;
  w.ban_rules().change(rules);
  offend(2, 1);
  EXPECT_TRUE(is_banned(2));
  rules.refusals = 0;
  w.ban_rules().change(rules);
  offend(1, 20);
  EXPECT_FALSE(is_banned(1));
  EXPECT_TRUE(is_banned(2)) << "what was decided stays";
}

TEST_F(ban_keeper_test, takes_no_more_reports_than_it_can) {
  for (std::uint32_t i = 0; i < ban_book::max_reports; ++i)
    w.tell(keeper,
           offence{.who = address(1), .what = offence_kind::refusal, .report = *w.bans().begin_report()});
  EXPECT_FALSE(w.bans().begin_report());
  w.run();
  EXPECT_EQ(w.bans().reports(), 0u);
  for (std::uint32_t i = 0; i < 10; ++i)
    w.tell(keeper,
           offence{.who = address(1), .what = offence_kind::refusal, .report = *w.bans().begin_report()});
  w.kill(keeper);
  EXPECT_EQ(w.bans().reports(), 0u) << "what nobody reads does not count";
}

TEST_F(ban_keeper_test, forgets_in_the_store_what_is_over) {
  offend(1, 3);
  w.advance(60s + std::chrono::seconds(w.config().bans.memory_s) + 1s);
  EXPECT_TRUE(store.bans.empty());
}

} // namespace
} // namespace weappd
