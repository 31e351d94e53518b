#include "simulator/busy_receivers.hpp"
#include "simulator/followers.hpp"
#include "simulator/json_text.hpp"
#include "simulator/message_box.hpp"
#include "simulator/message_ids.hpp"
#include "simulator/quotas.hpp"
#include "simulator/subscriptions.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <thread>

namespace weappd::simulator {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

const moment noon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21) + 4h; // in China

// --- subscriptions

TEST(subscriptions_test, each_send_uses_one_credit_of_a_one_time_template) {
  subscriptions consents;
  const subscriptions::subscriber who{"wx", "oA", "t1"};
  EXPECT_FALSE(consents.use(who, false));
  EXPECT_EQ(consents.add(who, 2), 2);
  EXPECT_EQ(consents.add(who, 1), 3);
  EXPECT_EQ(consents.add(who, -1), 2);
  EXPECT_TRUE(consents.use(who, false));
  EXPECT_TRUE(consents.use(who, false));
  EXPECT_FALSE(consents.use(who, false));
  EXPECT_EQ(consents.add(who, 0), 0);
}

TEST(subscriptions_test, a_long_term_template_is_accepted_until_it_is_revoked) {
  subscriptions consents;
  const subscriptions::subscriber who{"wx", "oA", "t1"};
  EXPECT_EQ(consents.accept(who, true), 1);
  EXPECT_TRUE(consents.use(who, true));
  EXPECT_TRUE(consents.use(who, true));
  EXPECT_EQ(consents.accept(who, false), 0);
  EXPECT_FALSE(consents.use(who, true));
}

TEST(subscriptions_test, users_templates_and_apps_are_kept_apart) {
  subscriptions consents;
  consents.add({"wx", "oA", "t1"}, 1);
  EXPECT_FALSE(consents.use({"wx", "oB", "t1"}, false));
  EXPECT_FALSE(consents.use({"wx", "oA", "t2"}, false));
  EXPECT_FALSE(consents.use({"wy", "oA", "t1"}, false));
  EXPECT_TRUE(consents.use({"wx", "oA", "t1"}, false));
}

TEST(subscriptions_test, credits_are_never_less_than_none_and_never_too_many) {
  subscriptions consents;
  const subscriptions::subscriber who{"wx", "oA", "t1"};
  EXPECT_EQ(consents.add(who, -5), 0);
  EXPECT_EQ(consents.add(who, INT64_MAX), subscriptions::max_credits);
  EXPECT_EQ(consents.add(who, INT64_MAX), subscriptions::max_credits);
  EXPECT_EQ(consents.add(who, INT64_MIN), 0);
}

// --- message_ids

TEST(message_ids_test, numbers_rise_and_need_more_than_32_bits) {
  message_ids ids;
  const auto first = ids.next();
  EXPECT_GT(first, std::int64_t{UINT32_MAX});
  EXPECT_EQ(ids.next(), first + 1);
}

TEST(message_ids_test, an_id_is_remembered_for_ten_minutes_for_its_receiver) {
  message_ids ids;
  ids.remember(noon, {"wx", "oA", "m1"}, 7);
  EXPECT_EQ(ids.find(noon + 10min - 1ms, {"wx", "oA", "m1"}), 7);
  EXPECT_EQ(ids.find(noon, {"wx", "oB", "m1"}), std::nullopt);
  EXPECT_EQ(ids.find(noon, {"wy", "oA", "m1"}), std::nullopt);
  EXPECT_EQ(ids.find(noon, {"wx", "oA", "m2"}), std::nullopt);
  EXPECT_EQ(ids.find(noon + 10min, {"wx", "oA", "m1"}), std::nullopt);
  ids.remember(noon + 10min, {"wx", "oA", "m1"}, 8);
  EXPECT_EQ(ids.find(noon + 19min, {"wx", "oA", "m1"}), 8);
}

// --- quotas

