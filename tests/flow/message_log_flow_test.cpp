#include "tests/flow/canaries.hpp"
#include "tests/flow/message_flow.hpp"

#include <sstream>
#include <string>
#include <vector>

/// What operators read about messages: everything that happened, and nothing of whom or what it was about.
namespace weappd {
namespace {

struct message_log_flow : message_flow {
  message_log_flow()
      : message_flow([](options& o) {
          o.http.metrics = true;
          o.log.level = "trace";
          o.push.config_pause_s = 1;
          o.push.retry_max_ms = 50;
        }) {}

  /// The events of the log that carry this request id, in order.
  std::vector<std::string> events_of(const std::string& request_id) {
    std::vector<std::string> out;
    std::istringstream in(server.log());
    for (std::string line; std::getline(in, line);) {
      const auto event = nlohmann::json::parse(line, nullptr, false);
      if (event.value("request_id", "") == request_id)
        out.push_back(event.value("event", ""));
    }
    return out;
  }
};

TEST_F(message_log_flow, a_message_can_be_followed_by_one_request_id_in_log_metrics_and_its_own_story) {
  const auto to = user("o-alice");
  server.wechat().grant("o-alice", order_paid_id);
  server.wechat().set_fault(kit::subscribe_send, {{"times", 1}, {"answer", {{"errcode", -1}}}});
  const auto id = accepted(order_paid(to), {{"X-Request-Id", "follow-me-20261125"}});
  const auto message = shop.end_of(id);
  EXPECT_EQ(message["request_id"], "follow-me-20261125");
  const auto metrics = server.http().get("/metrics").body;
  for (const auto* line : {R"(weappd_messages_accepted_total{template="custom:order_paid"} 1)",
                           R"(weappd_messages_finished_total{reason="",status="sent"} 1)",
                           R"(weappd_message_attempts_total{errcode="-1",outcome="refused"} 1)"})
    EXPECT_NE(metrics.find(line), std::string::npos) << line;
  server.stop();
  EXPECT_EQ(events_of("follow-me-20261125"),
            (std::vector<std::string>{"http.request", "message.attempt_failed", "message.sent"}));
}

TEST_F(message_log_flow, nothing_secret_or_personal_gets_into_log_metrics_or_failures) {
  std::vector<canary> canaries{{"openid", "o-canary-openid-77aa"},
                               {"unionid", "u-canary-unionid-66bb"},
                               {"openid at the official account", "oa-canary-openid-55cc"},
                               {"a field's text", "canary-coffee-44dd"},
                               {"secret of a service client", "canary-guess-33ee"},
                               {"secret of the demo client", "demo-secret"}};
  std::vector<std::string> failures;
  const auto note = [&](const kit::http_response& answer) {
    if (answer.status >= 400)
      failures.push_back(answer.body);
  };
  auto phone = server.phone();
  ASSERT_EQ(phone.login(server.wechat().make_code(canaries[0].text, canaries[1].text)).status, 200);
  const auto to = phone.user_id;
  ASSERT_EQ(phone
                .login(server.wechat().make_code(canaries[2].text, canaries[1].text, official_app_id),
                       {{"app", "demo_oa"}})
                .status,
            200);
  ASSERT_EQ(shop.log_in().status, 200);
  canaries.push_back({"access token of a service client", shop.access_token});
  kit::service_client stranger(server.port(), "demo", canaries[4].text);
  note(stranger.log_in());

  // Messages that end in every way.
  server.wechat().grant(canaries[0].text, order_paid_id, 100);
  auto body = order_paid(to, canaries[3].text);
  EXPECT_EQ(end_of(body)["status"], "sent");
  EXPECT_EQ(end_of(order_confirm(to))["status"], "sent");
  for (const auto& fault : std::vector<nlohmann::json>{
           {{"answer", {{"errcode", -1}, {"errmsg", canaries[0].text}}}},
           {{"answer", {{"errcode", 40001}, {"errmsg", canaries[0].text}}}},
           {{"answer",
             {{"errcode", 47003}, {"errmsg", "argument invalid! data." + canaries[3].text + " invalid"}}}},
           {{"answer", {{"errcode", 43101}, {"errmsg", canaries[0].text}}}},
           {{"answer", {{"errcode", 48001}}}},
           {{"answer", canaries[3].text}},
           {{"status", 500}},
           {{"reset", true}}}) {
    auto once = fault;
    once["times"] = 1;
    server.wechat().set_fault(kit::subscribe_send, once);
    shop.end_of(accepted(body));
  }
  // And some that are refused.
  note(shop.post_message({{"template", canaries[3].text}, {"to", to}, {"data", nlohmann::json::object()}}));
  body["data"]["thing4"] = canaries[3].text + " is much too long for this field";
  note(shop.post_message(body));
  body["data"][canaries[3].text] = "unknown";
  body["data"]["amount2"] = canaries[3].text;
  note(shop.post_message(body));
  note(shop.message(canaries[3].text));
  note(shop.fire(canaries[3].text, {{"user_id", to}, {"data", nlohmann::json::object()}}));
  note(shop.get("/api/v1/messages?to=" + canaries[0].text));
  note(phone.request("POST", "/api/v1/subscriptions",
                     R"({"results":{")" + canaries[3].text + R"(":"accept"}})"));
  const auto token = data_of(shop.get("/api/v1/apps/demo/access_token"))["access_token"].get<std::string>();
  canaries.push_back({"WeChat's access token", token});

  ASSERT_GE(failures.size(), 6u);
  std::erase_if(canaries,
                [](const canary& one) { return one.what == "a field's text"; }); // its names are told back
  for (const auto& text : failures)
    expect_nowhere(canaries, "a failure", text);
  canaries.push_back({"a field's text", "canary-coffee-44dd"});
  expect_nowhere(canaries, "the metrics", server.http().get("/metrics").body);
  server.stop();
  ASSERT_FALSE(server.log().empty());
  expect_nowhere(canaries, "the log", server.log());
}

} // namespace
} // namespace weappd
