#include "actors/token_refresher.hpp"

#include "tests/kit/actors/fakes.hpp"
#include "tests/kit/actors/world.hpp"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;

class token_refresher_test : public ::testing::Test {
protected:
  void start() {
    w.directory().wechat.set(w.spawn(fake_wechat_gateway, wechat));
    refresher = w.spawn(token_refresher, w.services(), app_key{"demo"});
    w.run();
  }
  caf::expected<token_lease> ask() { return w.ask<token_lease>(refresher, get_access_token{}); }
  std::string token() {
    const auto lease = ask();
    return lease ? lease->token.reveal() : std::string(describe(code_of(lease.error())).name);
  }
  status_report status() { return *w.ask<status_report>(refresher, get_status{}); }
  void reject(std::uint64_t epoch) {
    w.tell(refresher, access_token_rejected{epoch});
    w.run();
  }
  /// From now on the platform answers with this error.
  void break_wechat(ec failure) {
    wechat->on_fetch = [failure](const fetch_access_token&) { return make_error(failure, "errcode 7"); };
  }
  /// From now on it answers with this token.
  void give(std::string text, std::chrono::seconds life = 2h) {
    wechat->on_fetch = [text, life](const fetch_access_token&) {
      return access_token_fetched{.token = secret(text), .expires_in = life};
    };
  }

  /// stable_token in normal mode: the same token until less than 5 minutes of its life remain.
  void be_stable() {
    struct current {
      int number = 0;
      timestamp ends{};
    };
    wechat->on_fetch = [this, now = std::make_shared<current>()](const fetch_access_token&) {
      if (now->ends - w.now() < 5min)
        *now = {now->number + 1, w.now() + 2h};
      return access_token_fetched{.token = secret("stable-" + std::to_string(now->number)),
                                  .expires_in =
                                      std::chrono::floor<std::chrono::seconds>(now->ends - w.now())};
    };
  }

  world w;
  scripted_wechat_ptr wechat = std::make_shared<scripted_wechat>();
  token_refresher_actor refresher;
};

TEST_F(token_refresher_test, fetches_when_it_starts_and_answers_from_memory) {
  give("first");
  start();
  EXPECT_EQ(wechat->fetches, 1);
  const auto lease = ask();
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->token.reveal(), "first");
  EXPECT_EQ(lease->expires_at, w.now() + 2h);
  EXPECT_EQ(wechat->fetches, 1);
  EXPECT_EQ(status().state, health::ok);
}