TEST(quotas_test, there_is_no_quota_unless_one_is_set) {
  quotas all;
  EXPECT_TRUE(all.set("wx", "/a", {.per_minute = 1, .per_day = {}}));
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(all.count(noon, "wx", "/b"), std::nullopt);
}

TEST(quotas_test, a_minute_is_over_at_the_full_minute) {
  quotas all;
  EXPECT_TRUE(all.set("wx", "/a", {.per_minute = 2, .per_day = {}}));
  EXPECT_EQ(all.count(noon, "wx", "/a"), std::nullopt);
  EXPECT_EQ(all.count(noon + 59s, "wx", "/a"), std::nullopt);
  EXPECT_EQ(all.count(noon + 60s - 1ms, "wx", "/a"), errcode::minute_limit);
  EXPECT_EQ(all.count(noon + 60s, "wx", "/a"), std::nullopt);
}

TEST(quotas_test, a_day_is_over_at_midnight_in_china_and_refusals_count_nothing) {
  quotas all;
  EXPECT_TRUE(all.set("wx", "/a", {.per_minute = 1, .per_day = 2}));
  EXPECT_EQ(all.count(noon, "wx", "/a"), std::nullopt);
  EXPECT_EQ(all.count(noon, "wx", "/a"), errcode::minute_limit);
  EXPECT_EQ(all.count(noon + 1min, "wx", "/a"), std::nullopt);
  EXPECT_EQ(all.count(noon + 2min, "wx", "/a"), errcode::day_limit);
  EXPECT_EQ(all.count(noon + 12h - 1ms, "wx", "/a"), errcode::day_limit);
  EXPECT_EQ(all.count(noon + 12h, "wx", "/a"), std::nullopt);
}

TEST(quotas_test, a_rule_for_all_apps_counts_each_apart_and_gives_way_to_one_of_its_own) {
  quotas all;
  EXPECT_TRUE(all.set("", "/a", {.per_minute = 1, .per_day = {}}));
  EXPECT_TRUE(all.set("wz", "/a", {.per_minute = 2, .per_day = {}}));
  EXPECT_EQ(all.count(noon, "wx", "/a"), std::nullopt);
  EXPECT_EQ(all.count(noon, "wx", "/a"), errcode::minute_limit);
  EXPECT_EQ(all.count(noon, "wy", "/a"), std::nullopt);
  EXPECT_EQ(all.count(noon, "wz", "/a"), std::nullopt);
  EXPECT_EQ(all.count(noon, "wz", "/a"), std::nullopt);
  EXPECT_EQ(all.count(noon, "wz", "/a"), errcode::minute_limit);
}

TEST(quotas_test, a_rule_without_limits_is_none_and_a_bound_keeps_them_few) {
  quotas all;
  for (std::size_t i = 0; i < quotas::max_rules; ++i)
    EXPECT_TRUE(all.set("", "/" + std::to_string(i), {.per_minute = 0, .per_day = {}}));
  EXPECT_FALSE(all.set("", "/more", {.per_minute = 0, .per_day = {}}));
  EXPECT_TRUE(all.set("", "/1", {.per_minute = 1, .per_day = {}}));
  EXPECT_TRUE(all.set("", "/0", {}));
  EXPECT_EQ(all.count(noon, "wx", "/0"), std::nullopt);
  EXPECT_TRUE(all.set("", "/more", {.per_minute = 0, .per_day = {}}));
  EXPECT_EQ(all.count(noon, "wx", "/more"), errcode::minute_limit);
}

// --- busy_receivers

TEST(busy_receivers_test, a_receiver_is_busy_until_the_last_handle_is_gone) {
  busy_receivers all;
  auto first = all.begin("oA");
  ASSERT_TRUE(first);
  auto copy = first;
  EXPECT_FALSE(all.begin("oA"));
  EXPECT_TRUE(all.begin("oB"));
  first.reset();
  EXPECT_FALSE(all.begin("oA"));
  std::thread([&copy] { copy.reset(); }).join();
  EXPECT_TRUE(all.begin("oA"));
}

