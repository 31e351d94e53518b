#include "http/server/once_slots.hpp"
#include "tests/unit/http/api/api_world.hpp"
#include "tests/unit/http/server/bridge_fixture.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace weappd::http::test {
namespace {

using nlohmann::json;
constexpr const char* keyed_path = "/api/v1/messages";
constexpr const char* report = "/api/v1/apps/demo/access_token/report_invalid";

json message(std::string text = "tea") {
  return {{"template", "custom:order_paid"},
          {"to", "42"},
          {"data", {{"character_string1", "A-17"}, {"thing4", std::move(text)}}}};
}
kit::field_list keyed(kit::field_list fields, std::string key = "key-1") {
  return with(std::move(fields), "Idempotency-Key", std::move(key));
}

TEST(idempotency, a_message_asked_for_twice_is_sent_once_and_its_answer_is_the_same_to_the_byte) {
  api_world w;
  const auto first = w.post(keyed_path, message(), with(keyed(w.client()), "X-Request-Id", "first-request"));
  EXPECT_EQ(first.status, 202);
  EXPECT_EQ(first.header("Idempotency-Replayed"), "");
  const auto second =
      w.post(keyed_path, message(), with(keyed(w.client()), "X-Request-Id", "second-request"));
  EXPECT_EQ(second.status, 202);
  EXPECT_EQ(second.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(second.header("X-Request-Id"), "second-request");
  EXPECT_NE(second.header("RateLimit"), "");
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second.json()["request_id"], "first-request");
  EXPECT_EQ(w.the().accepted.size(), 1u);
  EXPECT_EQ(w.the().ended_with_answer, 0u) << "the store has it in the message's own transaction";
}

TEST(idempotency, a_message_that_fails_at_once_is_replayed_as_it_was_told) {
  for (const auto why : {fail_reason::not_subscribed, fail_reason::not_following, fail_reason::bad_openid}) {
    api_world w;
    w.the().accept = [why](const accept_message& wanted) {
      return message_accepted{.id = wanted.draft.id, .state = message_state::failed, .reason = why};
    };
    const auto first = w.post(keyed_path, message(), keyed(w.client()));
    EXPECT_EQ(first.json()["data"]["reason"], std::string(to_string(why)));
    EXPECT_EQ(w.post(keyed_path, message(), keyed(w.client())).body, first.body);
  }
}

TEST(idempotency, another_answer_is_kept_before_the_client_has_it) {
  api_world w;
  const auto first = w.post(report, {{"epoch", 3}}, keyed(w.client()));
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(w.the().ended_with_answer, 1u);
  const auto second = w.post(report, {{"epoch", 3}}, keyed(w.client()));
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(w.the().rejected_epochs.size(), 1u);
}

TEST(idempotency, a_final_failure_is_replayed_in_its_own_form) {
  api_world w;
  w.the().accept = [](const accept_message&) { return ec::no_openid; };
  for (const auto* form : {"application/json", "application/problem+json"}) {
    const auto fields = with(keyed(w.client(), form), "Accept", form);
    const auto first = w.post(keyed_path, message(), fields);
    EXPECT_EQ(first.status, 409);
    const auto second = w.post(keyed_path, message(), fields);
    EXPECT_EQ(second.header("Idempotency-Replayed"), "true");
    EXPECT_EQ(second.status, 409);
    EXPECT_EQ(second.body, first.body);
    EXPECT_EQ(second.header("Content-Type"), first.header("Content-Type"));
  }
  EXPECT_EQ(w.the().accepted.size(), 2u);
}

TEST(idempotency, what_is_not_final_is_not_kept_and_the_key_is_free_again) {
  api_world w;
  EXPECT_EQ(w.post(keyed_path, json::object(), keyed(w.client())).status, 400);
  w.the().accept = [](const accept_message&) { return ec::queue_full; };
  EXPECT_EQ(w.post(keyed_path, message(), keyed(w.client())).status, 503);
  w.the().accept = nullptr;
  const auto answer = w.post(keyed_path, message(), keyed(w.client()));
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.header("Idempotency-Replayed"), "");
  for (const int status : {400, 401, 403, 413, 429, 503, 504})
    EXPECT_FALSE(is_final(status)) << status;
  for (const int status : {200, 201, 202, 404, 409, 422, 500, 502})
    EXPECT_TRUE(is_final(status)) << status;
}

TEST(idempotency, a_key_is_for_one_request_of_one_caller) {
  api_world w([](options& o) { o.clients["other"].scopes = {"messages:send", "token:read"}; });
  EXPECT_EQ(w.post(keyed_path, message(), keyed(w.client())).status, 202);
  EXPECT_TRUE(is_failure(w.post(keyed_path, message("milk"), keyed(w.client())), ec::idempotency_mismatch));
  EXPECT_TRUE(
      is_failure(w.post("/api/v1/messages?a=1", message(), keyed(w.client())), ec::idempotency_mismatch));
  EXPECT_TRUE(is_failure(w.post(report, {{"epoch", 3}}, keyed(w.client())), ec::idempotency_mismatch));
  const auto other = w.post(keyed_path, message(), keyed(w.client("other")));
  EXPECT_EQ(other.status, 202);
  EXPECT_EQ(other.header("Idempotency-Replayed"), "");
  EXPECT_EQ(w.post(keyed_path, message(), keyed(w.client(), "key-2")).header("Idempotency-Replayed"), "");
  EXPECT_EQ(w.the().accepted.size(), 3u);
}

