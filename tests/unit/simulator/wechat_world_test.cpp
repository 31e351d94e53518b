#include "simulator/wechat_world.hpp"

#include "tests/unit/simulator/fixed_random.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weappd::simulator {
namespace {

using namespace std::chrono_literals;
using testing::MatchesRegex;

class wechat_world_test : public testing::Test {
protected:
  wechat_world::login_code code_for(std::optional<std::string> openid,
                                    std::optional<std::string> unionid = {}) {
    return world.make_code(now, std::nullopt, std::move(openid), std::move(unionid)).value();
  }
  auto exchange(const std::string& code) { return world.exchange(now, "wx_one", "s1", code); }
  wechat_world::session log_in(std::optional<std::string> openid) {
    return std::get<wechat_world::session>(exchange(code_for(std::move(openid)).code));
  }

  fixed_random random;
  wechat_world world{{{"wx_one", secret("s1")}, {"wx_two", secret("s2")}}, random};
  moment now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21);
};

TEST_F(wechat_world_test, a_code_becomes_a_session_in_the_shapes_of_wechat) {
  const auto made = code_for(std::nullopt);
  EXPECT_THAT(made.openid, MatchesRegex("o[A-Za-z0-9_-]+"));
  EXPECT_EQ(made.openid.size(), 28U);
  EXPECT_EQ(made.code.size(), 32U);
  const auto session = std::get<wechat_world::session>(exchange(made.code));
  EXPECT_EQ(session.openid, made.openid);
  EXPECT_THAT(session.session_key, MatchesRegex("[A-Za-z0-9+/]+=="));
  EXPECT_EQ(session.session_key.size(), 24U);
  EXPECT_EQ(session.unionid, std::nullopt);
}

TEST_F(wechat_world_test, a_code_works_once) {
  const auto code = code_for("oA").code;
  ASSERT_TRUE(std::holds_alternative<wechat_world::session>(exchange(code)));
  EXPECT_EQ(std::get<errcode>(exchange(code)), errcode::code_used);
}

TEST_F(wechat_world_test, a_code_dies_after_five_minutes) {
  const auto in_time = code_for("oA").code;
  const auto late = code_for("oB").code;
  now += 300s - 1ms;
  EXPECT_TRUE(std::holds_alternative<wechat_world::session>(exchange(in_time)));
  now += 1ms;
  EXPECT_EQ(std::get<errcode>(exchange(late)), errcode::bad_code);
}

TEST_F(wechat_world_test, a_code_of_another_app_is_refused_and_not_used_up) {
  const auto code = world.make_code(now, "wx_two", std::nullopt, std::nullopt).value().code;
  EXPECT_EQ(std::get<errcode>(exchange(code)), errcode::bad_code);
  EXPECT_TRUE(std::holds_alternative<wechat_world::session>(world.exchange(now, "wx_two", "s2", code)));
}

TEST_F(wechat_world_test, an_unknown_code_app_or_secret_is_named) {
  EXPECT_EQ(std::get<errcode>(exchange("made_up")), errcode::bad_code);
  EXPECT_EQ(std::get<errcode>(world.exchange(now, "wx_none", "s1", "c")), errcode::bad_app_id);
  const auto code = code_for("oA").code;
  EXPECT_EQ(std::get<errcode>(world.exchange(now, "wx_one", "wrong", code)), errcode::bad_secret);
  EXPECT_TRUE(std::holds_alternative<wechat_world::session>(exchange(code))) << "a refusal uses nothing up";
  EXPECT_EQ(std::get<errcode>(world.stable_token(now, "wx_one", "s2", false)), errcode::bad_secret);
  EXPECT_EQ(std::get<errcode>(world.classic_token(now, "wx_none", "s1")), errcode::bad_app_id);
  EXPECT_EQ(world.make_code(now, "wx_none", std::nullopt, std::nullopt), std::nullopt);
}

TEST_F(wechat_world_test, a_unionid_is_remembered_for_its_user) {
  (void)code_for("oA", "uA");
  EXPECT_EQ(log_in("oA").unionid, "uA");
  EXPECT_EQ(log_in("oB").unionid, std::nullopt);
}

TEST_F(wechat_world_test, the_session_key_rotates_with_logins_but_not_with_each_one) {
  const auto first = log_in("oA").session_key;
  now += wechat_world::session_key_rotation - 1ms;
  EXPECT_EQ(log_in("oA").session_key, first);
  now += 1ms;
  const auto second = log_in("oA").session_key;
  EXPECT_NE(second, first);
  EXPECT_EQ(log_in("oA").session_key, second);
  EXPECT_NE(log_in("oB").session_key, second);
}

TEST_F(wechat_world_test, the_same_openid_at_another_app_is_another_user) {
  const auto here = log_in("oA");
  const auto code = world.make_code(now, "wx_two", "oA", std::nullopt).value().code;
  const auto there = std::get<wechat_world::session>(world.exchange(now, "wx_two", "s2", code));
  EXPECT_NE(there.session_key, here.session_key);
}

TEST_F(wechat_world_test, a_token_works_for_business_calls_of_any_app_that_got_it) {
  const auto token = std::get<token_answer>(world.stable_token(now, "wx_two", "s2", false)).access_token;
  EXPECT_EQ(world.check_token(now, token), std::nullopt);
  EXPECT_EQ(world.check_token(now, ""), errcode::token_missing);
  EXPECT_EQ(world.check_token(now, "made_up"), errcode::token_invalid);
  now += 2h;
  EXPECT_EQ(world.check_token(now, token), errcode::token_expired);
}

TEST_F(wechat_world_test, tokens_of_one_app_or_of_all_can_be_ended) {
  const auto one = std::get<token_answer>(world.stable_token(now, "wx_one", "s1", false)).access_token;
  const auto two = std::get<token_answer>(world.classic_token(now, "wx_two", "s2")).access_token;
  EXPECT_EQ(world.expire_tokens(now, "wx_none"), std::nullopt);
  EXPECT_EQ(world.expire_tokens(now, "wx_one"), 1U);
  EXPECT_EQ(world.check_token(now, one), errcode::token_expired);
  EXPECT_EQ(world.check_token(now, two), std::nullopt);
  EXPECT_EQ(world.expire_tokens(now, std::nullopt), 1U);
  EXPECT_EQ(world.check_token(now, two), errcode::token_expired);
}

TEST_F(wechat_world_test, a_rid_is_three_groups_that_begin_with_the_time) {
  EXPECT_THAT(world.make_rid(now), MatchesRegex("[0-9a-f]+-[0-9a-f]+-[0-9a-f]+"));
  EXPECT_EQ(world.make_rid(now).size(), 26U);
  EXPECT_EQ(std::stoul(world.make_rid(now).substr(0, 8), nullptr, 16),
            static_cast<unsigned long>(now.time_since_epoch() / 1s));
}

TEST(bounded_map_test, the_oldest_entry_makes_room_for_the_newest) {
  bounded_map<int> map(2);
  map["a"] = 1;
  map["b"] = 2;
  map["a"] = 3; // not a new entry
  map["c"] = 4;
  EXPECT_EQ(map.size(), 2U);
  EXPECT_EQ(map.find("a"), nullptr);
  ASSERT_NE(map.find("b"), nullptr);
  EXPECT_EQ(*map.find("c"), 4);
  map.drop_oldest_while([](int value) { return value < 4; });
  EXPECT_EQ(map.size(), 1U);
}

} // namespace
} // namespace weappd::simulator