TEST(busy_receivers_test, a_handle_may_outlive_them) {
  auto all = std::make_unique<busy_receivers>();
  const auto handle = all->begin("oA");
  all.reset();
  EXPECT_TRUE(handle);
}

// --- followers

TEST(followers_test, the_openid_of_a_unionid_depends_on_the_app_and_nothing_else) {
  followers one("wx_one");
  followers again("wx_one");
  followers two("wx_two");
  const auto openid = one.join_by_unionid("uA").openid;
  EXPECT_EQ(openid.size(), 28U);
  EXPECT_EQ(openid.front(), 'o');
  (void)again.join_by_unionid("uB");
  EXPECT_EQ(again.join_by_unionid("uA").openid, openid);
  EXPECT_NE(two.join_by_unionid("uA").openid, openid);
  EXPECT_NE(one.join_by_unionid("uB").openid, openid);
  EXPECT_EQ(one.count(), 2U);
}

TEST(followers_test, an_openid_of_ones_own_takes_the_place_of_the_derived_one) {
  followers all("wx");
  const auto derived = all.join_by_unionid("uA").openid;
  all.set_follows(all.join_by_unionid("uA"), false);
  EXPECT_FALSE(all.join("oA", "uA").follows) << "it is the same person";
  EXPECT_EQ(all.find(derived), nullptr);
  EXPECT_EQ(all.join_by_unionid("uA").openid, "oA");
  EXPECT_EQ(all.count(), 0U);
}

TEST(followers_test, a_new_unionid_frees_the_old_one) {
  followers all("wx");
  (void)all.join("oA", "uA");
  EXPECT_EQ(all.join("oA", "uB").unionid, "uB");
  EXPECT_NE(all.join_by_unionid("uA").openid, "oA");
  EXPECT_EQ(all.join_by_unionid("uB").openid, "oA");
}

TEST(followers_test, pages_hold_followers_in_order_and_their_count_follows) {
  followers all("wx");
  for (const std::string openid : {"oC", "oA", "oB"})
    (void)all.join(openid, std::nullopt);
  EXPECT_EQ(all.page(""), (std::vector<std::string_view>{"oA", "oB", "oC"}));
  all.set_follows(all.join("oB", std::nullopt), false);
  EXPECT_EQ(all.count(), 2U);
  EXPECT_EQ(all.page("oA"), std::vector<std::string_view>{"oC"});
  EXPECT_TRUE(all.page("oC").empty());
  all.set_follows(all.join("oB", std::nullopt), true);
  EXPECT_EQ(all.page("oA").size(), 2U);
}

TEST(followers_test, a_page_is_bounded_and_the_next_one_goes_on) {
  followers all("wx");
  for (std::size_t i = 0; i < followers::max_page + 5; ++i)
    (void)all.join("o" + std::to_string(1'000'000 + i), std::nullopt);
  const auto page = all.page("");
  ASSERT_EQ(page.size(), followers::max_page);
  EXPECT_EQ(all.page(std::string(page.back())).size(), 5U);
}

TEST(followers_test, the_oldest_makes_room_for_the_newest) {
  followers all("wx");
  const auto oldest = all.join_by_unionid("uA").openid;
  for (std::size_t i = 0; i < followers::max_people; ++i)
    (void)all.join("x" + std::to_string(i), std::nullopt);
  EXPECT_EQ(all.count(), followers::max_people);
  EXPECT_EQ(all.find(oldest), nullptr);
  EXPECT_EQ(all.join_by_unionid("uA").openid, oldest) << "and can come back";
  EXPECT_EQ(all.find("x0"), nullptr);
}

// --- message_box

