#include "http/api/routes.hpp"
#include "tests/unit/http/api/api_world.hpp"

#include <gtest/gtest.h>

namespace weappd::http::test {
namespace {

using words = std::vector<std::string>;
using nlohmann::json;
constexpr const char* messages_path = "/api/v1/messages";

json good() {
  return {{"template", "custom:order_paid"},
          {"to", "42"},
          {"data", {{"character_string1", "A-17"}, {"thing4", "tea"}}}};
}
json changed(const char* member, json value) {
  auto body = good();
  body[member] = std::move(value);
  return body;
}

message_record stored(std::uint64_t id, std::string sender) {
  message_record message;
  message.draft.id = {id};
  message.draft.to = user_id{42};
  message.draft.app = {"demo"};
  message.draft.template_name = "custom:order_paid";
  message.draft.data = {{"thing4", "tea"}};
  message.draft.created_at = timestamp(std::chrono::milliseconds(1'000));
  message.draft.sender = std::move(sender);
  message.draft.request_id = "first-request";
  message.state = message_state::failed;
  message.reason = fail_reason::not_subscribed;
  message.attempts = 1;
  message.updated_at = timestamp(std::chrono::milliseconds(2'000));
  message_event accepted;
  accepted.at = message.draft.created_at;
  accepted.rule = "accepted";
  message_event attempt;
  attempt.what = message_event::kind::attempt;
  attempt.at = message.updated_at;
  attempt.state = message_state::failed;
  attempt.rule = "stop_mark_user";
  attempt.attempt = 1;
  attempt.outcome = "refused";
  attempt.errcode = 43101;
  attempt.rid = "ab-1";
  attempt.token_epoch = 3;
  attempt.duration = std::chrono::milliseconds(12);
  message.story = {accepted, attempt};
  return message;
}

TEST(message_api, a_message_is_composed_and_given_to_the_pusher_of_its_user) {
  api_world w;
  auto body = good();
  body["priority"] = "high";
  body["not_after"] = "2026-11-25T20:00:01+08:00";
  const auto answer = w.post(messages_path, body, with(w.client(), "X-Request-Id", "request-01"));
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.json()["data"], (json{{"id", "1001"}, {"status", "queued"}}));
  ASSERT_EQ(w.the().accepted.size(), 1u);
  const auto& sent = w.the().accepted[0];
  EXPECT_EQ(sent.draft.id.value, 1001u);
  EXPECT_EQ(sent.draft.to.value, 42u);
  EXPECT_EQ(sent.draft.app.value, "demo");
  EXPECT_EQ(sent.draft.template_name, "custom:order_paid");
  EXPECT_EQ(sent.draft.priority, message_priority::high);
  EXPECT_EQ(sent.draft.page, "pages/order");
  EXPECT_EQ(sent.draft.data, (field_values{{"character_string1", "A-17"}, {"thing4", "tea"}}));
  EXPECT_EQ(sent.draft.created_at, w.now());
  EXPECT_EQ(sent.draft.send_at, w.now());
  EXPECT_EQ(sent.draft.not_after, w.now() + std::chrono::seconds(1));
  EXPECT_EQ(sent.draft.sender, "client:shop");
  EXPECT_EQ(sent.draft.request_id, "request-01");
  EXPECT_FALSE(sent.guard);
  EXPECT_FALSE(sent.answers);
  EXPECT_EQ(w.policy_name(w.the().policies.at(0)), "per_client");
}

TEST(message_api, the_templates_app_page_and_variables_are_used_and_may_be_named) {
  api_world w;
  const auto official = w.post(messages_path,
                               {{"template", "industry:order_confirm"},
                                {"to", "7"},
                                {"data", {{"thing2", "x"}}},
                                {"app", "demo_oa"},
                                {"page", "pages/mine?a=1"}},
                               w.client());
  EXPECT_EQ(official.status, 202);
  const auto ticket =
      w.post(messages_path, {{"template", "custom:ticket_ready"}, {"to", "7"}, {"data", {{"number", "9"}}}},
             w.client());
  EXPECT_EQ(ticket.status, 202);
  ASSERT_EQ(w.the().accepted.size(), 2u);
  EXPECT_EQ(w.the().accepted[0].draft.app.value, "demo_oa");
  EXPECT_EQ(w.the().accepted[0].draft.page, "pages/mine?a=1");
  EXPECT_EQ(w.the().accepted[1].draft.data, (field_values{{"thing1", "Ticket 9"}}));
}

TEST(message_api, what_the_pusher_says_is_the_answer) {
  api_world w;
  w.the().accept = [](const accept_message& wanted) {
    return message_accepted{
        .id = wanted.draft.id, .state = message_state::failed, .reason = fail_reason::not_subscribed};
  };
  EXPECT_EQ(w.post(messages_path, good(), w.client()).json()["data"],
            (json{{"id", "1001"}, {"status", "failed"}, {"reason", "not_subscribed"}}));
  for (const auto code : {ec::user_not_found, ec::no_openid, ec::queue_full, ec::storage_unavailable}) {
    w.the().accept = [code](const accept_message&) { return code; };
    EXPECT_TRUE(is_failure(w.post(messages_path, good(), w.client()), code)) << describe(code).name;
  }
  w.the().accept = nullptr;
  EXPECT_EQ(w.post(messages_path, good(), w.client()).status, 202);
}

TEST(message_api, what_does_not_fit_is_named_field_by_field_and_nothing_is_sent) {
  api_world w;
  const auto problems = [&](const json& body) {
    const auto answer = w.post(messages_path, body, w.client());
    EXPECT_TRUE(is_failure(answer, ec::invalid_message)) << answer.body;
    return details_of(answer);
  };
  EXPECT_EQ(problems(json::object()), (words{"template: required", "to: required", "data: required"}));
  EXPECT_EQ(problems(changed("extra", 1)), words{"extra: unknown_field"});
  EXPECT_EQ(problems(changed("priority", "urgent")), words{"priority: unknown_value"});
  EXPECT_EQ(problems(changed("not_after", "soon")), words{"not_after: not_a_time"});
  EXPECT_EQ(problems(changed("not_after", "2026-11-25T12:00:00Z")), words{"not_after: out_of_range"});
  EXPECT_EQ(problems(changed("app", "demo_oa")), words{"app: unknown_app"});
  EXPECT_EQ(problems(changed("page", "pages/\u8ba2")), words{"page: invalid_characters"});
  EXPECT_EQ(problems(changed("data", {{"thing4", 1}})), words{"data.thing4: wrong_type"});
  EXPECT_EQ(
      problems(changed("data", {{"character_string1", std::string(33, 'x')}, {"other", "x"}})),
      (words{"data.character_string1: too_long", "data.thing4: required", "data.other: unknown_field"}));
  EXPECT_TRUE(w.the().accepted.empty());
}

TEST(message_api, unknown_templates_and_users_are_not_found) {
  api_world w;
  EXPECT_TRUE(is_failure(w.post(messages_path, changed("template", "custom:none"), w.client()),
                         ec::template_not_found));
  EXPECT_TRUE(is_failure(w.post(messages_path, changed("to", "somebody"), w.client()), ec::user_not_found));
}

TEST(message_api, without_an_id_or_a_pusher_the_answer_is_503) {
  api_world w;
  w.the().no_ids = true;
  EXPECT_TRUE(is_failure(w.post(messages_path, good(), w.client()), ec::overloaded));
  w.the().no_ids = false;
  EXPECT_EQ(w.post(messages_path, good(), w.client()).status, 202);
  w.kill_pusher();
  EXPECT_TRUE(is_failure(w.post(messages_path, good(), w.client()), ec::overloaded));
}

TEST(message_api, is_for_service_clients_with_the_scope) {
  api_world w;
  for (const auto& [method, where] :
       std::vector<std::pair<std::string, std::string>>{{"POST", messages_path},
                                                        {"GET", messages_path},
                                                        {"GET", "/api/v1/messages/1"},
                                                        {"POST", "/api/v1/messages/1/retry"},
                                                        {"POST", "/api/v1/triggers/order.paid"}}) {
    const auto ask = [&](const kit::field_list& fields) {
      return method == "POST" ? w.post(where, good(), fields) : w.get(where, fields);
    };
    EXPECT_TRUE(is_failure(ask({}), ec::invalid_access_token)) << where;
    EXPECT_TRUE(is_failure(ask({{"Authorization", "Bearer x"}}), ec::invalid_access_token)) << where;
    EXPECT_TRUE(is_failure(ask(w.client("gone")), ec::invalid_access_token)) << where;
    EXPECT_TRUE(is_failure(ask(w.client("reader")), ec::scope_missing)) << where;
    EXPECT_TRUE(is_failure(ask(w.client("idle")), ec::scope_missing)) << where;
    EXPECT_TRUE(is_failure(ask(w.user()), ec::scope_missing)) << where;
  }
  EXPECT_TRUE(w.the().accepted.empty());
}

TEST(message_api, tells_the_whole_story_of_a_message_and_its_data_to_its_sender_alone) {
  api_world w;
  w.the().messages[5] = stored(5, "client:shop");
  w.the().messages[6] = stored(6, "trigger:paid");
  const auto answer = w.get("/api/v1/messages/5", w.client());
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json()["data"],
            json::parse(R"({"id":"5","template":"custom:order_paid","app":"demo","to":"42","status":"failed",
      "reason":"not_subscribed","priority":"normal","attempts":1,"created_at":"1970-01-01T00:00:01.000Z",
      "updated_at":"1970-01-01T00:00:02.000Z","sender":"client:shop","request_id":"first-request",
      "data":{"thing4":"tea"},"history":[
      {"at":"1970-01-01T00:00:01.000Z","event":"accepted","status":"queued","rule":"accepted"},
      {"at":"1970-01-01T00:00:01.988Z","event":"sending","status":"sending","rule":"leased","attempt":1},
      {"at":"1970-01-01T00:00:02.000Z","event":"attempt","status":"failed","rule":"stop_mark_user","attempt":1,
       "outcome":"refused","errcode":43101,"rid":"ab-1","token_epoch":3,"duration_ms":12}]})"));
  EXPECT_FALSE(w.get("/api/v1/messages/6", w.client()).json()["data"].contains("data"));
  for (const auto* unknown : {"/api/v1/messages/7", "/api/v1/messages/x", "/api/v1/messages/0"})
    EXPECT_TRUE(is_failure(w.get(unknown, w.client()), ec::message_not_found)) << unknown;
}

TEST(message_api, tells_no_errcode_where_the_platform_gave_none) {
  api_world w;
  auto& message = w.the().messages[5] = stored(5, "client:shop");
  message.story.back().outcome = "unreached";
  message.story.back().errcode.reset();
  const auto history = w.get("/api/v1/messages/5", w.client()).json()["data"]["history"];
  EXPECT_FALSE(history.back().contains("errcode")) << history;
  message.story.back().errcode = 0;
  EXPECT_EQ(w.get("/api/v1/messages/5", w.client()).json()["data"]["history"].back()["errcode"], 0);
}

TEST(message_api, lists_what_is_asked_for) {
  api_world w;
  w.the().messages[5] = stored(5, "client:shop");
  w.the().total = 31;
  const auto answer = w.get(
      "/api/v1/messages?status=failed&to=42&template=custom%3Aorder_paid&page=2&limit=30&sort=created_at",
      w.client());
  const auto data = answer.json()["data"];
  EXPECT_EQ(data["page"], 2);
  EXPECT_EQ(data["limit"], 30);
  EXPECT_EQ(data["total"], 31);
  ASSERT_EQ(data["items"].size(), 1u);
  EXPECT_EQ(data["items"][0]["id"], "5");
  EXPECT_FALSE(data["items"][0].contains("history"));
  EXPECT_FALSE(data["items"][0].contains("data"));
  const auto asked = *w.the().listed;
  EXPECT_EQ(asked.state, message_state::failed);
  EXPECT_EQ(asked.to, user_id{42});
  EXPECT_EQ(asked.template_name, "custom:order_paid");
  EXPECT_EQ(asked.page, 2u);
  EXPECT_EQ(asked.limit, 30u);
  EXPECT_TRUE(asked.oldest_first);

  EXPECT_EQ(w.get(messages_path, w.client()).status, 200);
  EXPECT_EQ(w.the().listed->page, 1u);
  EXPECT_EQ(w.the().listed->limit, 20u);
  EXPECT_FALSE(w.the().listed->oldest_first);
  EXPECT_FALSE(w.the().listed->state);

  const auto bad =
      w.get("/api/v1/messages?status=lost&to=x&limit=101&page=0&sort=id&page=1&who=me", w.client());
  EXPECT_TRUE(is_failure(bad, ec::invalid_message));
  EXPECT_EQ(details_of(bad), (words{"page: duplicate_field", "status: unknown_value", "to: unknown_value",
                                    "page: out_of_range", "limit: out_of_range", "sort: unknown_value",
                                    "who: unknown_field"}));
}

TEST(message_api, a_failed_message_is_sent_again_and_another_is_not) {
  api_world w;
  w.the().messages[5] = stored(5, "client:shop");
  const auto answer = w.post("/api/v1/messages/5/retry", json::object(), w.client());
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.json()["data"], (json{{"id", "5"}, {"status", "queued"}}));
  ASSERT_EQ(w.the().retried.size(), 1u);
  EXPECT_EQ(w.the().retried[0].id.value, 5u);
  EXPECT_EQ(w.the().retried[0].to.value, 42u);
  w.the().retry_fails = ec::message_not_failed;
  EXPECT_TRUE(
      is_failure(w.post("/api/v1/messages/5/retry", json::object(), w.client()), ec::message_not_failed));
  w.the().retry_fails = ec::not_found;
  EXPECT_TRUE(
      is_failure(w.post("/api/v1/messages/5/retry", json::object(), w.client()), ec::message_not_found));
  EXPECT_TRUE(
      is_failure(w.post("/api/v1/messages/6/retry", json::object(), w.client()), ec::message_not_found));
}

TEST(message_api, a_retry_has_no_body_or_an_empty_object) {
  api_world w;
  w.the().messages[5] = stored(5, "client:shop");
  const auto retry = [&](std::string_view body, const char* type = "application/json") {
    return kit::http_client(w.port()).request("POST", "/api/v1/messages/5/retry", body,
                                              with(w.client(), "Content-Type", type));
  };
  const auto refused = [&](std::string_view body) {
    const auto answer = retry(body);
    EXPECT_TRUE(is_failure(answer, ec::invalid_message)) << body;
    return details_of(answer);
  };
  EXPECT_EQ(refused(R"({"now":true,"x":1})"), (words{"now: unknown_field", "x: unknown_field"}));
  EXPECT_EQ(refused(R"({"now":1,"now":1})"), words{"now: duplicate_field"});
  EXPECT_EQ(refused("{"), words{"body: bad_json"});
  EXPECT_EQ(refused("null"), words{"body: bad_json"});
  EXPECT_TRUE(is_failure(retry("now", "text/plain"), ec::unsupported_media_type));
  EXPECT_TRUE(w.the().retried.empty());
  EXPECT_EQ(retry("").status, 202);
  EXPECT_EQ(retry("{}").status, 202);
}

TEST(message_api, no_POST_passes_over_its_body) {
  for (const auto& one : public_routes()) {
    if (one.verb == method::post) {
      EXPECT_NE(one.body, body_kind::none) << one.name;
    }
  }
}

} // namespace
} // namespace weappd::http::test