TEST_F(token_refresher_test, ten_thousand_who_ask_a_cold_refresher_cause_one_fetch) {
  give("only");
  wechat->delay = 300ms;
  start();
  std::vector<pending<token_lease>> askers;
  for (int i = 0; i < 10'000; ++i)
    askers.push_back(w.send<token_lease>(refresher, get_access_token{}));
  w.run();
  EXPECT_FALSE(askers.front().arrived());
  EXPECT_EQ(status().state, health::down);
  w.advance(300ms);
  for (auto& asker : askers)
    ASSERT_EQ(asker.take()->token.reveal(), "only");
  EXPECT_EQ(wechat->fetches, 1);
}

TEST_F(token_refresher_test, a_token_is_replaced_before_the_refresh_margin_of_600_s_is_used_up) {
  start();
  const auto first = *ask();
  w.advance(2h - 600s - 1s);
  EXPECT_EQ(wechat->fetches, 1);
  EXPECT_EQ(ask()->epoch, first.epoch);
  w.advance(1s + 30s);
  EXPECT_EQ(wechat->fetches, 2);
  const auto second = *ask();
  EXPECT_EQ(second.epoch, first.epoch + 1);
  EXPECT_NE(second.token.reveal(), first.token.reveal());
}

TEST_F(token_refresher_test, the_old_token_is_answered_while_the_next_is_fetched) {
  start();
  const auto first = token();
  wechat->delay = 40s;
  w.advance(2h - 600s + 31s);
  ASSERT_EQ(wechat->fetches, 2);
  ASSERT_EQ(wechat->fetches_under_way, 1);
  EXPECT_EQ(token(), first);
  w.advance(40s);
  EXPECT_NE(token(), first);
}

TEST_F(token_refresher_test, thirty_days_have_a_token_at_each_moment_and_at_most_15_fetches_a_day) {
  wechat->delay = 800ms;
  start();
  w.advance(1s);
  int before = 1;
  for (int day = 0; day < 30; ++day) {
    for (int minute = 0; minute < 24 * 60; ++minute) {
      w.advance(1min);
      const auto lease = ask();
      ASSERT_TRUE(lease);
      ASSERT_GT(lease->expires_at, w.now());
    }
    EXPECT_LE(wechat->fetches - before, 15) << "day " << day;
    EXPECT_GE(wechat->fetches - before, 12) << "day " << day;
    before = wechat->fetches;
  }
  EXPECT_EQ(wechat->most_fetches_at_once, 1);
}

TEST_F(token_refresher_test, thirty_days_of_stable_tokens_cost_at_most_15_fetches_a_day_too) {
  be_stable();
  wechat->delay = 800ms;
  start();
  w.advance(1s);
  int before = 1;
  for (int day = 0; day < 30; ++day) {
    for (int minute = 0; minute < 24 * 60; ++minute) {
      w.advance(1min);
      ASSERT_TRUE(ask());
    }
    EXPECT_LE(wechat->fetches - before, 15) << "day " << day;
    before = wechat->fetches;
  }
  EXPECT_EQ(wechat->most_fetches_at_once, 1);
}

TEST_F(token_refresher_test, a_refused_token_is_replaced_at_once_and_nobody_gets_it_meanwhile) {
  start();
  const auto first = *ask();
  wechat->delay = 1s;
  reject(first.epoch);
  EXPECT_EQ(wechat->fetches, 2);
  auto asker = w.send<token_lease>(refresher, get_access_token{});
  w.run();
  EXPECT_FALSE(asker.arrived());
  w.advance(1s);
  const auto second = asker.take();
  ASSERT_TRUE(second);
  EXPECT_NE(second->token.reveal(), first.token.reveal());
  EXPECT_EQ(second->epoch, first.epoch + 1);
}

TEST_F(token_refresher_test, a_hundred_refusals_of_one_token_cause_one_fetch) {
  start();
  const auto epoch = ask()->epoch;
  wechat->delay = 1s;
  for (int i = 0; i < 100; ++i)
    w.tell(refresher, access_token_rejected{epoch});
  w.advance(1s);
  EXPECT_EQ(wechat->fetches, 2);
}

TEST_F(token_refresher_test, a_refusal_while_a_fetch_is_under_way_starts_no_second_one) {
  start();
  const auto epoch = ask()->epoch;
  wechat->delay = 40s;
  w.advance(2h - 600s + 31s);
  ASSERT_EQ(wechat->fetches_under_way, 1);
  reject(epoch);
  EXPECT_EQ(wechat->fetches, 2);
  EXPECT_EQ(wechat->most_fetches_at_once, 1);
  w.advance(40s);
  EXPECT_EQ(ask()->epoch, epoch + 1);
}

TEST_F(token_refresher_test, a_token_fetched_early_is_not_fetched_again_at_the_time_of_the_old_one) {
  start();
  w.advance(1h);
  reject(ask()->epoch);
  ASSERT_EQ(wechat->fetches, 2);
  w.advance(1h);
  EXPECT_EQ(wechat->fetches, 2);
}

TEST_F(token_refresher_test, a_late_refusal_of_an_old_token_does_nothing) {
  start();
  const auto old = ask()->epoch;
  reject(old);
  ASSERT_EQ(wechat->fetches, 2);
  const auto current = token();
  reject(old);
  reject(old + 7);
  EXPECT_EQ(wechat->fetches, 2);
  EXPECT_EQ(token(), current);
  EXPECT_EQ(w.events().named("token.foreign_refresher").size(), 1u); // the refusal that was not late
}

TEST_F(token_refresher_test, a_token_that_somebody_else_replaced_is_counted_logged_and_shown_for_an_hour) {
  start();
  w.advance(30min);
  reject(ask()->epoch);
  const auto events = w.events().named("token.foreign_refresher");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].level, event_level::warn);
  EXPECT_EQ(events[0].fields.at("count"), "1");
  EXPECT_EQ(events[0].fields.at("token_age_s"), "1800");
  EXPECT_EQ(status().state, health::degraded);
  w.advance(20min);
  reject(ask()->epoch);
  EXPECT_EQ(w.events().named("token.foreign_refresher").back().fields.at("count"), "2");
  EXPECT_NE(status().detail.find("somebody else: 2 times"), std::string::npos) << status().detail;
  w.advance(59min);
  EXPECT_EQ(status().state, health::degraded);
  w.advance(1min);
  EXPECT_EQ(status().state, health::ok);
  EXPECT_NE(status().detail.find("somebody else: 2 times"), std::string::npos) << status().detail;
}