class message_box_test : public testing::Test {
protected:
  void add(const std::string& openid, const template_definition& of, const std::string& text,
           const std::string& id = {}) {
    box.add(noon, of, {openid, {text}, id});
  }
  json report(const message_box::filter& of = {}) { return parse_json(box.report(of)).value(); }

  template_definition one{.id = "t1", .fields = {"thing1"}};
  template_definition two{.id = "t2", .fields = {"thing2"}};
  message_box box;
};

TEST_F(message_box_test, it_shows_what_was_delivered) {
  box.add(noon, {.id = "t", .fields = {"thing1", "name2"}}, {"oA", {"say \"hi\" \\ 你好", "B"}, "m1"});
  add("oB", one, "x");
  EXPECT_EQ(report(), (json{{"count", 2},
                            {"items",
                             {{{"openid", "oA"},
                               {"template_id", "t"},
                               {"at", "2026-11-21T04:00:00.000Z"},
                               {"client_msg_id", "m1"},
                               {"data", {{"thing1", "say \"hi\" \\ 你好"}, {"name2", "B"}}}},
                              {{"openid", "oB"},
                               {"template_id", "t1"},
                               {"at", "2026-11-21T04:00:00.000Z"},
                               {"data", {{"thing1", "x"}}}}}}}));
}

TEST_F(message_box_test, it_can_be_asked_for_a_user_a_template_or_a_part) {
  for (int i = 0; i < 3; ++i)
    add("oA", one, std::to_string(i));
  add("oA", two, "x");
  add("oB", one, "y");
  EXPECT_EQ(report({.openid = "oA", .template_id = {}})["count"], 4);
  EXPECT_EQ(report({.openid = "oA", .template_id = "t1"})["count"], 3);
  EXPECT_EQ(report({.openid = {}, .template_id = "t1"})["count"], 4);
  EXPECT_EQ(report({.openid = {}, .template_id = "t1"})["items"].size(), 4U);
  EXPECT_EQ(report({.openid = "oC", .template_id = {}}), (json{{"count", 0}, {"items", json::array()}}));
  EXPECT_EQ(report({.openid = {}, .template_id = "t3"})["count"], 0);
  const auto part = report({.openid = "oA", .template_id = "t1", .offset = 1, .limit = 1});
  EXPECT_EQ(part["count"], 3);
  ASSERT_EQ(part["items"].size(), 1U);
  EXPECT_EQ(part["items"][0]["data"]["thing1"], "1");
}

TEST_F(message_box_test, templates_of_one_id_in_two_apps_keep_their_fields) {
  add("oA", one, "x");
  add("oA", {.id = "t1", .fields = {"phrase9"}}, "y");
  const auto shown = report({.openid = "oA", .template_id = "t1"});
  EXPECT_EQ(shown["count"], 2);
  EXPECT_EQ(shown["items"][1]["data"], (json{{"phrase9", "y"}}));
}

TEST_F(message_box_test, the_count_stays_exact_when_old_messages_are_not_kept_any_more) {
  for (std::size_t i = 0; i < message_box::max_items + 3; ++i)
    add(i < 2 ? "oA" : "oB", one, "x");
  EXPECT_EQ(report({.openid = "oA", .template_id = {}}), (json{{"count", 2}, {"items", json::array()}}));
  const auto all = report({.openid = {}, .template_id = {}, .offset = message_box::max_items - 1});
  EXPECT_EQ(all["count"], message_box::max_items + 3);
  EXPECT_EQ(all["items"].size(), 1U);
}

TEST_F(message_box_test, large_messages_push_older_ones_out) {
  const std::string large(1U << 20, 'x');
  for (std::size_t i = 0; i < message_box::max_bytes / large.size() + 10; ++i)
    add("oA", one, large);
  EXPECT_EQ(
      report({.openid = {}, .template_id = {}, .offset = message_box::max_bytes / large.size() - 1})["items"]
          .size(),
      0U);
}

} // namespace
} // namespace weappd::simulator
