#include "tests/flow/answers.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"
#include "tests/kit/server/together.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// Sessions: list, end one, log out, lock a user. Each takes effect at once.
namespace weappd {
namespace {

struct session_flow : testing::Test {
  /// Somebody who has logged in.
  kit::mini_program logged_in(const std::string& openid = {}) {
    auto phone = server.phone();
    EXPECT_TRUE(succeeded(phone.login(server.wechat().make_code(openid))));
    return phone;
  }

  void set_status(const std::string& user, user_status status) {
    const auto id = parse_user_id(user);
    ASSERT_TRUE(id);
    const auto router = server.server().parts().users.pick(std::hash<user_id>{}(*id));
    const auto answer = server.ask<done>(router, set_user_status{*id, status});
    ASSERT_TRUE(answer) << detail_of(answer.error());
  }

  kit::test_server server;
};

testing::AssertionResult is_logged_out(kit::mini_program& phone) {
  if (auto failed = failed_with(phone.me(), 401, 1000030003); !failed)
    return failed;
  return failed_with(phone.refresh(), 401, 1000030002);
}

TEST_F(session_flow, the_list_is_a_page_with_the_newest_first_and_marks_the_current_one) {
  auto oldest = logged_in("o-lister");
  auto middle = logged_in("o-lister");
  auto newest = logged_in("o-lister");

  const auto answer = middle.sessions();
  ASSERT_TRUE(succeeded(answer));
  const auto list = data_of(answer);
  EXPECT_TRUE(has_members(list, {"items", "page", "limit", "total"}));
  EXPECT_EQ(list["page"], 1);
  EXPECT_EQ(list["total"], 3);
  ASSERT_EQ(list["items"].size(), 3u);
  EXPECT_EQ(list["items"][0]["session_id"], newest.session_id);
  EXPECT_EQ(list["items"][1]["session_id"], middle.session_id);
  EXPECT_EQ(list["items"][2]["session_id"], oldest.session_id);
  for (const auto& item : list["items"]) {
    EXPECT_TRUE(has_members(item, {"session_id", "device", "created_at", "last_seen_at", "current"}));
    EXPECT_EQ(item["current"], item["session_id"] == middle.session_id);
  }
}

TEST_F(session_flow, the_list_is_given_by_page_and_in_the_order_that_is_asked_for) {
  auto oldest = logged_in("o-lister");
  logged_in("o-lister");
  auto newest = logged_in("o-lister");
  const auto list = [&](const char* query) {
    return newest.get(std::string("/api/v1/auth/sessions") + query);
  };
  const auto last = data_of(list("?page=2&limit=2"));
  EXPECT_EQ(last["page"], 2);
  EXPECT_EQ(last["limit"], 2);
  EXPECT_EQ(last["total"], 3);
  ASSERT_EQ(last["items"].size(), 1u);
  EXPECT_EQ(last["items"][0]["session_id"], oldest.session_id);
  EXPECT_EQ(data_of(list("?sort=created_at"))["items"][0]["session_id"], oldest.session_id);
  EXPECT_EQ(data_of(list("?sort=-created_at"))["items"][0]["session_id"], newest.session_id);
  EXPECT_TRUE(refused_field(list("?limit=101"), "limit", "out_of_range"));
  EXPECT_TRUE(refused_field(list("?page=1&page=1"), "page", "duplicate_field"));
  EXPECT_TRUE(refused_field(list("?device=x"), "device", "unknown_field"));
}

TEST_F(session_flow, no_answer_is_replayed_to_who_is_logged_out_or_locked) {
  auto phone = logged_in("o-two-devices");
  auto tablet = logged_in("o-two-devices");
  const auto tap = [](kit::mini_program& from) {
    return from.request("POST", "/api/v1/subscriptions", R"({"results":{"custom:order_paid":"accept"}})",
                        {{"Idempotency-Key", "tap-1"}});
  };
  const auto first = tap(phone);
  ASSERT_TRUE(succeeded(first));
  EXPECT_EQ(tap(phone).body, first.body);
  ASSERT_TRUE(succeeded(tablet.close_session(phone.session_id)));
  EXPECT_TRUE(failed_with(tap(phone), 401, 1000030003));
  const auto other = tap(tablet);
  EXPECT_EQ(other.header("Idempotency-Replayed"), "true") << "the key belongs to the user";
  EXPECT_EQ(other.body, first.body);

  set_status(phone.user_id, user_status::locked);
  EXPECT_TRUE(failed_with(tap(tablet), 403, 1000020001));
  set_status(phone.user_id, user_status::active);
  EXPECT_EQ(tap(tablet).body, first.body);
}

TEST_F(session_flow, a_logout_that_is_repeated_under_its_key_finds_no_session) {
  auto phone = logged_in();
  const auto log_out = [&] {
    return phone.request("POST", "/api/v1/auth/logout", {}, {{"Idempotency-Key", "logout-1"}});
  };
  ASSERT_TRUE(succeeded(log_out()));
  EXPECT_TRUE(failed_with(log_out(), 401, 1000030003));
}

TEST_F(session_flow, an_ended_session_is_refused_at_once_and_the_others_live_on) {
  auto lost_phone = logged_in("o-two-devices");
  auto tablet = logged_in("o-two-devices");

  const auto answer = tablet.close_session(lost_phone.session_id);
  ASSERT_TRUE(succeeded(answer));
  EXPECT_EQ(data_of(answer), nlohmann::json::object());
  EXPECT_TRUE(is_logged_out(lost_phone));
  EXPECT_TRUE(succeeded(tablet.me()));
  EXPECT_EQ(data_of(tablet.sessions())["total"], 1);
}

TEST_F(session_flow, an_ended_session_stays_ended_after_a_restart) {
  auto lost_phone = logged_in("o-two-devices");
  auto tablet = logged_in("o-two-devices");
  ASSERT_TRUE(succeeded(tablet.close_session(lost_phone.session_id)));
  server.restart();
  auto revived = server.phone();
  revived.access_token = lost_phone.access_token;
  revived.refresh_token = lost_phone.refresh_token;
  EXPECT_TRUE(is_logged_out(revived));
  auto again = server.phone();
  again.access_token = tablet.access_token;
  EXPECT_TRUE(succeeded(again.me()));
}

TEST_F(session_flow, ending_the_own_session_is_a_logout) {
  auto phone = logged_in();
  ASSERT_TRUE(succeeded(phone.close_session(phone.session_id)));
  EXPECT_TRUE(is_logged_out(phone));
}

TEST_F(session_flow, the_session_of_somebody_else_does_not_exist) {
  auto one = logged_in();
  auto other = logged_in();
  EXPECT_TRUE(failed_with(one.close_session(other.session_id), 404, 1000040001));
  EXPECT_TRUE(succeeded(other.me()));
}

TEST_F(session_flow, a_session_that_never_was_does_not_exist) {
  auto phone = logged_in();
  EXPECT_TRUE(failed_with(phone.close_session(std::string(32, '0')), 404, 1000040001));
  EXPECT_TRUE(failed_with(phone.close_session("not-an-id"), 404, 1000040001));
  EXPECT_TRUE(succeeded(phone.me()));
}

TEST_F(session_flow, a_session_ends_once) {
  auto phone = logged_in("o-two-devices");
  auto tablet = logged_in("o-two-devices");
  ASSERT_TRUE(succeeded(tablet.close_session(phone.session_id)));
  EXPECT_TRUE(failed_with(tablet.close_session(phone.session_id), 404, 1000040001));
}

TEST_F(session_flow, logout_ends_the_own_session_alone) {
  auto phone = logged_in("o-two-devices");
  auto tablet = logged_in("o-two-devices");
  const auto answer = phone.logout({{"everywhere", false}});
  ASSERT_TRUE(succeeded(answer));
  EXPECT_EQ(data_of(answer), nlohmann::json::object());
  EXPECT_TRUE(is_logged_out(phone));
  EXPECT_TRUE(succeeded(tablet.me()));
}

TEST_F(session_flow, logout_needs_no_body) {
  auto phone = logged_in();
  ASSERT_TRUE(succeeded(phone.request("POST", "/api/v1/auth/logout")));
  EXPECT_TRUE(is_logged_out(phone));
}

TEST_F(session_flow, logout_everywhere_ends_all_sessions_and_a_new_login_works) {
  auto phone = logged_in("o-many");
  auto tablet = logged_in("o-many");
  auto stranger = logged_in();
  ASSERT_TRUE(succeeded(phone.logout({{"everywhere", true}})));
  EXPECT_TRUE(is_logged_out(phone));
  EXPECT_TRUE(is_logged_out(tablet));
  EXPECT_TRUE(succeeded(stranger.me()));
  EXPECT_TRUE(succeeded(logged_in("o-many").me()));
}

TEST_F(session_flow, logout_wants_a_boolean) {
  auto phone = logged_in();
  EXPECT_TRUE(refused_field(phone.logout({{"everywhere", "yes"}}), "everywhere", "wrong_type"));
  EXPECT_TRUE(refused_field(phone.logout({{"all", true}}), "all", "unknown_field"));
  EXPECT_TRUE(succeeded(phone.me()));
}

TEST_F(session_flow, a_locked_user_is_refused_at_once_everywhere_until_unlocked) {
  auto phone = logged_in("o-locked");
  ASSERT_TRUE(succeeded(phone.me()));

  set_status(phone.user_id, user_status::locked);
  EXPECT_TRUE(failed_with(phone.me(), 403, 1000020001));
  EXPECT_TRUE(failed_with(phone.sessions(), 403, 1000020001));
  EXPECT_TRUE(failed_with(phone.change_me({{"nickname", "x"}}), 403, 1000020001));
  EXPECT_TRUE(failed_with(phone.refresh(), 403, 1000020001));
  auto tablet = server.phone();
  EXPECT_TRUE(failed_with(tablet.login(server.wechat().make_code("o-locked")), 403, 1000020001));

  set_status(phone.user_id, user_status::active);
  EXPECT_TRUE(succeeded(phone.me()));
  EXPECT_TRUE(succeeded(phone.refresh()));
  EXPECT_TRUE(succeeded(tablet.login(server.wechat().make_code("o-locked"))));
}

TEST_F(session_flow, a_locked_user_is_refused_with_the_code_of_a_living_session) {
  const auto code = server.wechat().make_code();
  auto phone = server.phone();
  ASSERT_TRUE(succeeded(phone.login(code)));
  const auto session = phone.session_id;
  const auto user = phone.user_id;
  set_status(user, user_status::locked);
  EXPECT_TRUE(failed_with(phone.login(code), 403, 1000020001));
  set_status(user, user_status::active);
  ASSERT_TRUE(succeeded(phone.login(code)));
  EXPECT_EQ(phone.session_id, session);
}

TEST_F(session_flow, a_lock_outlives_a_restart) {
  auto phone = logged_in("o-locked");
  set_status(phone.user_id, user_status::locked);
  server.restart();
  auto later = server.phone();
  EXPECT_TRUE(failed_with(later.login(server.wechat().make_code("o-locked")), 403, 1000020001));
  set_status(phone.user_id, user_status::active);
  EXPECT_TRUE(succeeded(later.login(server.wechat().make_code("o-locked"))));
}

TEST(session_limits, the_session_unseen_for_longest_makes_room) {
  kit::test_server server([](options& values) { values.auth.max_sessions_per_user = 2; });
  std::vector<kit::mini_program> phones;
  for (int i = 0; i < 3; ++i) {
    phones.push_back(server.phone());
    ASSERT_TRUE(succeeded(phones.back().login(server.wechat().make_code("o-collector"))));
  }
  EXPECT_TRUE(is_logged_out(phones[0]));
  EXPECT_TRUE(succeeded(phones[1].me()));
  EXPECT_TRUE(succeeded(phones[2].me()));
}

TEST(session_limits, sleeping_users_wake_up_with_everything_they_had) {
  // One session actor awake in each of the routers: nearly every request puts somebody to sleep. Whoever
  // finds the only place taken by one who is just falling asleep is told to come again.
  kit::test_server server([](options& values) { values.session.max_awake = values.pools.session_router; });
  std::vector<kit::mini_program> phones;
  for (int i = 0; i < 16; ++i) {
    phones.push_back(server.phone());
    const auto code = server.wechat().make_code();
    ASSERT_TRUE(kit::eventually([&] { return phones.back().login(code).status == 200; }));
    const nlohmann::json change{{"nickname", "user " + std::to_string(i)}};
    ASSERT_TRUE(kit::eventually([&] { return phones.back().change_me(change).status == 200; }));
  }
  const auto last = kit::together(phones.size(), [&](std::size_t i) {
    kit::http_response answer;
    for (int round = 0; round < 20; ++round)
      kit::eventually([&] { return (answer = phones[i].me()).status != 503; });
    return answer;
  });
  for (std::size_t i = 0; i < last.size(); ++i) {
    ASSERT_TRUE(succeeded(last[i]));
    EXPECT_EQ(text_of(last[i], "nickname"), "user " + std::to_string(i));
  }
}

} // namespace
} // namespace weappd
