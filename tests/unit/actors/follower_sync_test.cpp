#include "actors/follower_sync.hpp"

#include "tests/kit/actors/whole_world.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace weappd {
namespace {

using namespace std::chrono_literals;

constexpr auto confirm_template = "industry:order_confirm";
const app_key account{"demo_oa"};

/// A whole server in virtual time, and people who follow its official account.
struct a_follower_sync : ::testing::Test {
  explicit a_follower_sync(options config = world_options()) : w(std::move(config)) {
    w.wechat->on_exchange = [this](const exchange_code&) {
      return identity_of("mini-" + person, "u-" + person);
    };
  }

  void start() {
    w.start();
    w.advance(1s);
  }
  /// Somebody follows the account.
  openid follow(const std::string& who) {
    openid id("oa-" + who);
    w.wechat->followers[id] = unionid("u-" + who);
    return id;
  }
  /// Somebody logs in to the mini program.
  user_id log_in(const std::string& who) {
    person = who;
    const auto grant = w.ask<token_grant>(
        w.directory().logins.pick(0),
        login{.app = {"demo"}, .code = secret("code-" + std::to_string(++codes)), .device = {}});
    EXPECT_TRUE(grant);
    return grant ? grant->user->id : user_id{};
  }
  /// Whom the account's openid belongs to; 0: nobody.
  user_id user_of(const openid& who) const {
    const auto found = w.store->identities.find({account, who});
    return found == w.store->identities.end() ? user_id{} : found->second;
  }
  follower_sync_actor sync() { return w.directory().follower_syncs.at(account).get(); }
  status_report status() { return *w.ask<status_report>(sync(), get_status{}); }
  void fail_with(ec code) {
    w.wechat->on_list = [code](const list_followers&) { return make_error(code); };
  }

