#include "tests/flow/message_flow.hpp"

#include <string>

/// An official account reaches those whom only the mini program has seen.
namespace weappd {
namespace {

struct followers_of_an_account : message_flow {
  /// A message of the account, asked for until the account knows the user.
  nlohmann::json end_of_confirm(const std::string& to) {
    kit::http_response answer;
    EXPECT_TRUE(kit::eventually([&] {
      answer = shop.post_message(order_confirm(to));
      return answer.status != 409;
    }));
    EXPECT_EQ(answer.status, 202) << answer.body;
    return shop.end_of(text_of(answer, "id"));
  }
  /// Whose phone shows the newest message.
  std::string reached() { return server.wechat().delivered().back()["openid"].get<std::string>(); }
  bool ready_says(const std::string& words) {
    return server.http().get("/readyz").body.find(words) != std::string::npos;
  }
};

TEST_F(followers_of_an_account, get_its_messages_after_a_login_to_the_mini_program) {
  const auto there = server.wechat().set_follows("u-alice", true);
  const auto to = user("o-alice", "u-alice");
  EXPECT_EQ(end_of_confirm(to)["status"], "sent");
  EXPECT_EQ(reached(), there);
}

TEST_F(followers_of_an_account, are_found_also_when_they_follow_after_the_login) {
  server.wechat().set_follows("u-alice", false);
  const auto to = user("o-alice", "u-alice");
  EXPECT_TRUE(failed_with(shop.post_message(order_confirm(to)), 409, 2000050001));
  const auto there = server.wechat().set_follows("u-alice", true);
  EXPECT_EQ(end_of_confirm(to)["status"], "sent");
  EXPECT_EQ(reached(), there);
}

TEST_F(followers_of_an_account, without_a_unionid_stay_strangers) {
  const auto to = user("o-alice");
  EXPECT_TRUE(failed_with(shop.post_message(order_confirm(to)), 409, 2000050001));
}

TEST_F(followers_of_an_account, who_are_known_need_no_list_any_more) {
  const auto there = server.wechat().set_follows("u-alice", true);
  server.restart();
  shop = server.service();
  ASSERT_TRUE(kit::eventually([&] { return ready_says("1 followers"); }));
  server.wechat().set_fault(kit::follower_list, {{"times", -1}, {"answer", {{"errcode", 48001}}}});
  const auto to = user("o-alice", "u-alice");
  EXPECT_EQ(end_of(order_confirm(to))["status"], "sent") << "at the first try";
  EXPECT_EQ(reached(), there);
  ASSERT_TRUE(kit::eventually([&] { return ready_says("wechat_misconfigured"); }));
  EXPECT_EQ(server.http().get("/readyz").status, 200) << "all else works";
}

TEST_F(followers_of_an_account, are_read_again_after_the_access_token_was_dropped) {
  server.wechat().set_follows("u-alice", false);
  const auto to = user("o-alice", "u-alice");
  server.wechat().expire_access_tokens();
  server.wechat().set_follows("u-alice", true);
  EXPECT_EQ(end_of_confirm(to)["status"], "sent");
}

} // namespace
} // namespace weappd