TEST_F(token_refresher_test, our_own_refresh_and_the_end_of_a_token_are_nobody_elses) {
  wechat->on_fetch = [this](const fetch_access_token&) {
    return access_token_fetched{secret("token-" + std::to_string(wechat->fetches)), 5min};
  };
  start();
  reject(ask()->epoch); // near its end: the platform may have replaced it by itself
  EXPECT_TRUE(w.events().named("token.foreign_refresher").empty());
  EXPECT_EQ(status().state, health::ok);
}

TEST_F(token_refresher_test, a_refusal_while_we_fetch_may_be_our_own_doing) {
  start();
  const auto epoch = ask()->epoch;
  wechat->delay = 40s;
  w.advance(2h - 600s + 31s);
  ASSERT_EQ(wechat->fetches_under_way, 1);
  reject(epoch);
  w.advance(40s);
  ASSERT_EQ(ask()->epoch, epoch + 1);
  EXPECT_TRUE(w.events().named("token.foreign_refresher").empty());
}

TEST_F(token_refresher_test, a_false_report_of_a_good_token_is_no_sign_of_somebody_else) {
  give("sticky");
  start();
  reject(ask()->epoch);
  give("another");
  w.advance(2h);
  EXPECT_TRUE(w.events().named("token.foreign_refresher").empty());
}

TEST_F(token_refresher_test, the_very_token_that_was_refused_is_asked_for_again_with_growing_waits) {
  give("sticky");
  start();
  const auto epoch = ask()->epoch;
  reject(epoch);
  EXPECT_EQ(wechat->fetches, 2);
  EXPECT_EQ(status().state, health::degraded);
  EXPECT_EQ(token(), "sticky");
  EXPECT_EQ(ask()->epoch, epoch);
  ASSERT_EQ(w.events().named("token.refused_but_unchanged").size(), 1u);
  // Complaints each second: tries by the back-off, not by the complaints.
  for (int second = 0; second < 600; ++second) {
    reject(epoch);
    w.advance(1s);
  }
  EXPECT_EQ(status().state, health::degraded);
  EXPECT_GT(wechat->fetches, 10);
  EXPECT_LT(wechat->fetches, 60);
  give("fresh");
  w.advance(61s);
  EXPECT_EQ(token(), "fresh");
  EXPECT_EQ(status().state, health::ok);
}

TEST_F(token_refresher_test, a_doubted_token_that_nobody_complains_of_is_trusted_again) {
  give("sticky");
  start();
  reject(ask()->epoch);
  ASSERT_EQ(status().state, health::degraded);
  w.advance(2s);
  EXPECT_EQ(status().state, health::ok);
  EXPECT_EQ(wechat->fetches, 3);
  w.advance(1h);
  EXPECT_EQ(wechat->fetches, 3);
}

