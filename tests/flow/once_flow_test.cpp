#include "tests/flow/message_flow.hpp"
#include "tests/kit/server/together.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <set>
#include <string>
#include <utility>

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

// -- the effect is there, its answer is not

using losses = std::shared_ptr<std::atomic<int>>;

/// A once desk that loses answers instead of keeping them: what a kill between effect and answer leaves
/// behind.
once_desk_actor::behavior_type losing_desk(once_desk_actor::pointer self, const once_desk_actor& real,
                                           const losses& to_come) {
  self->link_to(real); // they end together
  return {
      [=](get_status wanted) { return self->delegate(real, wanted); },
      [=](const begin_once& wanted) { return self->delegate(real, wanted); },
      [=](end_once& ended) -> caf::result<done> {
        if (!ended.answer || *to_come == 0)
          return self->delegate(real, std::move(ended));
        --*to_come;
        caf::anon_send(real, end_once{ended.slot, std::nullopt}); // the key is free again
        return make_error(ec::storage_unavailable, "lost");
      },
  };
}

extension with_losing_desks(const losses& to_come) {
  extension other;
  other.actors = [=](factories& make) {
    make.once_desk = [=, standard = make.once_desk](caf::actor_system& system, const services_ptr& services,
                                                    std::size_t shard) {
      return system.spawn(losing_desk, standard(system, services, shard), to_come);
    };
  };
  return other;
}

void with_orders(options& o) {
  trigger_options paid;
  paid.event = "order.paid";
  paid.template_name = "custom:ticket_ready";
  o.triggers = {{"each", paid}, {"once", paid}};
  o.triggers["once"].dedup_key = "{{thing1}}";
}

struct lost_answer : testing::Test {
  losses to_come = std::make_shared<std::atomic<int>>(0);
  kit::test_server server{with_orders, with_losing_desks(to_come)};
  kit::service_client shop = server.service();
  kit::mini_program alice = server.phone();

  lost_answer() {
    EXPECT_TRUE(succeeded(alice.login(server.wechat().make_code("o-alice"))));
    server.wechat().grant("o-alice", ticket_ready_id);
  }

  /// The request's first answer is lost; gives the one that its repetition gets.
  template <class Send>
  kit::http_response lost_and_repeated(Send send) {
    *to_come = 1;
    EXPECT_TRUE(failed_with(send(), 503, 9000080003));
    EXPECT_EQ(*to_come, 0);
    const auto answer = send();
    EXPECT_EQ(answer.header("Idempotency-Replayed"), "");
    const auto again = send();
    EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
    EXPECT_EQ(again.body, answer.body);
    return answer;
  }
  kit::http_response fire(const char* key) {
    return shop.fire(
        "order.paid",
        {{"user_id", alice.user_id}, {"data", {{"thing1", "a ticket"}, {"date2", "2026-11-25"}}}},
        {{"Idempotency-Key", key}});
  }
  auto messages() { return data_of(shop.get("/api/v1/messages"))["total"]; }
};

TEST_F(lost_answer, to_a_report_of_consents_counts_no_tap_twice) {
  const auto tap = [&](const char* key) {
    return alice.request("POST", "/api/v1/subscriptions", R"({"results":{"custom:order_paid":"accept"}})",
                         {{"Idempotency-Key", key}});
  };
  for (const auto& [key, credits] : {std::pair("tap-1", 1), {"tap-2", 2}}) {
    const auto answer = lost_and_repeated([&, key = key] { return tap(key); });
    ASSERT_TRUE(succeeded(answer));
    EXPECT_EQ(data_of(answer)["balances"]["custom:order_paid"]["credits"], credits);
  }
}

TEST_F(lost_answer, to_an_event_sends_nothing_twice_and_is_told_as_it_was) {
  const auto answer = lost_and_repeated([&] { return fire("order-1"); });
  ASSERT_EQ(answer.status, 202) << answer.body;
  const auto results = data_of(answer)["results"];
  ASSERT_EQ(results.size(), 2u);
  for (const auto& result : results) {
    EXPECT_EQ(result["outcome"], "queued");
    EXPECT_EQ(shop.end_of(result["message_id"].get<std::string>())["status"], "sent");
  }
  EXPECT_NE(results[0]["message_id"], results[1]["message_id"]);
  EXPECT_EQ(messages(), 2);
  const auto others = data_of(fire("order-2"))["results"];
  EXPECT_EQ(others[0]["outcome"], "queued") << "another request";
  EXPECT_EQ(others[1]["outcome"], "duplicate") << "of the same event";
  shop.end_of(others[0]["message_id"].get<std::string>());
  EXPECT_EQ(server.wechat().count_delivered(), 3u);
}

TEST_F(lost_answer, to_a_retry_begins_a_message_anew_once) {
  server.wechat().set_fault(
      kit::subscribe_send, {{"times", -1}, {"answer", {{"errcode", 47003}, {"errmsg", "argument invalid"}}}});
  const auto id = text_of(shop.post_message(message_flow::ticket_ready(alice.user_id)), "id");
  ASSERT_EQ(shop.end_of(id)["status"], "failed");
  const auto answer = lost_and_repeated([&, first = true]() mutable {
    if (!std::exchange(first, false)) {
      EXPECT_EQ(shop.end_of(id)["status"], "failed");
    }
    return shop.post("/api/v1/messages/" + id + "/retry", {}, {{"Idempotency-Key", "retry-1"}});
  });
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_EQ(text_of(answer, "status"), "queued") << "as it was told the first time";
  const auto history = shop.end_of(id)["history"];
  EXPECT_EQ(std::ranges::count_if(history, [](const auto& event) { return event["rule"] == "retry_asked"; }),
            1)
      << history;
}

} // namespace
} // namespace weappd
