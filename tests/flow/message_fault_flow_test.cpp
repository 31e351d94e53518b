#include "tests/flow/message_flow.hpp"

#include <chrono>
#include <string>

/// What WeChat can answer to a send, and what becomes of the message: every handling class of the platform's
/// error table, each ending with "and then it worked again".
namespace weappd {
namespace {

/// One answer of the platform, given once.
struct refusal {
  std::string name;
  nlohmann::json answer;
  std::string reason; ///< of the failure; empty: it is sent in the end
};

struct answers_to_a_send : message_flow, testing::WithParamInterface<refusal> {
  answers_to_a_send() : message_flow([](options& o) { o.push.config_pause_s = 1; }) {}
};

TEST_P(answers_to_a_send, end_as_the_error_table_says_and_the_next_one_works) {
  const auto to = user("o-alice");
  server.wechat().grant("o-alice", order_paid_id, 2);
  server.wechat().set_fault(kit::subscribe_send, {{"times", 1}, {"answer", GetParam().answer}});
  const auto message = end_of(order_paid(to));
  if (GetParam().reason.empty()) {
    EXPECT_EQ(message["status"], "sent");
    EXPECT_EQ(server.wechat().count_delivered(), 1u);
  } else {
    EXPECT_EQ(message["status"], "failed");
    EXPECT_EQ(message["reason"], GetParam().reason);
    EXPECT_EQ(server.wechat().count_delivered(), 0u);
  }
  EXPECT_EQ(message["history"].back()["event"], "attempt");
  EXPECT_TRUE(works());
}

INSTANTIATE_TEST_SUITE_P(subscribe, answers_to_a_send,
                         testing::Values(refusal{"busy", {{"errcode", -1}}, ""},
                                         refusal{"token_invalid", {{"errcode", 40001}}, ""},
                                         refusal{"token_malformed", {{"errcode", 40014}}, ""},
                                         refusal{"token_expired", {{"errcode", 42001}}, ""},
                                         refusal{"concurrent", {{"errcode", 43108}}, ""},
                                         refusal{"bad_openid", {{"errcode", 40003}}, "bad_openid"},
                                         refusal{"not_subscribed", {{"errcode", 43101}}, "not_subscribed"},
                                         refusal{"not_following", {{"errcode", 43004}}, "not_following"},
                                         refusal{"bad_template", {{"errcode", 40037}}, "template_unusable"},
                                         refusal{"banned", {{"errcode", 43107}}, "template_unusable"},
                                         refusal{"bad_data",
                                                 {{"errcode", 47003},
                                                  {"errmsg", "argument invalid! data.thing4.value invalid"}},
                                                 "bad_data"},
                                         refusal{"sensitive", {{"errcode", 45168}}, "bad_data"},
                                         refusal{"bad_page", {{"errcode", 41030}}, "bad_data"},
                                         refusal{"no_permission", {{"errcode", 48001}}, "no_permission"},
                                         refusal{"unheard_of", {{"errcode", 99999}}, "bad_data"},
                                         refusal{"no_json", "<html>gateway</html>", ""}),
                         [](const auto& one) { return one.param.name; });

struct message_faults : message_flow {
  message_faults() : message_flow([](options& o) { o.push.config_pause_s = 1; }) {}
};

TEST_F(message_faults, the_story_names_the_errcode_the_rid_and_the_rule_that_decided) {
  const auto to = user("o-alice");
  server.wechat().grant("o-alice", order_paid_id);
  server.wechat().set_fault(
      kit::subscribe_send,
      {{"times", 1},
       {"answer", {{"errcode", -1}, {"errmsg", "system busy rid: 6741a2b3-01234567-89abcdef"}}}});
  const auto message = end_of(order_paid(to));
  ASSERT_EQ(message["status"], "sent");
  EXPECT_EQ(message["attempts"], 2);
  const auto& first = message["history"][4];
  EXPECT_EQ(first["errcode"], -1);
  EXPECT_EQ(first["rid"], "6741a2b3-01234567-89abcdef");
  EXPECT_EQ(first["rule"], "retry_backoff");
  EXPECT_EQ(first["status"], "queued");
  EXPECT_TRUE(first.contains("next_attempt_at"));
  EXPECT_EQ(message["history"][6]["outcome"], "accepted");
}

TEST_F(message_faults, a_platform_that_stays_busy_exhausts_the_retries) {
  server.restart([](options& o) {
    o.push.retry_max_ms = 100;
    o.push.max_attempts = 3;
  });
  shop = server.service();
  const auto to = user("o-alice");
  server.wechat().grant("o-alice", order_paid_id);
  server.wechat().set_fault(kit::subscribe_send, {{"times", -1}, {"answer", {{"errcode", -1}}}});
  const auto message = end_of(order_paid(to));
  EXPECT_EQ(message["status"], "failed");
  EXPECT_EQ(message["reason"], "retries_exhausted");
  EXPECT_EQ(message["attempts"], 3);
  server.wechat().clear_fault(kit::subscribe_send);
  EXPECT_TRUE(works());
}

TEST_F(message_faults, a_token_that_the_platform_dropped_costs_one_refresh_and_no_message) {
  const auto to = user("o-alice");
  server.wechat().grant("o-alice", ticket_ready_id);
  EXPECT_EQ(end_of(ticket_ready(to))["status"], "sent");
  const auto before = server.wechat().calls_of(kit::token_fetch);
  server.wechat().expire_access_tokens();
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(end_of(ticket_ready(to))["status"], "sent");
  EXPECT_EQ(server.wechat().calls_of(kit::token_fetch), before + 1);
}

TEST_F(message_faults, an_unknown_outcome_is_repeated_where_the_consent_guards_and_then_it_was_sent_once) {
  const auto to = user("o-alice");
  server.wechat().grant("o-alice", order_paid_id);
  // The platform takes the message, and its answer never comes back.
  server.wechat().set_fault(kit::subscribe_send, {{"times", 1}, {"reset", true}});
  const auto message = end_of(order_paid(to));
  EXPECT_EQ(message["status"], "sent");
  EXPECT_EQ(server.wechat().count_delivered(), 1u);
  EXPECT_TRUE(works());
}

TEST_F(message_faults, an_answer_that_comes_too_late_is_never_paid_for_with_the_users_second_credit) {
  server.restart([](options& o) { o.wechat.total_timeout_ms = 300; });
  shop = server.service();
  auto phone = server.phone();
  ASSERT_EQ(phone.login(server.wechat().make_code("o-alice")).status, 200);
  server.wechat().grant("o-alice", order_paid_id, 2);
  for (int i = 0; i < 2; ++i)
    ASSERT_EQ(phone.request("POST", "/api/v1/subscriptions", R"({"results":{"custom:order_paid":"accept"}})")
                  .status,
              200);
  server.wechat().set_fault(kit::subscribe_send, {{"times", 1}, {"delay_ms", 1'000}});
  const auto message = end_of(order_paid(phone.user_id));
  EXPECT_EQ(message["status"], "failed");
  EXPECT_EQ(message["reason"], "outcome_unknown");
  ASSERT_TRUE(kit::eventually([&] { return server.wechat().count_delivered() == 1u; }));
  EXPECT_EQ(end_of(order_paid(phone.user_id))["status"], "sent") << "the second credit is still there";
  EXPECT_EQ(server.wechat().count_delivered(), 2u);
}

TEST_F(message_faults, an_answer_that_comes_too_late_is_asked_for_again_where_the_credit_was_the_only_one) {
  server.restart([](options& o) { o.wechat.total_timeout_ms = 300; });
  shop = server.service();
  auto phone = server.phone();
  ASSERT_EQ(phone.login(server.wechat().make_code("o-alice")).status, 200);
  server.wechat().grant("o-alice", order_paid_id);
  phone.request("POST", "/api/v1/subscriptions", R"({"results":{"custom:order_paid":"accept"}})");
  server.wechat().set_fault(kit::subscribe_send, {{"times", 1}, {"delay_ms", 1'000}});
  const auto message = end_of(order_paid(phone.user_id));
  EXPECT_EQ(message["status"], "sent");
  EXPECT_EQ(message["history"].back()["rule"], "consent_used_by_earlier_attempt");
  EXPECT_EQ(server.wechat().count_delivered(), 1u);
}

TEST_F(message_faults, an_unknown_outcome_of_a_long_term_template_is_left_alone) {
  const auto to = user("o-alice");
  server.wechat().grant("o-alice", ticket_ready_id);
  server.wechat().set_fault(kit::subscribe_send, {{"times", 1}, {"reset", true}});
  auto message = end_of(ticket_ready(to));
  EXPECT_EQ(message["status"], "failed");
  EXPECT_EQ(message["reason"], "outcome_unknown");
  EXPECT_EQ(end_of(ticket_ready(to))["status"], "sent");

  server.restart([](options& o) { o.push.on_unknown = unknown_rule::resend; });
  shop = server.service();
  server.wechat().set_fault(kit::subscribe_send, {{"times", 1}, {"reset", true}});
  message = end_of(ticket_ready(to));
  EXPECT_EQ(message["status"], "sent");
}

TEST_F(message_faults, while_wechat_is_down_messages_wait_and_nothing_is_used_up) {
  const auto to = user("o-alice");
  server.wechat().grant("o-alice", order_paid_id);
  server.network().set(kit::tcp_gate::mode::refuse);
  const auto id = accepted(order_paid(to));
  ASSERT_TRUE(kit::eventually([&] { return data_of(shop.message(id))["history"].size() >= 7u; }));
  EXPECT_EQ(data_of(shop.message(id))["attempts"], 0) << "the platform was never reached";
  server.network().set(kit::tcp_gate::mode::pass);
  EXPECT_EQ(shop.end_of(id, std::chrono::seconds(30))["status"], "sent");
}

TEST_F(message_faults, a_marked_user_is_not_tried_again_until_a_new_login) {
  const auto to = user("o-alice");
  server.wechat().grant("o-alice", order_paid_id, 2);
  server.wechat().set_fault(kit::subscribe_send, {{"times", 1}, {"answer", {{"errcode", 40003}}}});
  EXPECT_EQ(end_of(order_paid(to))["reason"], "bad_openid");
  const auto calls = server.wechat().calls_of(kit::subscribe_send);
  const auto answer = shop.post_message(order_paid(to));
  EXPECT_EQ(text_of(answer, "status"), "failed");
  EXPECT_EQ(text_of(answer, "reason"), "bad_openid");
  EXPECT_EQ(server.wechat().calls_of(kit::subscribe_send), calls);
  user("o-alice");
  EXPECT_EQ(end_of(order_paid(to))["status"], "sent");
}

TEST_F(message_faults, the_quota_of_the_day_lets_one_app_rest_and_not_the_other) {
  const auto to = follower();
  server.wechat().grant("o-alice", order_paid_id);
  server.wechat().set_fault(kit::subscribe_send, {{"times", 1}, {"answer", {{"errcode", 45009}}}});
  const auto id = accepted(order_paid(to));
  ASSERT_TRUE(kit::eventually([&] { return data_of(shop.message(id))["history"].size() >= 5u; }));
  const auto message = data_of(shop.message(id));
  EXPECT_EQ(message["status"], "queued");
  EXPECT_EQ(message["history"].back()["rule"], "quota_until_midnight");
  EXPECT_EQ(end_of(order_confirm(to))["status"], "sent") << "the official account goes on";
  const auto ready = server.http().get("/readyz");
  EXPECT_EQ(ready.status, 200);
  EXPECT_NE(ready.body.find("app demo until"), std::string::npos) << ready.body;
}

// -- an official account

struct official_account_faults : message_flow {
  official_account_faults() : message_flow([](options& o) { o.push.config_pause_s = 1; }) {}
  std::string to = follower();
};

TEST_F(official_account_faults, an_unknown_outcome_is_repeated_and_the_phone_shows_it_once) {
  for (int i = 0; i < 3; ++i) {
    server.wechat().set_fault(kit::template_send, {{"times", 1}, {"reset", true}});
    EXPECT_EQ(end_of(order_confirm(to))["status"], "sent");
  }
  EXPECT_EQ(server.wechat().count_delivered(), 3u);
}

TEST_F(official_account_faults, one_who_does_not_follow_is_marked) {
  server.wechat().set_fault(kit::template_send, {{"times", 1}, {"answer", {{"errcode", 43004}}}});
  EXPECT_EQ(end_of(order_confirm(to))["reason"], "not_following");
  const auto answer = shop.post_message(order_confirm(to));
  EXPECT_EQ(text_of(answer, "reason"), "not_following");
  user("o-alice", "u-alice");
  EXPECT_EQ(end_of(order_confirm(to))["status"], "sent");
}

} // namespace
} // namespace weappd
