#include "tests/flow/message_flow.hpp"
#include "tests/kit/server/together.hpp"

#include <algorithm>
#include <set>
#include <string>

/// Idempotency-Key over real sockets.
namespace weappd {
namespace {

const kit::field_list& with_key() {
  static const kit::field_list field{{"Idempotency-Key", "order-1"}};
  return field;
}

struct once_flow : message_flow {
  std::string to = user("o-alice");
  once_flow() { server.wechat().grant("o-alice", ticket_ready_id); }
};

TEST_F(once_flow, the_first_answer_is_given_again_byte_for_byte) {
  const auto first = shop.post_message(ticket_ready(to), with_key());
  ASSERT_EQ(first.status, 202);
  EXPECT_EQ(first.header("Idempotency-Replayed"), "");
  const auto second = shop.post_message(ticket_ready(to), with_key());
  EXPECT_EQ(second.status, 202);
  EXPECT_EQ(second.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(shop.end_of(text_of(first, "id"))["status"], "sent");
  EXPECT_EQ(data_of(shop.get("/api/v1/messages"))["total"], 1);
}

TEST_F(once_flow, of_many_at_once_one_has_an_effect) {
  ASSERT_EQ(shop.log_in().status, 200);
  const auto answers = kit::together(16, [&](std::size_t) {
    auto one = server.service();
    one.access_token = shop.access_token;
    return one.post_message(ticket_ready(to), with_key());
  });
  std::set<std::string> bodies;
  for (const auto& answer : answers) {
    if (answer.status == 202)
      bodies.insert(answer.body);
    else
      EXPECT_TRUE(failed_with(answer, 409, 9000050001));
  }
  EXPECT_EQ(bodies.size(), 1u);
  EXPECT_EQ(data_of(shop.get("/api/v1/messages"))["total"], 1);
}

TEST_F(once_flow, the_same_key_for_another_request_is_refused) {
  ASSERT_EQ(shop.post_message(ticket_ready(to), with_key()).status, 202);
  auto other = ticket_ready(to);
  other["data"]["thing1"] = "another ticket";
  EXPECT_TRUE(failed_with(shop.post_message(other, with_key()), 422, 9000050002));
}

TEST_F(once_flow, an_answer_that_is_not_final_is_not_kept) {
  auto broken = ticket_ready(to);
  broken["data"]["date2"] = "tomorrow";
  EXPECT_TRUE(failed_with(shop.post_message(broken, with_key()), 400, 2000010001));
  EXPECT_EQ(shop.post_message(ticket_ready(to), with_key()).status, 202);
}

TEST_F(once_flow, a_final_refusal_is_kept) {
  auto body = ticket_ready("12345");
  EXPECT_TRUE(failed_with(shop.post_message(body, with_key()), 404, 2000040002));
  const auto again = shop.post_message(body, with_key());
  EXPECT_EQ(again.status, 404);
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
}

TEST_F(once_flow, answers_survive_a_restart) {
  const auto first = shop.post_message(ticket_ready(to), with_key());
  server.restart();
  shop = server.service();
  const auto second = shop.post_message(ticket_ready(to), with_key());
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second.header("Idempotency-Replayed"), "true");
}

TEST_F(once_flow, keys_of_different_callers_never_meet) {
  auto alice = server.phone();
  auto bob = server.phone();
  ASSERT_EQ(alice.login(server.wechat().make_code("o-alice")).status, 200);
  ASSERT_EQ(bob.login(server.wechat().make_code("o-bob")).status, 200);
  const std::string report = R"({"results":{"custom:order_paid":"accept"}})";
  const auto first = alice.request("POST", "/api/v1/subscriptions", report, with_key());
  const auto other = bob.request("POST", "/api/v1/subscriptions", report, with_key());
  EXPECT_EQ(other.header("Idempotency-Replayed"), "");
  const auto again = alice.request("POST", "/api/v1/subscriptions", report, with_key());
  EXPECT_EQ(again.body, first.body) << "and the second tap was not counted";
}

TEST_F(once_flow, a_login_that_was_lost_on_the_way_is_given_again) {
  auto phone = server.http();
  const nlohmann::json body{{"code", server.wechat().make_code("o-carol")}};
  const auto first = phone.post_json("/api/v1/auth/login", body, with_key());
  ASSERT_EQ(first.status, 200);
  EXPECT_EQ(phone.post_json("/api/v1/auth/login", body, with_key()).body, first.body);
}

TEST_F(once_flow, a_key_must_be_visible_and_short) {
  for (const auto& key : {std::string(256, 'k'), std::string("two words"), std::string("schl\xC3\xBCssel")})
    EXPECT_TRUE(failed_with(shop.post_message(ticket_ready(to), {{"Idempotency-Key", key}}), 400, 9000010009))
        << key;
  EXPECT_EQ(shop.post_message(ticket_ready(to), {{"Idempotency-Key", std::string(255, 'k')}}).status, 202);
}

} // namespace
} // namespace weappd