TEST(idempotency, holds_for_users_and_for_nobody_in_particular) {
  api_world w;
  const json accept{{"results", {{"custom:order_paid", "accept"}}}};
  const auto first = w.post("/api/v1/subscriptions", accept, keyed(w.user(42)));
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(w.post("/api/v1/subscriptions", accept, keyed(w.user(42))).body, first.body);
  EXPECT_EQ(w.post("/api/v1/subscriptions", accept, keyed(w.user(43))).header("Idempotency-Replayed"), "");
  EXPECT_EQ(w.the().consents.size(), 2u);
  const json known{{"client_id", "shop"}, {"client_secret", "open sesame"}};
  const auto opened = w.post("/api/v1/auth/service", known, keyed({}));
  EXPECT_EQ(opened.status, 200);
  EXPECT_EQ(w.post("/api/v1/auth/service", known, keyed({})).body, opened.body);
  EXPECT_EQ(w.the().authenticated.size(), 1u);
}

TEST(idempotency, a_user_who_may_not_act_any_more_is_told_nothing_again) {
  api_world w;
  const json accept{{"results", {{"custom:order_paid", "accept"}}}};
  const auto report_as_user = [&](const kit::field_list& more = {}) {
    auto fields = keyed(w.user(42));
    fields.insert(fields.end(), more.begin(), more.end());
    return w.post("/api/v1/subscriptions", accept, fields);
  };
  const auto first = report_as_user();
  EXPECT_EQ(first.status, 200);
  w.the().revoked = user_id{42};
  const auto revoked = report_as_user();
  EXPECT_TRUE(is_failure(revoked, ec::invalid_access_token));
  EXPECT_EQ(revoked.header("Idempotency-Replayed"), "");
  EXPECT_EQ(revoked.header("WWW-Authenticate"), "Bearer error=\"invalid_token\"");
  w.the().revoked = {};
  w.the().locked = user_id{42};
  const auto locked = report_as_user({{"Accept", "application/problem+json"}});
  EXPECT_TRUE(is_failure(locked, ec::user_blocked));
  EXPECT_EQ(locked.header("Idempotency-Replayed"), "");
  w.the().locked = {};
  EXPECT_EQ(report_as_user().body, first.body) << "what was refused meanwhile took nothing away";
  EXPECT_EQ(w.the().consents.size(), 1u);
}

TEST(idempotency, only_a_replay_to_a_user_asks_the_session_once_more) {
  api_world w;
  const json accept{{"results", {{"custom:order_paid", "accept"}}}};
  const auto asked_by = [&](const char* path, const json& body, const kit::field_list& fields) {
    const auto before = w.the().profiles_asked;
    EXPECT_EQ(w.post(path, body, fields).status, 200);
    return w.the().profiles_asked - before;
  };
  // The handler itself asks once.
  EXPECT_EQ(asked_by("/api/v1/subscriptions", accept, w.user()), 1u);
  EXPECT_EQ(asked_by("/api/v1/subscriptions", accept, keyed(w.user())), 1u);
  EXPECT_EQ(asked_by("/api/v1/subscriptions", accept, keyed(w.user())), 1u) << "in its place, the replay";
  const json known{{"client_id", "shop"}, {"client_secret", "open sesame"}};
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(asked_by(report, {{"epoch", 3}}, keyed(w.client())), 0u);
    EXPECT_EQ(asked_by("/api/v1/auth/service", known, keyed(w.user())), 0u) << "an open route";
  }
}

TEST(idempotency, what_cannot_keep_its_answer_with_its_effect_has_a_guard_of_the_request) {
  api_world w;
  const json accept{{"results", {{"custom:order_paid", "accept"}}}};
  EXPECT_EQ(w.post("/api/v1/subscriptions", accept, w.user()).status, 200);
  EXPECT_EQ(w.post("/api/v1/subscriptions", accept, keyed(w.user())).status, 200);
  ASSERT_EQ(w.the().consents.size(), 2u);
  EXPECT_FALSE(w.the().consents[0].once);
  ASSERT_TRUE(w.the().consents[1].once);
  EXPECT_EQ(w.the().consents[1].once->until, w.now() + std::chrono::hours(24));

  message_record failed;
  failed.draft.id = message_id{5};
  failed.state = message_state::failed;
  w.the().messages[5] = failed;
  EXPECT_EQ(w.post("/api/v1/messages/5/retry", json::object(), w.client()).status, 202);
  EXPECT_EQ(w.post("/api/v1/messages/5/retry", json::object(), keyed(w.client())).status, 202);
  ASSERT_EQ(w.the().retried.size(), 2u);
  EXPECT_FALSE(w.the().retried[0].once);
  ASSERT_TRUE(w.the().retried[1].once);
  EXPECT_NE(w.the().retried[1].once->key, w.the().consents[1].once->key);
}

