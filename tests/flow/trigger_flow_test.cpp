#include "tests/flow/message_flow.hpp"

#include <string>

/// Business events that become messages, and the token service.
namespace weappd {
namespace {

struct trigger_flow : message_flow {
  trigger_flow()
      : message_flow([](options& o) {
          trigger_options big;
          big.event = "order.paid";
          big.template_name = "custom:ticket_ready";
          big.when = {"amount >= 100"};
          big.data = {{"thing1", "order {{order_no}}"}, {"date2", "{{day}}"}};
          big.dedup_key = "{{order_no}}";
          o.triggers = {{"big_order", big}};
        }) {}

  nlohmann::json event(const std::string& to, int amount, const std::string& order) {
    return {{"user_id", to}, {"data", {{"amount", amount}, {"order_no", order}, {"day", "2026-11-25"}}}};
  }
};

TEST_F(trigger_flow, an_event_becomes_a_message) {
  const auto to = user("o-alice");
  server.wechat().grant("o-alice", ticket_ready_id);
  const auto answer = shop.fire("order.paid", event(to, 150, "A1"));
  ASSERT_EQ(answer.status, 202) << answer.body;
  const auto result = data_of(answer)["results"][0];
  EXPECT_EQ(result["trigger"], "big_order");
  EXPECT_EQ(result["outcome"], "queued");
  const auto message = shop.end_of(result["message_id"].get<std::string>());
  EXPECT_EQ(message["status"], "sent");
  EXPECT_EQ(message["sender"], "trigger:big_order");
  EXPECT_EQ(server.wechat().delivered()[0]["data"]["thing1"], "order A1");
}

TEST_F(trigger_flow, a_condition_that_does_not_hold_drops_it_and_the_answer_names_it) {
  const auto to = user("o-alice");
  const auto answer = shop.fire("order.paid", event(to, 50, "A1"));
  ASSERT_EQ(answer.status, 202);
  const auto result = data_of(answer)["results"][0];
  EXPECT_EQ(result["outcome"], "dropped");
  EXPECT_EQ(result["rule"], "amount >= 100");
  EXPECT_FALSE(result.contains("message_id"));
}

TEST_F(trigger_flow, the_same_event_again_is_a_duplicate) {
  const auto to = user("o-alice");
  server.wechat().grant("o-alice", ticket_ready_id);
  const auto first = data_of(shop.fire("order.paid", event(to, 150, "A1")))["results"][0];
  const auto second = data_of(shop.fire("order.paid", event(to, 150, "A1")))["results"][0];
  EXPECT_EQ(second["outcome"], "duplicate");
  EXPECT_EQ(second["message_id"], first["message_id"]);
  const auto other = data_of(shop.fire("order.paid", event(to, 150, "A2")))["results"][0];
  EXPECT_EQ(other["outcome"], "queued");
}

TEST_F(trigger_flow, an_unknown_event_is_not_found) {
  const auto to = user("o-alice");
  EXPECT_TRUE(failed_with(shop.fire("order.lost", event(to, 150, "A1")), 404, 2000040004));
}

TEST_F(message_flow, the_demo_trigger_takes_the_events_data_as_it_is) {
  const auto to = user("o-alice");
  server.wechat().grant("o-alice", order_paid_id);
  const auto answer = shop.fire("order.paid", {{"user_id", to}, {"data", order_paid(to)["data"]}});
  ASSERT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(shop.end_of(data_of(answer)["results"][0]["message_id"].get<std::string>())["status"], "sent");
}

// -- the token service

TEST_F(message_flow, a_service_client_may_have_the_access_token_and_report_it_as_dead) {
  auto answer = shop.get("/api/v1/apps/demo/access_token");
  ASSERT_TRUE(succeeded(answer));
  const auto first = data_of(answer);
  EXPECT_TRUE(has_members(first, {"access_token", "expires_in", "expires_at", "epoch"}));
  EXPECT_EQ(data_of(shop.get("/api/v1/apps/demo/access_token"))["access_token"], first["access_token"]);

  server.wechat().expire_access_tokens();
  const nlohmann::json report{{"epoch", first["epoch"]}};
  ASSERT_TRUE(succeeded(shop.post("/api/v1/apps/demo/access_token/report_invalid", report.dump())));
  const auto second = data_of(shop.get("/api/v1/apps/demo/access_token"));
  EXPECT_NE(second["access_token"], first["access_token"]);
  const auto fetches = server.wechat().calls_of(kit::token_fetch);
  shop.post("/api/v1/apps/demo/access_token/report_invalid",
            report.dump()); // late: that token is gone already
  EXPECT_EQ(data_of(shop.get("/api/v1/apps/demo/access_token"))["access_token"], second["access_token"]);
  EXPECT_EQ(server.wechat().calls_of(kit::token_fetch), fetches);

  const auto ready = server.http().get("/readyz").json();
  EXPECT_EQ(ready["checks"]["wechat_token.demo"]["state"], "degraded")
      << "somebody else seems to fetch tokens";
  EXPECT_TRUE(failed_with(shop.get("/api/v1/apps/nobody/access_token"), 404, 2000040005));
}

} // namespace
} // namespace weappd