TEST_F(token_refresher_test, without_a_token_askers_get_the_error_and_the_platform_only_the_scheduled_tries) {
  break_wechat(ec::wechat_timeout);
  start();
  EXPECT_EQ(token(), "wechat_timeout");
  EXPECT_EQ(status().state, health::down);
  EXPECT_NE(status().detail.find("wechat_timeout"), std::string::npos);
  for (int i = 0; i < 1'000; ++i)
    (void)ask();
  EXPECT_EQ(wechat->fetches, 1);
  w.advance(10min);
  EXPECT_GE(wechat->fetches, 10);
  EXPECT_LE(wechat->fetches, 60);
  give("at last");
  w.advance(1min);
  EXPECT_EQ(token(), "at last");
  EXPECT_EQ(status().state, health::ok);
}

TEST_F(token_refresher_test, who_waits_for_a_fetch_that_fails_gets_its_error) {
  break_wechat(ec::wechat_unavailable);
  wechat->delay = 1s;
  start();
  auto asker = w.send<token_lease>(refresher, get_access_token{});
  w.advance(1s);
  ASSERT_TRUE(asker.arrived());
  EXPECT_EQ(code_of(asker.take().error()), ec::wechat_unavailable);
}

TEST_F(token_refresher_test, an_outage_degrades_while_the_token_lives_and_is_down_after_it) {
  start();
  const auto first = token();
  break_wechat(ec::wechat_unavailable);
  w.advance(2h - 1min);
  EXPECT_EQ(token(), first);
  EXPECT_EQ(status().state, health::degraded);
  w.advance(1min);
  EXPECT_EQ(token(), "wechat_unavailable");
  EXPECT_EQ(status().state, health::down);
  give("again");
  w.advance(1min);
  EXPECT_EQ(token(), "again");
  EXPECT_EQ(status().state, health::ok);
}

TEST_F(token_refresher_test, a_wrong_secret_is_not_tried_in_a_tight_loop) {
  break_wechat(ec::wechat_misconfigured);
  start();
  w.advance(1h);
  EXPECT_LE(wechat->fetches, 121);
  EXPECT_GE(wechat->fetches, 60);
  EXPECT_EQ(token(), "wechat_misconfigured");
}

TEST_F(token_refresher_test, a_token_without_text_or_life_is_a_failure) {
  give("", 2h);
  start();
  EXPECT_EQ(token(), "wechat_unavailable");
  give("dead", 0s);
  w.advance(1min);
  EXPECT_EQ(token(), "wechat_unavailable");
}

TEST_F(token_refresher_test, a_fetch_that_is_never_answered_fails_after_a_minute) {
  wechat->delay = 24h;
  start();
  auto asker = w.send<token_lease>(refresher, get_access_token{});
  w.advance(59s);
  EXPECT_FALSE(asker.arrived());
  w.advance(1s);
  EXPECT_EQ(code_of(asker.take().error()), ec::wechat_timeout);
  wechat->delay = 0ms;
  w.advance(1s);
  EXPECT_TRUE(ask());
}

TEST_F(token_refresher_test, a_gateway_that_dies_and_comes_back_is_found_again) {
  wechat->delay = 1s;
  start();
  auto asker = w.send<token_lease>(refresher, get_access_token{});
  w.run();
  w.kill(w.directory().wechat.get());
  EXPECT_EQ(code_of(asker.take().error()), ec::overloaded);
  wechat->delay = 0ms;
  w.directory().wechat.set(w.spawn(fake_wechat_gateway, wechat));
  w.advance(2s);
  EXPECT_TRUE(ask());
}

TEST_F(token_refresher_test, who_waits_when_the_refresher_dies_is_answered) {
  wechat->delay = 1s;
  start();
  auto asker = w.send<token_lease>(refresher, get_access_token{});
  w.run();
  w.kill(refresher);
  ASSERT_TRUE(asker.arrived());
  EXPECT_EQ(code_of(asker.take().error()), ec::overloaded);
  w.advance(1s); // the gateway's answer to nobody
}

TEST_F(token_refresher_test, more_waiters_than_it_may_hold_are_refused) {
  wechat->delay = 1s;
  start();
  // One asker for all: what counts is the number of questions.
  caf::scoped_actor crowd(w.system());
  for (std::size_t i = 0; i < max_token_waiters; ++i)
    crowd->send(refresher, get_access_token{});
  w.run();
  EXPECT_EQ(token(), "overloaded");
  w.advance(1s);
  EXPECT_TRUE(ask());
}

TEST_F(token_refresher_test, a_jump_of_civil_time_changes_nothing) {
  start();
  const auto first = token();
  w.wall().jump(24h);
  w.run();
  EXPECT_EQ(token(), first);
  EXPECT_EQ(wechat->fetches, 1);
}

TEST_F(token_refresher_test, a_restarted_refresher_repeats_no_epoch) {
  start();
  const auto before = ask()->epoch;
  w.kill(refresher);
  w.advance(1ms);
  refresher = w.spawn(token_refresher, w.services(), app_key{"demo"});
  w.run();
  EXPECT_GT(ask()->epoch, before);
}

TEST_F(token_refresher_test, tokens_are_in_no_event) {
  give("canary-token");
  start();
  reject(ask()->epoch);
  break_wechat(ec::wechat_timeout);
  w.advance(2h);
  ASSERT_FALSE(w.events().named("token.refresh_failed").empty());
  ASSERT_FALSE(w.events().named("token.refreshed").empty());
  for (const auto& event : w.events().all())
    for (const auto& [name, value] : event.fields)
      EXPECT_EQ(value.find("canary"), std::string::npos) << event.name << ' ' << name;
}

} // namespace
} // namespace weappd