TEST(idempotency, a_guard_is_of_one_slot_one_body_and_one_part) {
  once_slot slot;
  slot.keep = std::chrono::seconds(60);
  slot.name.bytes.fill(1);
  slot.fingerprint.bytes.fill(2);
  const timestamp noon{std::chrono::hours(12)};
  const auto guard = guard_of(slot, "part", noon);
  EXPECT_EQ(guard.scope, "once:part");
  EXPECT_EQ(guard.key, std::string(32, '\1') + std::string(32, '\2'));
  EXPECT_EQ(guard.until, noon + std::chrono::seconds(60));
}

TEST(idempotency, a_key_is_1_to_255_visible_characters) {
  api_world w;
  for (const auto& bad : {std::string(), std::string(256, 'k'), std::string("a b"), std::string("\xc3\xa9")})
    EXPECT_TRUE(
        is_failure(w.post(keyed_path, message(), keyed(w.client(), bad)), ec::invalid_idempotency_key))
        << bad;
  EXPECT_TRUE(is_failure(w.post(keyed_path, message(), keyed({}, "a b")), ec::invalid_access_token));
  EXPECT_EQ(w.post(keyed_path, message(), keyed(w.client(), std::string(255, '~'))).status, 202);
  EXPECT_EQ(w.get(keyed_path, keyed(w.client(), "a b")).status, 200) << "only a POST has one";
  EXPECT_EQ(w.the().began, 1u);
}

TEST(idempotency, while_the_first_one_runs_the_next_is_told_so) {
  api_world w;
  w.the().hold_pusher = true;
  kit::http_response first;
  std::thread slow([&] { first = w.post(keyed_path, message(), keyed(w.client())); });
  EXPECT_TRUE(eventually([&] { return w.the().held == 1; }));
  const auto meanwhile = w.post(keyed_path, message(), keyed(w.client()));
  EXPECT_TRUE(is_failure(meanwhile, ec::idempotency_in_progress));
  EXPECT_EQ(meanwhile.header("Retry-After"), "1");
  w.let_go();
  slow.join();
  EXPECT_EQ(first.status, 202);
  EXPECT_EQ(w.post(keyed_path, message(), keyed(w.client())).body, first.body);
  EXPECT_EQ(w.the().accepted.size(), 1u);
}

TEST(idempotency, of_an_answer_that_cannot_be_kept_the_client_hears_503) {
  api_world w;
  w.the().keeping_fails = true;
  EXPECT_TRUE(is_failure(w.post(report, {{"epoch", 3}}, keyed(w.client())), ec::storage_unavailable));
  w.the().keeping_fails = false;
  EXPECT_EQ(w.post(report, {{"epoch", 3}}, keyed(w.client())).status, 200);
}

TEST(idempotency, a_request_that_is_given_up_gives_its_slot_back) {
  api_world w([](options& o) { o.http.handler_timeout_ms = 200; });
  w.the().hold_pusher = true;
  EXPECT_EQ(w.post(keyed_path, message(), keyed(w.client())).status, 504);
  EXPECT_TRUE(eventually([&] {
    std::lock_guard guard(w.the().mutex);
    return w.the().slots.empty();
  }));
  w.the().hold_pusher = false;
  EXPECT_EQ(w.post(keyed_path, message(), keyed(w.client())).status, 202);
  EXPECT_TRUE(eventually([&] { return w.is_at_rest(); }));
  w.let_go();
}

TEST(idempotency, a_slot_that_was_granted_too_late_is_given_back_at_once) {
  api_world w([](options& o) { o.http.handler_timeout_ms = 200; });
  w.the().hold_desk = true;
  EXPECT_EQ(w.post(keyed_path, message(), keyed(w.client())).status, 504);
  w.the().hold_desk = false;
  w.let_go();
  EXPECT_TRUE(eventually([&] {
    std::lock_guard guard(w.the().mutex);
    return w.the().began == 1 && w.the().ended_without == 1 && w.the().slots.empty();
  }));
  EXPECT_TRUE(eventually([&] { return w.is_at_rest(); }));
  EXPECT_TRUE(w.the().accepted.empty());
  EXPECT_EQ(w.post(keyed_path, message(), keyed(w.client())).status, 202);
}

TEST(idempotency, an_answer_that_an_abandoned_request_left_behind_is_not_overwritten) {
  api_world w;
  w.the().accept = [](const accept_message&) { return ec::conflict; };
  EXPECT_TRUE(is_failure(w.post(keyed_path, message(), keyed(w.client())), ec::idempotency_in_progress));
  EXPECT_EQ(w.the().ended_with_answer, 0u);
  EXPECT_EQ(w.the().ended_without, 1u);
}

} // namespace
} // namespace weappd::http::test