  whole_world w;
  std::string person;
  int codes = 0;
};

TEST_F(a_follower_sync, knows_a_user_who_followed_before_the_first_login) {
  const auto alice = follow("alice");
  start();
  EXPECT_TRUE(w.store->users.empty()) << "nobody is made a user by following";
  const auto user = log_in("alice");
  EXPECT_EQ(user_of(alice), user) << "at once: the account's list is in the store";
  EXPECT_EQ(w.wechat->described.size(), 1u);
}

TEST_F(a_follower_sync, looks_when_a_login_brings_a_new_unionid) {
  start();
  const auto alice = follow("alice");
  const auto user = log_in("alice");
  w.advance(1s);
  EXPECT_EQ(user_of(alice), user);
}

TEST_F(a_follower_sync, looks_when_a_message_finds_no_openid) {
  start();
  const auto user = log_in("alice");
  w.advance(2s);
  const auto alice = follow("alice");
  const auto post = [&] {
    message_draft draft;
    draft.id = {1'000};
    draft.to = user;
    draft.app = account;
    draft.template_name = confirm_template;
    draft.created_at = draft.send_at = w.now();
    return w.ask<message_accepted>(w.directory().pusher_of(user),
                                   accept_message{.draft = draft, .guard = {}, .answers = {}});
  };
  EXPECT_EQ(code_of(post().error()), ec::no_openid);
  w.advance(1s);
  ASSERT_EQ(user_of(alice), user);
  ASSERT_TRUE(post());
  EXPECT_EQ(w.wechat->sends.back().to, alice);
}

TEST_F(a_follower_sync, reads_the_list_again_when_its_time_has_come) {
  start();
  const auto user = log_in("alice");
  w.advance(2s);
  const auto alice = follow("alice");
  w.advance(6h - 1min);
  EXPECT_EQ(user_of(alice), user_id{});
  w.advance(2min);
  EXPECT_EQ(user_of(alice), user);
}

TEST_F(a_follower_sync, asks_only_about_those_whom_the_store_does_not_know) {
  for (int i = 0; i < 250; ++i)
    follow(std::to_string(i));
  w.wechat->follower_page = 100;
  start();
  EXPECT_EQ(w.wechat->described.size(), 250u);
  EXPECT_EQ(w.store->followers.size(), 250u);
  follow("one more");
  w.advance(6h);
  EXPECT_EQ(w.wechat->described.size(), 251u);
}

TEST_F(a_follower_sync, that_dies_goes_on_where_it_was) {
  for (int i = 0; i < 1'000; ++i)
    follow(std::to_string(i));
  w.wechat->delay = 100ms;
  w.start();
  w.advance(900ms);
  const auto before = w.store->followers.size();
  ASSERT_GT(before, 0u);
  ASSERT_LT(before, 1'000u);
  w.kill(sync());
  w.advance(10s);
  EXPECT_EQ(w.store->followers.size(), 1'000u);
  EXPECT_LE(w.wechat->described.size(), 1'100u) << "one group may have been under way";
}

TEST_F(a_follower_sync, makes_one_call_at_a_time_and_not_too_many) {
  for (int i = 0; i < 20'000; ++i)
    follow(std::to_string(i));
  w.wechat->follower_page = 1'000;
  w.start();
  w.advance(2s);
  const auto calls = w.wechat->follower_lists + w.wechat->follower_descriptions;
  EXPECT_GT(calls, 20);
  EXPECT_LE(calls, 100);
}

TEST_F(a_follower_sync, renews_a_token_that_was_refused_once_for_each_step) {
  follow("alice");
  const auto good = w.wechat->on_list;
  int refusals = 0;
  w.wechat->on_list = [&, good](const list_followers& m) -> caf::expected<followers_listed> {
    if (m.access_token == secret("token-1") || m.access_token == secret("token-2")) {
      ++refusals;
      return make_error(ec::token_rejected);
    }
    return good(m);
  };
  start();
  EXPECT_EQ(refusals, 1);
  EXPECT_EQ(w.store->followers.size(), 1u);
}

TEST_F(a_follower_sync, rests_until_midnight_in_china_when_the_quota_is_used_up) {
  const auto good = w.wechat->on_list;
  fail_with(ec::quota_exhausted);
  start();
  EXPECT_EQ(status().state, health::degraded);
  log_in("alice");
  w.advance(15h);
  EXPECT_EQ(w.wechat->follower_lists, 1) << "nobody asks, whoever looks";
  w.wechat->on_list = good;
  w.advance(1h + 3min); // the world begins at midnight UTC
  EXPECT_GT(w.wechat->follower_lists, 1);
  EXPECT_EQ(status().state, health::ok);
}

TEST_F(a_follower_sync, waits_longer_and_longer_while_the_platform_cannot_be_reached) {
  const auto good = w.wechat->on_list;
  fail_with(ec::wechat_unavailable);
  start();
  w.advance(1h);
  EXPECT_LT(w.wechat->follower_lists, 20);
  EXPECT_NE(status().detail.find("wechat_unavailable"), std::string::npos);
  w.wechat->on_list = good;
  const auto alice = follow("alice");
  w.advance(10min);
  EXPECT_EQ(w.store->followers.count({account, alice}), 1u);
  EXPECT_EQ(status().state, health::ok);
}

TEST_F(a_follower_sync, says_so_when_nobody_has_a_unionid) {
  for (int i = 0; i < 3; ++i)
    w.wechat->followers[openid("oa-" + std::to_string(i))] = {};
  start();
  EXPECT_EQ(status().state, health::degraded);
  EXPECT_NE(status().detail.find("unionid"), std::string::npos);
  EXPECT_EQ(w.events().named("followers.without_unionid").size(), 1u);
}

TEST_F(a_follower_sync, looks_at_most_as_often_as_the_budget_allows) {
  start();
  for (int i = 0; i < 200; ++i) {
    log_in(std::to_string(i));
    w.advance(2s);
  }
  EXPECT_LE(w.wechat->follower_lists, 1 + 60 + 2);
  EXPECT_GE(w.wechat->follower_lists, 60);
  const auto before = w.wechat->follower_lists;
  w.advance(1h);
  EXPECT_EQ(w.wechat->follower_lists, before + 1) << "what was asked for meanwhile is one look";
}

// -- events

TEST_F(a_follower_sync, hears_of_a_new_follower_and_reads_no_list_for_it) {
  start();
  const auto user = log_in("alice");
  w.advance(2s);
  const auto lists = w.wechat->follower_lists;
  const auto alice = follow("alice");
  w.tell(sync(), follower_changed{alice, true});
  w.advance(1s);
  EXPECT_EQ(user_of(alice), user);
  EXPECT_EQ(w.wechat->follower_lists, lists);
}

TEST_F(a_follower_sync, marks_a_user_who_leaves_and_one_who_comes_back_is_marked_no_more) {
  const auto alice = follow("alice");
  start();
  const auto user = log_in("alice");
  w.advance(1s);
  w.tell(sync(), follower_changed{alice, false});
  w.run();
  EXPECT_EQ(w.store->users.at(user).marks.at(account), user_mark::not_following);
  w.tell(sync(), follower_changed{alice, true});
  w.advance(1s);
  EXPECT_FALSE(w.store->users.at(user).marks.contains(account));
}

TEST_F(a_follower_sync, takes_the_mark_off_a_user_who_is_on_the_list_again) {
  const auto alice = follow("alice");
  start();
  const auto user = log_in("alice");
  w.store->users.at(user).marks[account] = user_mark::not_following;
  w.advance(6h);
  EXPECT_FALSE(w.store->users.at(user).marks.contains(account));
}

TEST_F(a_follower_sync, is_not_kept_from_the_list_by_events) {
  start();
  const auto user = log_in("alice");
  w.advance(2s);
  const auto alice = follow("alice");
  const auto bob = follow("bob");
  for (int i = 0; i < 7; ++i) {
    w.advance(1h);
    w.tell(sync(), follower_changed{bob, true});
  }
  w.run();
  EXPECT_EQ(user_of(alice), user);
}

struct a_follower_sync_that_is_off : a_follower_sync {
  a_follower_sync_that_is_off()
      : a_follower_sync([] {
          auto config = world_options();
          config.push.followers_refresh_s = 0;
          return config;
        }()) {}
};

TEST_F(a_follower_sync_that_is_off, reads_no_list_and_hears_of_changes_all_the_same) {
  start();
  const auto user = log_in("alice");
  w.advance(24h);
  EXPECT_EQ(w.wechat->follower_lists, 0);
  const auto alice = follow("alice");
  w.tell(sync(), follower_changed{alice, true});
  w.advance(1s);
  EXPECT_EQ(user_of(alice), user);
  EXPECT_EQ(w.wechat->follower_lists, 0);
}

} // namespace
} // namespace weappd
