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
  auto exchange(const std::string& code) {
    return world.exchange(now, app_kind::mini_program, "wx_one", "s1", code);
  }
  wechat_world::session log_in(std::optional<std::string> openid) {
    return std::get<wechat_world::session>(exchange(code_for(std::move(openid)).code));
  }

  std::optional<errcode> check_token(const std::string& token) {
    const auto owner = world.app_of_token(now, token);
    const auto* refused = std::get_if<errcode>(&owner);
    return refused ? std::optional(*refused) : std::nullopt;
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
  EXPECT_TRUE(std::holds_alternative<wechat_world::session>(
      world.exchange(now, app_kind::mini_program, "wx_two", "s2", code)));
}

TEST_F(wechat_world_test, an_unknown_code_app_or_secret_is_named) {
  EXPECT_EQ(std::get<errcode>(exchange("made_up")), errcode::bad_code);
  EXPECT_EQ(std::get<errcode>(world.exchange(now, app_kind::mini_program, "wx_none", "s1", "c")),
            errcode::bad_app_id);
  const auto code = code_for("oA").code;
  EXPECT_EQ(std::get<errcode>(world.exchange(now, app_kind::mini_program, "wx_one", "wrong", code)),
            errcode::bad_secret);
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
  const auto there =
      std::get<wechat_world::session>(world.exchange(now, app_kind::mini_program, "wx_two", "s2", code));
  EXPECT_NE(there.session_key, here.session_key);
}

TEST_F(wechat_world_test, a_token_tells_whose_it_is) {
  const auto token = std::get<token_answer>(world.stable_token(now, "wx_two", "s2", false)).access_token;
  EXPECT_EQ(std::get<const app*>(world.app_of_token(now, token)), world.find_known("wx_two"));
  EXPECT_EQ(world.find_known("wx_none"), nullptr);
}

TEST_F(wechat_world_test, a_text_that_cannot_be_a_token_is_called_malformed) {
  EXPECT_EQ(check_token("90_not a token"), errcode::token_malformed);
  EXPECT_EQ(check_token(std::string(512, 'a')), errcode::token_invalid);
  EXPECT_EQ(check_token(std::string(513, 'a')), errcode::token_malformed);
}

TEST_F(wechat_world_test, a_token_works_for_business_calls_of_any_app_that_got_it) {
  const auto token = std::get<token_answer>(world.stable_token(now, "wx_two", "s2", false)).access_token;
  EXPECT_EQ(check_token(token), std::nullopt);
  EXPECT_EQ(check_token(""), errcode::token_missing);
  EXPECT_EQ(check_token("made_up"), errcode::token_invalid);
  now += 2h;
  EXPECT_EQ(check_token(token), errcode::token_expired);
}

TEST_F(wechat_world_test, tokens_of_one_app_or_of_all_can_be_ended) {
  const auto one = std::get<token_answer>(world.stable_token(now, "wx_one", "s1", false)).access_token;
  const auto two = std::get<token_answer>(world.classic_token(now, "wx_two", "s2")).access_token;
  EXPECT_EQ(world.expire_tokens(now, "wx_none"), std::nullopt);
  EXPECT_EQ(world.expire_tokens(now, "wx_one"), 1U);
  EXPECT_EQ(check_token(one), errcode::token_expired);
  EXPECT_EQ(check_token(two), std::nullopt);
  EXPECT_EQ(world.expire_tokens(now, std::nullopt), 1U);
  EXPECT_EQ(check_token(two), errcode::token_expired);
}

class official_account_test : public testing::Test {
protected:
  wechat_world::login_code code_for(std::string_view app_id, std::optional<std::string> openid,
                                    std::optional<std::string> unionid = {}) {
    return world.make_code(now, app_id, std::move(openid), std::move(unionid)).value();
  }
  std::variant<wechat_world::session, errcode> exchange(app_kind kind, const std::string& app_id,
                                                        const std::string& code) {
    return world.exchange(now, kind, app_id, "s", code);
  }
  followers& people(const std::string& app_id) { return world.followers_of(*world.find_known(app_id)); }

