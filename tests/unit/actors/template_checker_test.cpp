#include "actors/template_checker.hpp"

#include "actors/token_refresher.hpp"
#include "tests/kit/actors/fake_parts.hpp"

#include <gtest/gtest.h>

namespace weappd {
namespace {

using namespace std::chrono_literals;

struct template_checker_test : ::testing::Test {
  world w;
  fake_parts parts{w};
  scripted_wechat& wechat = *parts.wechat;
  template_checker_actor checker;

  void start() {
    w.directory().tokens.at({"demo"}).set(w.spawn(token_refresher, w.services(), app_key{"demo"}));
    checker = w.spawn(template_checker, w.services(), app_key{"demo"});
    w.run();
  }
  status_report status() { return *w.ask<status_report>(checker, get_status{}); }
  /// From now on the platform has these, besides what on_templates had.
  void change(std::function<void(templates_fetched&)> by) {
    wechat.on_templates = [before = wechat.on_templates,
                           by](const fetch_templates& m) -> caf::expected<templates_fetched> {
      auto all = before(m);
      by(*all);
      return all;
    };
  }
  void fail_with(ec code) {
    wechat.on_templates = [code](const fetch_templates&) { return make_error(code); };
  }
};

TEST_F(template_checker_test, templates_as_at_the_platform_are_ok_and_compared_every_hour) {
  start();
  EXPECT_EQ(status().state, health::ok);
  EXPECT_EQ(status().detail, "as configured");
  EXPECT_EQ(wechat.template_fetches, 1);
  w.advance(1h);
  EXPECT_EQ(wechat.template_fetches, 2);
  EXPECT_TRUE(w.events().named("template.mismatch").empty());
}

TEST_F(template_checker_test, a_difference_is_shown_and_logged_once_until_it_is_gone) {
  const auto good = wechat.on_templates;
  change([](templates_fetched& all) { all.items[0].fields.push_back("thing5"); });
  start();
  EXPECT_EQ(status().state, health::degraded);
  EXPECT_NE(status().detail.find("custom:order_paid has the field thing5"), std::string::npos)
      << status().detail;
  w.advance(5h);
  const auto events = w.events().named("template.mismatch");
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].fields.at("template"), "custom:order_paid");
  EXPECT_EQ(events[0].fields.at("field"), "thing5");
  EXPECT_EQ(events[0].fields.at("difference"), "missing_field");
  wechat.on_templates = good;
  w.advance(1h);
  EXPECT_EQ(status().state, health::ok);
  change([](templates_fetched& all) { all.items[0].fields.push_back("thing5"); });
  w.advance(1h);
  EXPECT_EQ(w.events().named("template.mismatch").size(), 2u);
}

TEST_F(template_checker_test, a_platform_that_fails_is_asked_again_with_growing_waits_and_then_it_works) {
  const auto good = wechat.on_templates;
  fail_with(ec::wechat_unavailable);
  start();
  EXPECT_EQ(status().state, health::degraded);
  EXPECT_NE(status().detail.find("wechat_unavailable"), std::string::npos);
  w.advance(5s);
  EXPECT_EQ(wechat.template_fetches, 2);
  w.advance(9s);
  EXPECT_EQ(wechat.template_fetches, 2);
  w.advance(1s);
  EXPECT_EQ(wechat.template_fetches, 3);
  w.advance(24h);
  EXPECT_LE(wechat.template_fetches, 10 + 24 * 6);
  EXPECT_GE(wechat.template_fetches, 24 * 6);
  wechat.on_templates = good;
  w.advance(10min);
  EXPECT_EQ(status().state, health::ok);
}

TEST_F(template_checker_test, what_was_different_stays_shown_while_the_platform_fails) {
  change([](templates_fetched& all) { all.items.clear(); });
  start();
  fail_with(ec::wechat_timeout);
  w.advance(1h);
  EXPECT_NE(status().detail.find("custom:ticket_ready"), std::string::npos) << status().detail;
}

TEST_F(template_checker_test, a_refused_token_is_reported_and_the_next_one_works) {
  const auto good = wechat.on_templates;
  wechat.on_templates = [this, good](const fetch_templates& m) -> caf::expected<templates_fetched> {
    if (m.access_token == secret("token-1"))
      return make_error(ec::token_rejected);
    return good(m);
  };
  start();
  EXPECT_EQ(wechat.fetches, 2);
  w.advance(5s);
  EXPECT_EQ(status().state, health::ok);
}

TEST_F(template_checker_test, a_gateway_that_died_is_found_again) {
  wechat.delay = 1s;
  start();
  w.kill(w.directory().wechat.get());
  wechat.delay = 0s;
  parts.start_wechat(w);
  w.advance(1min);
  EXPECT_EQ(status().state, health::ok);
}

TEST_F(template_checker_test, many_differences_make_a_short_status) {
  change([](templates_fetched& all) {
    for (int i = 10; i < 30; ++i)
      all.items[1].fields.push_back("thing" + std::to_string(i));
  });
  start();
  EXPECT_NE(status().detail.find("and 15 more"), std::string::npos) << status().detail;
}

} // namespace
} // namespace weappd
