#include "http/wechat/verdict.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weappd {
namespace {

using enum http_failure;

http_outcome answer(int status, std::string body) {
  return {.status = status, .body = secret(std::move(body)), .request_written = true};
}
http_outcome failed(http_failure why, bool written) {
  return {.failure = why, .request_written = written};
}
wechat_trouble login_trouble(const http_outcome& outcome) {
  return std::get<wechat_trouble>(judge_code_exchange(outcome));
}

TEST(verdict_test, a_good_answer_is_handed_on) {
  EXPECT_EQ(
      std::get<code_exchanged>(judge_code_exchange(answer(200, R"({"openid":"o","session_key":"k"})"))).who,
      openid("o"));
  EXPECT_EQ(std::get<access_token_fetched>(
                judge_stable_token(answer(200, R"({"access_token":"t","expires_in":7})")))
                .token.reveal(),
            "t");
}

TEST(verdict_test, only_busy_and_unreached_may_be_tried_again) {
  EXPECT_EQ(login_trouble(answer(200, R"({"errcode":-1})")).again, repeat::after_busy);
  EXPECT_EQ(login_trouble(failed(connect, false)).again, repeat::if_unreached);
  EXPECT_EQ(login_trouble(failed(connect, true)).again, repeat::never);
  for (const auto why : {timeout_before_send, timeout_after_send, tls, too_large, stopped, other})
    EXPECT_EQ(login_trouble(failed(why, false)).again, repeat::never) << to_string(why);
  for (const auto* body : {R"({"errcode":45011})", R"({"errcode":40029})", R"({})", "<html>"})
    EXPECT_EQ(login_trouble(answer(200, body)).again, repeat::never) << body;
  EXPECT_EQ(login_trouble(answer(500, R"({"errcode":-1})")).again, repeat::never);
}

TEST(verdict_test, each_kind_of_trouble_has_its_error) {
  EXPECT_EQ(login_trouble(failed(timeout_after_send, true)).code, ec::wechat_timeout);
  EXPECT_EQ(login_trouble(failed(timeout_before_send, false)).code, ec::wechat_timeout);
  for (const auto why : {connect, tls, too_large, stopped, other})
    EXPECT_EQ(login_trouble(failed(why, false)).code, ec::wechat_unavailable) << to_string(why);
  EXPECT_EQ(login_trouble(answer(502, "")).code, ec::wechat_unavailable);
  EXPECT_EQ(login_trouble(answer(302, "")).code, ec::wechat_unavailable);
  EXPECT_EQ(login_trouble(answer(403, "")).code, ec::wechat_misconfigured);
  EXPECT_EQ(login_trouble(answer(200, "<html>")).code, ec::wechat_unavailable);
  EXPECT_EQ(std::get<wechat_trouble>(judge_stable_token(answer(200, R"({"errcode":40001})"))).code,
            ec::wechat_misconfigured);
}

TEST(verdict_test, the_detail_names_endpoint_code_and_rid_and_nothing_personal) {
  EXPECT_EQ(login_trouble(
                answer(200, R"({"errcode":40029,"errmsg":"invalid code x9, rid: 1a-2b-3c","openid":"oA"})"))
                .detail,
            "wechat jscode2session errcode=40029 rid=1a-2b-3c");
  EXPECT_EQ(
      std::get<wechat_trouble>(
          judge_stable_token(answer(200, R"({"errcode":40164,"errmsg":"invalid ip 203.0.113.7, rid: 1-2"})")))
          .detail,
      "wechat stable_token errcode=40164 rid=1-2 ip=203.0.113.7");
  EXPECT_EQ(login_trouble(failed(tls, false)).detail, "wechat jscode2session failure=tls");
  EXPECT_EQ(login_trouble(answer(503, "<html>")).detail, "wechat jscode2session status=503");
  EXPECT_EQ(login_trouble(answer(200, R"({"openid":"oA"})")).detail,
            "wechat jscode2session status=200 answer not understood: no session_key");
}

TEST(verdict_test, only_the_state_of_the_host_counts_as_news_of_it) {
  for (const auto why : {connect, timeout_before_send, timeout_after_send, tls, other})
    EXPECT_EQ(news_of(failed(why, false)), host_news::ill) << to_string(why);
  EXPECT_EQ(news_of(answer(500, "")), host_news::ill);
  EXPECT_EQ(news_of(answer(200, R"({"errcode":-1})")), host_news::well);
  EXPECT_EQ(news_of(answer(200, "<html>")), host_news::well);
  EXPECT_EQ(news_of(answer(403, "")), host_news::well);
  EXPECT_EQ(news_of(failed(too_large, true)), host_news::well);
  EXPECT_EQ(news_of(failed(stopped, true)), host_news::unknown);
}

} // namespace
} // namespace weappd
