#include "tests/flow/message_flow.hpp"

#include <chrono>
#include <set>
#include <vector>

/// The life of a message over real sockets: asked for, sent, told about.
namespace weappd {
namespace {

std::vector<std::string> events_of(const nlohmann::json& message) {
  std::vector<std::string> out;
  for (const auto& event : message.at("history"))
    out.push_back(event.at("event").get<std::string>());
  return out;
}

TEST_F(message_flow, a_message_arrives_on_the_phone_and_its_whole_story_is_told) {
  const auto to = user("o-alice");
  server.wechat().grant("o-alice", order_paid_id);
  const auto id = accepted(order_paid(to), {{"X-Request-Id", "order-20261125"}});
  const auto message = shop.end_of(id);
  EXPECT_EQ(message["status"], "sent");
  EXPECT_EQ(message["attempts"], 1);
  EXPECT_EQ(message["template"], "custom:order_paid");
  EXPECT_EQ(message["to"], to);
  EXPECT_EQ(message["sender"], "client:demo");
  EXPECT_EQ(message["request_id"], "order-20261125");
  EXPECT_EQ(message["data"]["thing4"], "two coffees");
  EXPECT_EQ(events_of(message),
            (std::vector<std::string>{"accepted", "validated", "reserved", "sending", "attempt"}));
  const auto& turn = message["history"][3];
  EXPECT_EQ(turn["status"], "sending");
  EXPECT_EQ(turn["rule"], "leased");
  EXPECT_EQ(turn["attempt"], 1);
  const auto& attempt = message["history"][4];
  EXPECT_EQ(attempt["outcome"], "accepted");
  EXPECT_EQ(attempt["errcode"], 0);
  EXPECT_EQ(attempt["rule"], "platform_accepted");
  EXPECT_GT(attempt["token_epoch"].get<std::uint64_t>(), 0u);

  const auto phones = server.wechat().delivered();
  ASSERT_EQ(phones.size(), 1u);
  EXPECT_EQ(phones[0]["openid"], "o-alice");
  EXPECT_EQ(phones[0]["template_id"], order_paid_id);
  EXPECT_EQ(phones[0]["data"]["amount2"], "18.50元");
}

TEST_F(message_flow, a_message_that_is_being_sent_says_so_and_since_when) {
  const auto to = user("o-alice");
  server.wechat().grant("o-alice", order_paid_id);
  server.wechat().set_fault(kit::subscribe_send, {{"times", 1}, {"delay_ms", 1'000}});
  const auto id = accepted(order_paid(to));
  nlohmann::json message;
  ASSERT_TRUE(kit::eventually([&] {
    message = data_of(shop.message(id));
    return message["status"] == "sending";
  }));
  const auto& turn = message["history"].back();
  EXPECT_EQ(turn["event"], "sending");
  EXPECT_EQ(turn["status"], "sending");
  EXPECT_EQ(turn["at"], message["updated_at"]);
  EXPECT_EQ(kit::problem_of_history(message), "") << message;
  EXPECT_EQ(shop.end_of(id)["status"], "sent");
}

TEST_F(message_flow, a_consent_that_is_given_while_a_send_is_refused_for_want_of_one_is_kept) {
  auto phone = server.phone();
  ASSERT_EQ(phone.login(server.wechat().make_code("o-alice")).status, 200);
  const auto answer_with = [&](const char* answer) {
    return data_of(phone.request("POST", "/api/v1/subscriptions",
                                 nlohmann::json{{"results", {{"custom:order_paid", answer}}}}.dump()));
  };
  answer_with("accept"); // of which the platform knows nothing
  server.wechat().set_fault(kit::subscribe_send, {{"times", 1}, {"delay_ms", 1'000}});
  const auto id = accepted(order_paid(phone.user_id));
  ASSERT_TRUE(kit::eventually([&] { return data_of(shop.message(id))["status"] == "sending"; }));
  answer_with("accept");
  EXPECT_EQ(shop.end_of(id)["reason"], "not_subscribed");
  EXPECT_EQ(answer_with("filter")["balances"]["custom:order_paid"]["credits"], 1);
}

TEST_F(message_flow, a_message_in_doubt_past_its_not_after_has_not_expired) {
  server.restart([](options& o) { o.wechat.total_timeout_ms = 300; });
  shop = server.service();
  const auto to = user("o-alice");
  server.wechat().grant("o-alice", order_paid_id);
  // The platform takes it, and its answers come too late.
  server.wechat().set_fault(kit::subscribe_send, {{"times", -1}, {"delay_ms", 1'000}});
  auto body = order_paid(to);
  body["not_after"] = to_rfc3339(system_wall_clock().now() + std::chrono::milliseconds(700));
  const auto message = end_of(body);
  EXPECT_EQ(message["status"], "failed") << message;
  EXPECT_EQ(message["reason"], "outcome_unknown");
  EXPECT_EQ(message["history"].back()["rule"], "not_after_passed_in_doubt");
  ASSERT_TRUE(kit::eventually([&] { return server.wechat().count_delivered() == 1u; }));
  server.wechat().clear_fault(kit::subscribe_send);
  EXPECT_TRUE(works());
}

TEST_F(message_flow, a_long_term_template_is_sent_as_often_as_one_likes) {
  const auto to = user("o-alice");
  server.wechat().grant("o-alice", ticket_ready_id);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(end_of(ticket_ready(to))["status"], "sent");
  EXPECT_EQ(server.wechat().count_delivered(), 3u);
}

TEST_F(message_flow, a_follower_of_the_official_account_gets_its_template_messages) {
  const auto to = follower();
  const auto id = accepted(order_confirm(to));
  EXPECT_EQ(shop.end_of(id)["status"], "sent");
  const auto phones = server.wechat().delivered();
  ASSERT_EQ(phones.size(), 1u);
  EXPECT_EQ(phones[0]["openid"], "oa-alice");
  EXPECT_EQ(phones[0]["client_msg_id"], id);
}

TEST_F(message_flow, messages_are_listed_newest_first_by_page_and_filter) {
  const auto alice = user("o-alice");
  const auto bob = user("o-bob");
  server.wechat().grant("o-alice", ticket_ready_id);
  server.wechat().grant("o-bob", ticket_ready_id);
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i)
    ids.push_back(accepted(ticket_ready(alice)));
  ids.push_back(accepted(ticket_ready(bob)));
  for (const auto& id : ids)
    EXPECT_EQ(shop.end_of(id)["status"], "sent");
  auto list = data_of(shop.get("/api/v1/messages?limit=2"));
  EXPECT_EQ(list["total"], 4);
  EXPECT_EQ(list["page"], 1);
  EXPECT_EQ(list["limit"], 2);
  ASSERT_EQ(list["items"].size(), 2u);
  EXPECT_EQ(list["items"][0]["id"], ids[3]);
  EXPECT_FALSE(list["items"][0].contains("history"));
  list = data_of(shop.get("/api/v1/messages?to=" + alice + "&sort=created_at"));
  EXPECT_EQ(list["total"], 3);
  EXPECT_EQ(list["items"][0]["id"], ids[0]);
  EXPECT_EQ(data_of(shop.get("/api/v1/messages?status=failed"))["total"], 0);
  EXPECT_EQ(data_of(shop.get("/api/v1/messages?status=sent&template=custom:ticket_ready"))["total"], 4);
  EXPECT_TRUE(failed_with(shop.get("/api/v1/messages?limit=101"), 400, 2000010001));
  EXPECT_TRUE(failed_with(shop.get("/api/v1/messages?stat=sent"), 400, 2000010001));
}

TEST_F(message_flow, a_message_that_failed_can_be_sent_again) {
  const auto to = user("o-alice");
  const auto id = accepted(order_paid(to));
  auto message = shop.end_of(id);
  EXPECT_EQ(message["status"], "failed");
  EXPECT_EQ(message["reason"], "not_subscribed");
  server.wechat().grant("o-alice", order_paid_id);
  const auto answer = shop.retry(id);
  ASSERT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(text_of(answer, "status"), "queued");
  message = shop.end_of(id);
  EXPECT_EQ(message["status"], "sent");
  EXPECT_TRUE(failed_with(shop.retry(id), 409, 2000050002)) << "it did not fail";
}

TEST_F(message_flow, a_message_past_its_not_after_expires) {
  const auto to = user("o-alice");
  server.wechat().grant("o-alice", order_paid_id);
  server.wechat().set_fault(kit::subscribe_send, {{"times", -1}, {"answer", {{"errcode", -1}}}});
  auto body = order_paid(to);
  body["not_after"] = to_rfc3339(system_wall_clock().now() + std::chrono::milliseconds(700));
  const auto message = end_of(body);
  EXPECT_EQ(message["status"], "expired");
  EXPECT_EQ(server.wechat().count_delivered(), 0u);
  server.wechat().clear_fault(kit::subscribe_send);
  EXPECT_TRUE(works());
}

TEST_F(message_flow, a_message_to_a_locked_user_is_cancelled) {
  const auto to = user("o-alice");
  server.wechat().grant("o-alice", order_paid_id);
  const auto id = parse_user_id(to).value();
  ASSERT_TRUE(
      server.ask<done>(server.server().parts().router_of(id), set_user_status{id, user_status::locked}));
  EXPECT_EQ(end_of(order_paid(to))["status"], "cancelled");
  EXPECT_EQ(server.wechat().count_delivered(), 0u);
  ASSERT_TRUE(
      server.ask<done>(server.server().parts().router_of(id), set_user_status{id, user_status::active}));
  EXPECT_EQ(end_of(order_paid(to))["status"], "sent");
}

TEST_F(message_flow, what_was_queued_when_the_server_stopped_is_sent_after_its_restart) {
  const auto to = user("o-alice");
  server.wechat().grant("o-alice", ticket_ready_id);
  server.network().set(kit::tcp_gate::mode::refuse);
  std::vector<std::string> ids;
  for (int i = 0; i < 20; ++i)
    ids.push_back(accepted(ticket_ready(to)));
  server.stop();
  server.network().set(kit::tcp_gate::mode::pass);
  server.restart();
  shop = server.service();
  for (const auto& id : ids)
    EXPECT_EQ(shop.end_of(id)["status"], "sent");
  EXPECT_EQ(server.wechat().count_delivered(), 20u);
}

// -- consents

TEST_F(message_flow, the_mini_program_reports_consents_and_learns_the_balance) {
  auto phone = server.phone();
  ASSERT_EQ(phone.login(server.wechat().make_code("o-alice")).status, 200);
  const nlohmann::json report{
      {"results", {{"custom:order_paid", "accept"}, {"custom:ticket_ready", "accept"}}}};
  auto answer = phone.request("POST", "/api/v1/subscriptions", report.dump());
  ASSERT_TRUE(succeeded(answer));
  auto balances = data_of(answer)["balances"];
  EXPECT_EQ(balances["custom:order_paid"]["credits"], 1);
  EXPECT_EQ(balances["custom:ticket_ready"]["unlimited"], true);
  answer = phone.request("POST", "/api/v1/subscriptions", report.dump());
  EXPECT_EQ(data_of(answer)["balances"]["custom:order_paid"]["credits"], 2);

  server.wechat().grant("o-alice", order_paid_id, 2);
  EXPECT_EQ(end_of(order_paid(phone.user_id))["status"], "sent");
  answer = phone.request("POST", "/api/v1/subscriptions", R"({"results":{"custom:order_paid":"filter"}})");
  EXPECT_EQ(data_of(answer)["balances"]["custom:order_paid"]["credits"], 1) << "one was spent";
}

TEST_F(message_flow, a_refusal_of_the_platform_corrects_the_ledger) {
  auto phone = server.phone();
  ASSERT_EQ(phone.login(server.wechat().make_code("o-alice")).status, 200);
  const std::string report = R"({"results":{"custom:order_paid":"accept"}})";
  phone.request("POST", "/api/v1/subscriptions", report);
  const auto message = end_of(order_paid(phone.user_id)); // the platform knows of no consent
  EXPECT_EQ(message["reason"], "not_subscribed");
  const auto answer =
      phone.request("POST", "/api/v1/subscriptions", R"({"results":{"custom:order_paid":"filter"}})");
  EXPECT_EQ(data_of(answer)["balances"]["custom:order_paid"]["credits"], 0);
}

struct careful_message_flow : message_flow {
  careful_message_flow()
      : message_flow([](options& o) { o.push.send_without_credit = credit_rule::refuse; }) {}
};

TEST_F(careful_message_flow, a_send_without_credit_is_not_tried_and_the_answer_says_so) {
  auto phone = server.phone();
  ASSERT_EQ(phone.login(server.wechat().make_code("o-alice")).status, 200);
  const auto answer = shop.post_message(order_paid(phone.user_id));
  ASSERT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(text_of(answer, "status"), "failed");
  EXPECT_EQ(text_of(answer, "reason"), "not_subscribed");
  EXPECT_EQ(server.wechat().calls_of(kit::subscribe_send), 0u);

  server.wechat().grant("o-alice", order_paid_id);
  phone.request("POST", "/api/v1/subscriptions", R"({"results":{"custom:order_paid":"accept"}})");
  EXPECT_EQ(end_of(order_paid(phone.user_id))["status"], "sent");
}

// -- who may

TEST_F(message_flow, only_a_service_client_with_the_scope_may_send) {
  const auto to = user("o-alice");
  auto anybody = server.http();
  EXPECT_TRUE(failed_with(anybody.post_json("/api/v1/messages", order_paid(to)), 401, 1000030003));
  auto phone = server.phone();
  ASSERT_EQ(phone.login(server.wechat().make_code("o-bob")).status, 200);
  EXPECT_TRUE(failed_with(phone.request("POST", "/api/v1/messages", order_paid(to).dump()), 403, 2000020001));
  EXPECT_TRUE(failed_with(shop.get("/api/v1/users/me"), 403, 2000020001)) << "a service client is no user";
}

TEST_F(message_flow, a_service_client_is_let_in_by_id_and_secret) {
  const auto answer = shop.log_in();
  ASSERT_TRUE(succeeded(answer));
  const auto data = data_of(answer);
  EXPECT_TRUE(has_members(data, {"access_token", "token_type", "expires_in", "scope"}));
  EXPECT_EQ(data["token_type"], "Bearer");
  EXPECT_EQ(data["expires_in"], 7200);
  EXPECT_EQ(data["scope"], "messages:send token:read");
  kit::service_client stranger(server.port(), "demo", "guessed");
  EXPECT_TRUE(failed_with(stranger.log_in(), 401, 1000030004));
  kit::service_client unknown(server.port(), "nobody", "demo-secret");
  EXPECT_TRUE(failed_with(unknown.log_in(), 401, 1000030004));
}

struct scopeless_message_flow : message_flow {
  scopeless_message_flow() : message_flow([](options& o) { o.clients["demo"].scopes = {"token:read"}; }) {}
};

TEST_F(scopeless_message_flow, a_client_without_the_scope_is_told_so) {
  const auto to = user("o-alice");
  EXPECT_TRUE(failed_with(shop.post_message(order_paid(to)), 403, 2000020001));
}

// -- what does not fit

TEST_F(message_flow, every_mistake_in_a_message_is_named) {
  const auto to = user("o-alice");
  auto body = order_paid(to);
  body["template"] = "custom:unknown";
  EXPECT_TRUE(failed_with(shop.post_message(body), 404, 2000040001));
  body = order_paid("12345");
  EXPECT_TRUE(failed_with(shop.post_message(body), 404, 2000040002));
  body = order_confirm(to);
  EXPECT_TRUE(failed_with(shop.post_message(body), 409, 2000050001))
      << "nobody knows this user's openid there";

  body = order_paid(to);
  body["data"]["amount2"] = "much";
  body["data"]["thing4"] = "more than twenty characters";
  body["data"].erase("time3");
  body["data"]["thing9"] = "unknown";
  const auto answer = shop.post_message(body);
  ASSERT_TRUE(failed_with(answer, 400, 2000010001));
  std::set<std::pair<std::string, std::string>> details;
  const auto told = answer.json();
  for (const auto& one : told["details"])
    details.emplace(one["field"].get<std::string>(), one["problem"].get<std::string>());
  EXPECT_EQ(details, (std::set<std::pair<std::string, std::string>>{{"data.amount2", "invalid_characters"},
                                                                    {"data.thing4", "too_long"},
                                                                    {"data.time3", "required"},
                                                                    {"data.thing9", "unknown_field"}}));
  EXPECT_EQ(data_of(shop.get("/api/v1/messages"))["total"], 0);
  EXPECT_TRUE(works());
}

TEST_F(message_flow, an_unknown_message_is_not_found) {
  EXPECT_TRUE(failed_with(shop.message("123"), 404, 2000040003));
  EXPECT_TRUE(failed_with(shop.message("x"), 404, 2000040003));
  EXPECT_TRUE(failed_with(shop.retry("123"), 404, 2000040003));
}

TEST_F(message_flow, the_configured_templates_are_listed_with_their_fields) {
  const auto list = data_of(shop.get("/api/v1/templates"));
  std::set<std::string> names;
  for (const auto& one : list["items"])
    names.insert(one["name"].get<std::string>());
  EXPECT_EQ(names,
            (std::set<std::string>{"custom:order_paid", "custom:ticket_ready", "industry:order_confirm"}));
}

struct crowded_message_flow : message_flow {
  crowded_message_flow()
      : message_flow([](options& o) {
          o.push.max_queued = 4;
          o.pools.template_pusher = 1;
        }) {}
};

TEST_F(crowded_message_flow, a_full_queue_refuses_and_takes_again_when_there_is_room) {
  const auto to = user("o-alice");
  server.wechat().grant("o-alice", ticket_ready_id);
  server.network().set(kit::tcp_gate::mode::refuse);
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i)
    ids.push_back(accepted(ticket_ready(to)));
  const auto answer = shop.post_message(ticket_ready(to));
  EXPECT_TRUE(failed_with(answer, 503, 2000080001));
  EXPECT_FALSE(answer.header("Retry-After").empty());
  server.network().set(kit::tcp_gate::mode::pass);
  for (const auto& id : ids)
    EXPECT_EQ(shop.end_of(id)["status"], "sent");
  EXPECT_TRUE(works());
}

} // namespace
} // namespace weappd
