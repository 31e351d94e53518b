#include "tests/unit/http/api/api_world.hpp"

#include <gtest/gtest.h>

namespace weappd::http::test {
namespace {

using nlohmann::json;
using words = std::vector<std::string>;
constexpr const char* trigger_path = "/api/v1/triggers/order.paid";

void with_triggers(options& o) {
  trigger_options paid;
  paid.event = "order.paid";
  paid.template_name = "custom:order_paid";
  paid.data = {{"character_string1", "{{number}}"}, {"thing4", "{{goods}}"}};
  paid.dedup_key = "{{number}}";
  paid.dedup_s = 60;
  trigger_options large = paid;
  large.template_name = "industry:order_confirm";
  large.when = {"amount >= 100"};
  large.data = {{"thing2", "{{amount}}"}};
  large.dedup_key = "";
  o.triggers["a_paid"] = paid;
  o.triggers["b_large"] = large;
  o.triggers["c_other"] = paid;
  o.triggers["c_other"].event = "order.sent";
}

json event(json amount = 120.5) {
  return {{"user_id", "42"},
          {"data", {{"number", "A-17"}, {"goods", "tea"}, {"amount", std::move(amount)}, {"gift", true}}}};
}

TEST(trigger_api, every_trigger_of_an_event_says_what_became_of_it) {
  api_world w(with_triggers);
  const auto answer = w.post(trigger_path, event(), w.client());
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.json()["data"], json::parse(R"({"event":"order.paid","results":[
      {"trigger":"a_paid","outcome":"queued","message_id":"1001"},
      {"trigger":"b_large","outcome":"queued","message_id":"1002"}]})"));
  ASSERT_EQ(w.the().accepted.size(), 2u);
  const auto& first = w.the().accepted[0];
  EXPECT_EQ(first.draft.sender, "trigger:a_paid");
  EXPECT_EQ(first.draft.to.value, 42u);
  EXPECT_EQ(first.draft.data, (field_values{{"character_string1", "A-17"}, {"thing4", "tea"}}));
  ASSERT_TRUE(first.guard);
  EXPECT_EQ(first.guard->scope, "a_paid");
  EXPECT_EQ(first.guard->key, "42 A-17");
  EXPECT_EQ(first.guard->until, w.now() + std::chrono::seconds(60));
  EXPECT_EQ(w.the().accepted[1].draft.data, (field_values{{"thing2", "120.5"}}));
  EXPECT_EQ(w.the().accepted[1].draft.app.value, "demo_oa");
  EXPECT_FALSE(w.the().accepted[1].guard);
}

TEST(trigger_api, a_dropped_a_duplicate_and_a_failed_one_are_told_apart) {
  api_world w(with_triggers);
  w.the().accept = [](const accept_message&) {
    return message_accepted{.id = message_id{7}, .duplicate = true};
  };
  EXPECT_EQ(w.post(trigger_path, event(5), w.client()).json()["data"]["results"], json::parse(R"([
      {"trigger":"a_paid","outcome":"duplicate","message_id":"7"},
      {"trigger":"b_large","outcome":"dropped","rule":"amount >= 100"}])"));
  w.the().accept = [](const accept_message& wanted) -> fakes::outcome<message_accepted> {
    if (wanted.guard)
      return ec::no_openid;
    return message_accepted{
        .id = wanted.draft.id, .state = message_state::failed, .reason = fail_reason::not_following};
  };
  EXPECT_EQ(w.post(trigger_path, event(), w.client()).json()["data"]["results"], json::parse(R"([
      {"trigger":"a_paid","outcome":"failed","reason":"no_openid"},
      {"trigger":"b_large","outcome":"failed","message_id":"1003","reason":"not_following"}])"));
}

