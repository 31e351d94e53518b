#include "http/wechat/follower_endpoints.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <variant>
#include <vector>

namespace weappd {
namespace {

using nlohmann::json;

template <class Answer>
std::string nonsense_of(const wechat_answer<Answer>& answer) {
  const auto* problem = std::get_if<wechat_nonsense>(&answer);
  return problem ? std::string(problem->problem) : std::string();
}

TEST(follower_endpoints_test, the_list_is_a_get_from_the_first_or_behind_somebody) {
  list_followers ask{.app = {"oa"}, .access_token = secret("t/1"), .after = {}};
  EXPECT_EQ(follower_list_call({}, ask).url.reveal(),
            "https://api.weixin.qq.com/cgi-bin/user/get?access_token=t%2F1");
  ask.after = openid("o&1");
  const auto call = follower_list_call({}, ask);
  EXPECT_EQ(call.method, http_method::get);
  EXPECT_EQ(call.url.reveal(),
            "https://api.weixin.qq.com/cgi-bin/user/get?access_token=t%2F1&next_openid=o%261");
  EXPECT_GE(call.max_answer_bytes, 10'000U * 40) << "a full page fits";
}

TEST(follower_endpoints_test, a_page_is_read_with_its_openids_in_order) {
  const auto answer =
      read_follower_list(R"({"total":23000,"count":2,"data":{"openid":["oB","oA"]},"next_openid":"oA"})");
  const auto& page = std::get<followers_listed>(answer);
  EXPECT_EQ(page.who, (std::vector{openid("oB"), openid("oA")}));
  EXPECT_EQ(page.total, 23'000u);
  EXPECT_FALSE(page.more) << "it is not full";
}

TEST(follower_endpoints_test, there_is_more_behind_a_full_page) {
  json full{{"total", 10'000}, {"data", {{"openid", std::vector<std::string>(10'000, "oA")}}}};
  EXPECT_TRUE(std::get<followers_listed>(read_follower_list(full.dump())).more);
  full["data"]["openid"].push_back("one more");
  EXPECT_EQ(nonsense_of(read_follower_list(full.dump())), "data is no list of openids");
}

TEST(follower_endpoints_test, an_account_without_followers_has_an_empty_page) {
  const auto answer = read_follower_list(R"({"total":0,"count":0,"next_openid":""})");
  EXPECT_TRUE(std::get<followers_listed>(answer).who.empty());
}

TEST(follower_endpoints_test, a_page_that_is_none_is_nonsense) {
  for (const std::string data :
       {"7", "[]", "{}", R"({"openid":"oA"})", R"({"openid":[7]})", R"({"openid":[""]})"})
    EXPECT_EQ(nonsense_of(read_follower_list(R"({"data":)" + data + "}")), "data is no list of openids")
        << data;
  EXPECT_EQ(nonsense_of(read_follower_list("<html>")), "no JSON object");
  EXPECT_EQ(std::get<wechat_refusal>(read_follower_list(R"({"errcode":45009})")).errcode, 45009);
}

TEST(follower_endpoints_test, people_are_asked_about_in_one_post) {
  const describe_followers ask{
      .app = {"oa"}, .access_token = secret("t"), .who = {openid("oA"), openid("oB")}};
  const auto call = follower_details_call({}, ask);
  EXPECT_EQ(call.method, http_method::post);
  EXPECT_EQ(call.url.reveal(), "https://api.weixin.qq.com/cgi-bin/user/info/batchget?access_token=t");
  EXPECT_EQ(call.content_type, "application/json");
  EXPECT_EQ(json::parse(call.body.reveal()),
            json::parse(R"({"user_list":[{"openid":"oA","lang":"zh_CN"},{"openid":"oB","lang":"zh_CN"}]})"));
}

TEST(follower_endpoints_test, of_those_who_follow_the_unionids_are_read) {
  const auto answer = read_follower_details(
      R"({"user_info_list":[{"subscribe":1,"openid":"oA","unionid":"uA","nickname":""},)"
      R"({"subscribe":0,"openid":"oB","unionid":"uB"},{"subscribe":"1","openid":"oC"},)"
      R"({"openid":"oD","unionid":"uD"}]})");
  const auto& out = std::get<followers_described>(answer);
  ASSERT_EQ(out.items.size(), 1u);
  EXPECT_EQ(out.items[0].who, openid("oA"));
  EXPECT_EQ(out.items[0].union_id, unionid("uA"));
  EXPECT_EQ(out.nameless, 1u);
}

TEST(follower_endpoints_test, details_without_their_parts_are_nonsense) {
  EXPECT_EQ(nonsense_of(read_follower_details("{}")), "no user_info_list");
  EXPECT_EQ(nonsense_of(read_follower_details(R"({"user_info_list":[{"subscribe":1}]})")),
            "somebody without openid");
  EXPECT_EQ(nonsense_of(read_follower_details(R"({"user_info_list":[7]})")), "somebody without openid");
  EXPECT_EQ(std::get<wechat_refusal>(read_follower_details(R"({"errcode":40003})")).errcode, 40003);
}

} // namespace
} // namespace weappd