  fixed_random random;
  wechat_world world{{{"wx_mini", secret("s")},
                      {"wx_oa", secret("s"), app_kind::official_account},
                      {"wx_oa2", secret("s"), app_kind::official_account}},
                     random};
  moment now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 21);
};

TEST_F(official_account_test, an_endpoint_of_the_other_kind_does_not_know_the_app_and_uses_no_code_up) {
  const auto mini = code_for("wx_mini", "oA").code;
  const auto official = code_for("wx_oa", "oB").code;
  EXPECT_EQ(std::get<errcode>(exchange(app_kind::official_account, "wx_mini", mini)), errcode::bad_app_id);
  EXPECT_EQ(std::get<errcode>(exchange(app_kind::mini_program, "wx_oa", official)), errcode::bad_app_id);
  EXPECT_EQ(std::get<errcode>(exchange(app_kind::official_account, "wx_oa", mini)), errcode::bad_code);
  EXPECT_EQ(std::get<wechat_world::session>(exchange(app_kind::mini_program, "wx_mini", mini)).openid, "oA");
  EXPECT_EQ(std::get<wechat_world::session>(exchange(app_kind::official_account, "wx_oa", official)).openid,
            "oB");
  EXPECT_EQ(std::get<errcode>(exchange(app_kind::official_account, "wx_oa", official)), errcode::code_used);
}

TEST_F(official_account_test, a_user_of_an_official_account_has_no_session_key_and_follows) {
  const auto made = code_for("wx_oa", std::nullopt);
  const auto session =
      std::get<wechat_world::session>(exchange(app_kind::official_account, "wx_oa", made.code));
  EXPECT_EQ(session.session_key, "");
  EXPECT_EQ(session.unionid, std::nullopt);
  EXPECT_EQ(made.openid.size(), 28U);
  EXPECT_TRUE(people("wx_oa").find(made.openid)->follows);
  EXPECT_EQ(people("wx_oa2").find(made.openid), nullptr);
}

TEST_F(official_account_test, a_unionid_in_a_mini_program_makes_a_follower_of_each_official_account) {
  (void)code_for("wx_mini", "oA", "uA");
  (void)code_for("wx_mini", "oB");
  ASSERT_EQ(people("wx_oa").count(), 1U);
  ASSERT_EQ(people("wx_oa2").count(), 1U);
  const auto here = code_for("wx_oa", std::nullopt, "uA");
  const auto there = code_for("wx_oa2", std::nullopt, "uA");
  EXPECT_NE(here.openid, there.openid);
  EXPECT_EQ(people("wx_oa").count(), 1U) << "the same person";
  EXPECT_EQ(std::get<wechat_world::session>(exchange(app_kind::official_account, "wx_oa", here.code)).unionid,
            "uA");
}

TEST_F(official_account_test, another_login_does_not_make_a_follower_of_who_has_left) {
  (void)code_for("wx_mini", "oA", "uA");
  auto& who = people("wx_oa").join_by_unionid("uA");
  people("wx_oa").set_follows(who, false);
  (void)code_for("wx_mini", "oA", "uA");
  (void)code_for("wx_oa", std::nullopt, "uA");
  EXPECT_EQ(people("wx_oa").count(), 0U);
}

TEST_F(official_account_test, users_are_those_of_the_app) {
  (void)code_for("wx_mini", "oA", "uA");
  EXPECT_TRUE(world.has_user(*world.find_known("wx_mini"), "oA"));
  EXPECT_FALSE(world.has_user(*world.find_known("wx_oa"), "oA"));
  EXPECT_FALSE(world.has_user(*world.find_known("wx_mini"), "oB"));
  world.add_user(now, *world.find_known("wx_mini"), "oB");
  EXPECT_TRUE(world.has_user(*world.find_known("wx_mini"), "oB"));
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