TEST(trigger_api, with_an_idempotency_key_each_message_has_a_guard_of_the_request) {
  api_world w([](options& o) {
    with_triggers(o);
    o.clients["other"].scopes = {"messages:send"};
    o.auth.idempotency_s = 3'600;
  });
  const auto once_of = [&](const json& body, const kit::field_list& fields) {
    w.the().accepted.clear();
    EXPECT_EQ(w.post(trigger_path, body, fields).status, 202);
    std::vector<duplicate_guard> guards;
    for (const auto& one : w.the().accepted)
      guards.push_back(one.once.value_or(duplicate_guard{}));
    return guards;
  };
  const auto keyed = [](kit::field_list fields, const char* key) {
    return with(std::move(fields), "Idempotency-Key", key);
  };
  w.the().accept = [](const accept_message&) { return message_accepted{.id = message_id{7}}; };
  const auto first = once_of(event(), keyed(w.client(), "a"));
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].scope, "once:a_paid");
  EXPECT_EQ(first[1].scope, "once:b_large");
  EXPECT_EQ(first[0].key.size(), 64u);
  EXPECT_EQ(first[0].key, first[1].key);
  EXPECT_EQ(first[0].until, w.now() + std::chrono::hours(1));
  w.the().slots.clear(); // the server was killed before it kept the answer
  EXPECT_EQ(once_of(event(), keyed(w.client(), "a"))[0].key, first[0].key);
  w.the().slots.clear();
  EXPECT_NE(once_of(event(200), keyed(w.client(), "a"))[0].key, first[0].key) << "another body";
  EXPECT_NE(once_of(event(), keyed(w.client(), "b"))[0].key, first[0].key) << "another key";
  EXPECT_NE(once_of(event(), keyed(w.client("other"), "a"))[0].key, first[0].key) << "another caller";
  once_of(event(), w.client());
  EXPECT_FALSE(w.the().accepted.at(0).once);
}

TEST(trigger_api, what_the_same_request_did_before_is_told_as_it_was_then) {
  api_world w(with_triggers);
  w.the().accept = [](const accept_message& wanted) {
    message_accepted first{
        .id = message_id{7}, .state = message_state::sent, .duplicate = true, .repeated = true};
    if (!wanted.guard) {
      first.state = message_state::failed;
      first.reason = fail_reason::not_following;
    }
    return first;
  };
  EXPECT_EQ(w.post(trigger_path, event(), with(w.client(), "Idempotency-Key", "a")).json()["data"]["results"],
            json::parse(R"([
      {"trigger":"a_paid","outcome":"queued","message_id":"7"},
      {"trigger":"b_large","outcome":"failed","message_id":"7","reason":"not_following"}])"));
}

TEST(trigger_api, an_error_is_the_answer_when_nothing_was_accepted) {
  api_world w(with_triggers);
  for (const auto code : {ec::user_not_found, ec::queue_full, ec::storage_unavailable}) {
    w.the().accept = [code](const accept_message&) { return code; };
    EXPECT_TRUE(is_failure(w.post(trigger_path, event(), w.client()), code));
  }
  w.the().accept = nullptr;
  EXPECT_EQ(w.post(trigger_path, event(), w.client()).status, 202);
}

TEST(trigger_api, data_that_does_not_fit_sends_nothing_at_all) {
  api_world w(with_triggers);
  auto body = event();
  body["data"]["number"] = std::string(33, 'x');
  const auto answer = w.post(trigger_path, body, w.client());
  EXPECT_TRUE(is_failure(answer, ec::invalid_message));
  EXPECT_EQ(details_of(answer), words{"data.character_string1: too_long"});
  body["data"] = {{"number", nullptr}, {"goods", {1}}, {"amount", "x\ny"}};
  EXPECT_EQ(details_of(w.post(trigger_path, body, w.client())),
            (words{"data.amount: invalid_characters", "data.goods: wrong_type", "data.number: wrong_type"}));
  EXPECT_EQ(details_of(w.post(trigger_path, {{"user_id", "42"}}, w.client())), words{"data: required"});
  EXPECT_TRUE(w.the().accepted.empty());
}

TEST(trigger_api, unknown_events_and_users_are_not_found) {
  api_world w(with_triggers);
  EXPECT_TRUE(is_failure(w.post("/api/v1/triggers/order.lost", event(), w.client()), ec::trigger_not_found));
  auto body = event();
  body["user_id"] = "me";
  EXPECT_TRUE(is_failure(w.post(trigger_path, body, w.client()), ec::user_not_found));
}

} // namespace
} // namespace weappd::http::test
