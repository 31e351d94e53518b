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

TEST(verdict_test, a_snapshot_page_is_no_login) {
  const auto verdict = judge_oauth_exchange(answer(200, R"({"openid":"o","is_snapshotuser":1})"));
  EXPECT_EQ(std::get<wechat_trouble>(verdict).code, ec::invalid_code);
  EXPECT_EQ(std::get<wechat_trouble>(verdict).detail, "wechat oauth2 access_token is_snapshotuser=1");
  EXPECT_EQ(std::get<code_exchanged>(judge_oauth_exchange(answer(200, R"({"openid":"o"})"))).who,
            openid("o"));
  EXPECT_EQ(std::get<wechat_trouble>(judge_oauth_exchange(answer(200, R"({"errcode":-1})"))).again,
            repeat::after_busy);
}

TEST(verdict_test, a_list_of_templates_tells_a_refused_token_apart) {
  const auto trouble = [](const char* body) {
    return std::get<wechat_trouble>(judge_template_list(answer(200, body)));
  };
  for (const auto* body : {R"({"errcode":40001})", R"({"errcode":40014})", R"({"errcode":42001})"})
    EXPECT_EQ(trouble(body).code, ec::token_rejected) << body;
  EXPECT_EQ(trouble(R"({"errcode":48001,"errmsg":"no rid: 1-2"})").code, ec::wechat_misconfigured);
  EXPECT_EQ(trouble(R"({"errcode":48001,"errmsg":"no rid: 1-2"})").detail,
            "wechat gettemplate errcode=48001 rid=1-2");
  EXPECT_EQ(trouble(R"({"errcode":45009})").code, ec::quota_exhausted);
  EXPECT_EQ(trouble("{}").code, ec::wechat_unavailable);
}

TEST(verdict_test, a_question_about_followers_tells_quota_and_strangers_apart) {
  const auto code_of_details = [](const char* body) {
    return std::get<wechat_trouble>(judge_follower_details(answer(200, body))).code;
  };
  EXPECT_EQ(code_of_details(R"({"errcode":40003})"), ec::not_found);
  EXPECT_EQ(code_of_details(R"({"errcode":45009})"), ec::quota_exhausted);
  EXPECT_EQ(code_of_details(R"({"errcode":45011})"), ec::wechat_unavailable);
  const auto list = std::get<wechat_trouble>(judge_follower_list(answer(200, R"({"errcode":42001})")));
  EXPECT_EQ(list.code, ec::token_rejected);
  EXPECT_EQ(list.detail, "wechat user/get errcode=42001");
}

using outcome_of = send_result::outcome;

TEST(verdict_test, a_send_with_errcode_0_is_accepted_with_or_without_msgid) {
  const auto result = judge_send(answer(200, R"({"errcode":0,"errmsg":"ok","msgid":9007199254740993})"));
  EXPECT_EQ(result.what, outcome_of::accepted);
  EXPECT_EQ(result.platform_id, "9007199254740993");
  EXPECT_EQ(result.how, handling::ok);
  EXPECT_EQ(result.errcode, 0);
  EXPECT_FALSE(judge_send(answer(200, R"({"msgid":"m_1"})")).errcode) << "it had none";
  EXPECT_EQ(judge_send(answer(200, R"({"errcode":0,"msgid":"m_1"})")).platform_id, "m_1");
  EXPECT_EQ(judge_send(answer(200, R"({"errcode":"0"})")).what, outcome_of::accepted);
}

TEST(verdict_test, a_refused_send_is_fully_described) {
  const auto result = judge_send(answer(
      200, R"({"errcode":47003,"errmsg":"argument invalid! data.thing4.value invalid rid: 1a-2b-3c"})"));
  EXPECT_EQ(result.what, outcome_of::refused);
  EXPECT_EQ(result.errcode, 47003);
  EXPECT_EQ(result.rid, "1a-2b-3c");
  EXPECT_EQ(result.bad_field, "thing4");
  EXPECT_EQ(result.detail, "errcode=47003");
  EXPECT_EQ(result.how, handling::stop_bad_request);
  EXPECT_EQ(result.reason, fail_reason::bad_data);
  EXPECT_EQ(result.scope, send_scope::message);
  EXPECT_FALSE(result.alert);
  EXPECT_TRUE(judge_send(answer(200, R"({"errcode":40249})")).alert);
  const auto later = judge_send(answer(200, R"({"errcode":45011,"errmsg":"oTouser"})"));
  EXPECT_EQ(later.how, handling::retry_backoff);
  EXPECT_EQ(later.scope, send_scope::api);
  EXPECT_EQ(later.wait, std::chrono::minutes(1));
  EXPECT_EQ(judge_send(answer(200, R"({"errcode":40164,"errmsg":"invalid ip 203.0.113.7, not"})")).detail,
            "errcode=40164 ip=203.0.113.7");
  EXPECT_EQ(judge_send(answer(200, R"({"errcode":43101})")).reason, fail_reason::not_subscribed);
  EXPECT_EQ(judge_send(answer(200, R"({"errcode":40001})")).how, handling::refresh_token_and_retry);
}

TEST(verdict_test, a_send_is_unreached_only_if_no_byte_was_written) {
  for (const auto why : {connect, timeout_before_send, tls, stopped, other}) {
    const auto result = judge_send(failed(why, false));
    EXPECT_EQ(result.what, outcome_of::unreached) << to_string(why);
    EXPECT_EQ(result.detail, "failure=" + std::string(to_string(why)));
  }
  for (const auto why : {connect, timeout_after_send, too_large, stopped, other})
    EXPECT_EQ(judge_send(failed(why, true)).what, outcome_of::unknown) << to_string(why);
}

TEST(verdict_test, an_answer_to_a_send_that_makes_no_sense_leaves_it_unknown) {
  for (const int status : {100, 301, 302, 500, 502, 504}) {
    const auto result = judge_send(answer(status, R"({"errcode":0})"));
    EXPECT_EQ(result.what, outcome_of::unknown) << status;
    EXPECT_EQ(result.detail, "status=" + std::to_string(status));
  }
  EXPECT_EQ(judge_send(answer(200, "<html>oTouser")).what, outcome_of::unknown);
  EXPECT_EQ(judge_send(answer(200, "<html>oTouser")).detail,
            "status=200 answer not understood: no JSON object");
  EXPECT_EQ(judge_send(answer(200, R"({"errmsg":"ok"})")).what, outcome_of::unknown);
  EXPECT_EQ(judge_send(answer(200, R"({"errmsg":"ok"})")).detail,
            "status=200 answer not understood: errcode is not a number");
}

TEST(verdict_test, a_send_that_meets_a_4xx_was_refused_and_an_operator_must_look) {
  for (const int status : {400, 403, 404, 429, 499}) {
    const auto result = judge_send(answer(status, R"({"errcode":0})"));
    EXPECT_EQ(result.what, outcome_of::refused) << status;
    EXPECT_FALSE(result.errcode) << "its body is not read";
    EXPECT_EQ(result.how, handling::stop_config_alert);
    EXPECT_EQ(result.reason, fail_reason::no_permission);
    EXPECT_EQ(result.scope, send_scope::api);
    EXPECT_EQ(result.detail, "status=" + std::to_string(status));
  }
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
