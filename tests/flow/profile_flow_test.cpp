#include "tests/flow/answers.hpp"
#include "tests/kit/server/test_server.hpp"

#include <gtest/gtest.h>

/// GET and PATCH /api/v1/users/me.
namespace weappd {
namespace {

struct profile_flow : testing::Test {
  profile_flow() { EXPECT_TRUE(succeeded(phone.login(server.wechat().make_code("o-profile")))); }

  kit::test_server server;
  kit::mini_program phone = server.phone();
};

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i)
    all += text;
  return all;
}

TEST_F(profile_flow, me_is_exactly_the_user) {
  const auto answer = phone.me();
  ASSERT_TRUE(succeeded(answer));
  const auto user = data_of(answer);
  EXPECT_TRUE(has_members(
      user, {"id", "nickname", "avatar_url", "role", "status", "created_at", "updated_at", "last_login_at"}));
  EXPECT_EQ(user["id"], phone.user_id);
  EXPECT_EQ(user["role"], "user");
  EXPECT_EQ(user["status"], "active");
  EXPECT_EQ(answer.header("Cache-Control"), "no-store");
}

TEST_F(profile_flow, a_head_request_answers_like_get_without_the_body) {
  const auto answer = phone.request("HEAD", "/api/v1/users/me");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(answer.header("Content-Length"), std::to_string(phone.me().body.size()));
}

TEST_F(profile_flow, a_change_is_answered_and_lasts) {
  const auto answer =
      phone.change_me({{"nickname", "小明"}, {"avatar_url", "https://example.com/a.png?size=1"}});
  ASSERT_TRUE(succeeded(answer));
  EXPECT_EQ(data_of(answer)["nickname"], "小明");
  EXPECT_EQ(data_of(answer)["avatar_url"], "https://example.com/a.png?size=1");
  EXPECT_EQ(data_of(phone.me()), data_of(answer));

  server.restart();
  auto later = server.phone();
  later.access_token = phone.access_token;
  EXPECT_EQ(data_of(later.me()), data_of(answer));
}

TEST_F(profile_flow, what_is_left_out_stays) {
  ASSERT_TRUE(succeeded(phone.change_me({{"nickname", "one"}, {"avatar_url", "https://example.com/1"}})));
  ASSERT_TRUE(succeeded(phone.change_me({{"nickname", "two"}})));
  EXPECT_EQ(data_of(phone.me())["avatar_url"], "https://example.com/1");
  ASSERT_TRUE(succeeded(phone.change_me({{"avatar_url", "https://example.com/2"}})));
  EXPECT_EQ(data_of(phone.me())["nickname"], "two");
}

TEST_F(profile_flow, an_empty_change_changes_nothing) {
  const auto before = data_of(phone.me());
  const auto answer = phone.change_me(nlohmann::json::object());
  ASSERT_TRUE(succeeded(answer));
  EXPECT_EQ(data_of(answer), before);
}

TEST_F(profile_flow, a_nickname_has_1_to_64_characters_whatever_their_size) {
  for (const std::string_view one : {"a", "é", "明", "😀"}) {
    const auto longest = repeated(one, 64);
    const auto answer = phone.change_me({{"nickname", longest}});
    ASSERT_TRUE(succeeded(answer));
    EXPECT_EQ(data_of(answer)["nickname"], longest);
    EXPECT_TRUE(refused_field(phone.change_me({{"nickname", repeated(one, 65)}}), "nickname", "too_long"));
  }
  EXPECT_TRUE(refused_field(phone.change_me({{"nickname", ""}}), "nickname", "too_short"));
}

TEST_F(profile_flow, characters_behind_the_basic_plane_may_be_escaped) {
  const auto answer = phone.request("PATCH", "/api/v1/users/me", R"({"nickname":"\ud83d\ude00 ok"})");
  ASSERT_TRUE(succeeded(answer));
  EXPECT_EQ(data_of(answer)["nickname"], "😀 ok");
}

TEST_F(profile_flow, control_characters_are_refused_and_never_stored) {
  for (const std::string_view text : {R"("a\nb")", R"("a\u0000b")", R"("\u007f")", R"("\u0085")"}) {
    const auto body = R"({"nickname":)" + std::string(text) + "}";
    EXPECT_TRUE(
        refused_field(phone.request("PATCH", "/api/v1/users/me", body), "nickname", "invalid_characters"))
        << text;
  }
  EXPECT_EQ(data_of(phone.me())["nickname"], "");
}

TEST_F(profile_flow, an_avatar_is_an_https_url_of_at_most_512_characters) {
  const std::string start = "https://example.com/";
  EXPECT_TRUE(succeeded(phone.change_me({{"avatar_url", start + std::string(512 - start.size(), 'a')}})));
  EXPECT_TRUE(refused_field(phone.change_me({{"avatar_url", start + std::string(513 - start.size(), 'a')}}),
                            "avatar_url", "too_long"));
  for (const char* bad :
       {"http://example.com/a", "https://", "https:///a", "ftp://example.com", "javascript:alert(1)",
        "//example.com/a", "https://example.com/a b", "https://example.com/<", "HTTPS example"})
    EXPECT_TRUE(refused_field(phone.change_me({{"avatar_url", bad}}), "avatar_url", "not_a_url")) << bad;
}

TEST_F(profile_flow, members_that_are_not_the_clients_to_change_are_named) {
  for (const char* member : {"id", "role", "status", "phone", "created_at", "Nickname"})
    EXPECT_TRUE(refused_field(phone.change_me({{member, "x"}}), member, "unknown_field"));
  EXPECT_EQ(data_of(phone.me())["role"], "user");
}

TEST_F(profile_flow, a_refused_change_changes_nothing_of_it) {
  EXPECT_TRUE(refused_field(phone.change_me({{"nickname", "good"}, {"avatar_url", "bad"}}), "avatar_url",
                            "not_a_url"));
  EXPECT_EQ(data_of(phone.me())["nickname"], "");
}

TEST_F(profile_flow, a_null_is_no_text) {
  EXPECT_TRUE(refused_field(phone.change_me({{"nickname", nullptr}}), "nickname", "wrong_type"));
}

TEST_F(profile_flow, all_devices_of_a_user_see_a_change) {
  auto tablet = server.phone();
  ASSERT_TRUE(succeeded(tablet.login(server.wechat().make_code("o-profile"))));
  ASSERT_TRUE(succeeded(phone.change_me({{"nickname", "seen"}})));
  EXPECT_EQ(data_of(tablet.me())["nickname"], "seen");
}

} // namespace
} // namespace weappd
