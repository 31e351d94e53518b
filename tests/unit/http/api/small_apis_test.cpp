// Service clients, consents, templates, access tokens, readiness.
#include "tests/unit/http/api/api_world.hpp"

#include <gtest/gtest.h>

namespace weappd::http::test {
namespace {

using nlohmann::json;
using words = std::vector<std::string>;

TEST(service_login, gives_a_token_for_the_right_secret) {
  api_world w;
  const auto answer =
      w.post("/api/v1/auth/service", {{"client_id", "shop"}, {"client_secret", "open sesame"}}, {});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json()["data"], (json{{"access_token", "a.b.c"},
                                         {"token_type", "Bearer"},
                                         {"expires_in", 7'200},
                                         {"scope", "messages:send token:read"}}));
  EXPECT_EQ(w.policy_name(w.the().policies.at(0)), "login");
}

TEST(service_login, refuses_the_wrong_secret_and_what_does_not_fit) {
  api_world w;
  const auto wrong = w.post("/api/v1/auth/service", {{"client_id", "shop"}, {"client_secret", "close"}}, {});
  EXPECT_TRUE(is_failure(wrong, ec::invalid_client));
  EXPECT_EQ(wrong.body.find("close"), std::string::npos);
  const auto empty = w.post("/api/v1/auth/service", {{"client_id", 1}}, {});
  EXPECT_TRUE(is_failure(empty, ec::invalid_parameter));
  EXPECT_EQ(details_of(empty), (words{"client_id: wrong_type", "client_secret: required"}));
}

TEST(refresh_api, what_is_no_refresh_token_is_refused_as_one_also_if_it_is_an_access_token) {
  api_world w;
  for (const auto size : {1u, 75u, 256u, 257u, 2'048u})
    EXPECT_TRUE(is_failure(w.post("/api/v1/auth/refresh", {{"refresh_token", std::string(size, 'A')}}, {}),
                           ec::invalid_refresh_token))
        << size;
  EXPECT_EQ(details_of(w.post("/api/v1/auth/refresh", {{"refresh_token", std::string(2'049, 'A')}}, {})),
            words{"refresh_token: too_long"});
}

/// A text member of each item of a page.
std::vector<std::string> ids_in(const kit::http_response& answer, const char* member) {
  std::vector<std::string> ids;
  const auto data = answer.json()["data"];
  for (const auto& item : data["items"])
    ids.push_back(item[member].get<std::string>());
  return ids;
}

/// "page/limit/total".
std::string place_of(const kit::http_response& answer) {
  const auto data = answer.json()["data"];
  return data["page"].dump() + '/' + data["limit"].dump() + '/' + data["total"].dump();
}

/// What every list refuses.
words faults_of_a_page(const api_world& w, const std::string& path, const kit::field_list& fields) {
  const auto bad = w.get(path + "?limit=101&page=0&page=1&who=me&sort=id", fields);
  EXPECT_EQ(bad.status, 400);
  EXPECT_EQ(w.get(path + "?limit=0", fields).status, 400);
  EXPECT_EQ(w.get(path + "?page=x", fields).status, 400);
  EXPECT_EQ(w.get(path + "?page=1000000&limit=100", fields).json()["data"]["items"], json::array());
  return details_of(bad);
}

TEST(session_api, lists_a_page_of_the_sessions_newest_first_or_oldest_first) {
  api_world w;
  std::vector<std::string> newest_first;
  for (std::uint8_t i = 0; i < 23; ++i) {
    session_summary one;
    one.id.bytes[0] = i;
    one.created_at = w.now() - std::chrono::seconds(i);
    w.the().sessions.push_back(one);
    newest_first.push_back(to_string(one.id));
  }
  const auto list = [&](const std::string& query) {
    return w.get("/api/v1/auth/sessions" + query, w.user());
  };
  const auto part = [&](std::size_t from, std::size_t to) {
    const auto begin = newest_first.begin();
    return words(begin + static_cast<std::ptrdiff_t>(from), begin + static_cast<std::ptrdiff_t>(to));
  };
  EXPECT_EQ(place_of(list("")), "1/20/23");
  EXPECT_EQ(ids_in(list(""), "session_id"), part(0, 20));
  EXPECT_EQ(place_of(list("?page=3&limit=10")), "3/10/23");
  EXPECT_EQ(ids_in(list("?page=3&limit=10"), "session_id"), part(20, 23));
  EXPECT_EQ(place_of(list("?page=4&limit=10")), "4/10/23");
  EXPECT_EQ(ids_in(list("?page=4&limit=10"), "session_id"), words{});
  EXPECT_EQ(ids_in(list("?sort=-created_at&limit=1"), "session_id"), part(0, 1));
  EXPECT_EQ(ids_in(list("?sort=created_at&limit=1&page=2"), "session_id"), part(21, 22));
}

TEST(session_api, refuses_a_query_that_does_not_fit) {
  api_world w;
  EXPECT_EQ(faults_of_a_page(w, "/api/v1/auth/sessions", w.user()),
            (words{"page: duplicate_field", "page: out_of_range", "limit: out_of_range",
                   "sort: unknown_value", "who: unknown_field"}));
  EXPECT_TRUE(is_failure(w.get("/api/v1/auth/sessions?a=1", w.user()), ec::invalid_parameter));
}

TEST(subscription_api, what_a_user_answered_goes_to_the_ledger) {
  api_world w;
  const auto answer = w.post(
      "/api/v1/subscriptions",
      {{"results", {{"custom:order_paid", "acceptWithAudio"}, {"custom:ticket_ready", "accept"}}}}, w.user());
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json()["data"]["balances"], json::parse(R"({
      "custom:order_paid":{"last":"accept","credits":1},
      "custom:ticket_ready":{"last":"accept","credits":null,"unlimited":true}})"));
  ASSERT_EQ(w.the().consents.size(), 1u);
  const auto& report = w.the().consents[0];
  EXPECT_EQ(report.user.value, 42u);
  EXPECT_EQ(report.source, consent_source::client);
  EXPECT_EQ(report.at, w.now());
  EXPECT_FALSE(report.event_at);
  EXPECT_EQ(report.answers.at(0).need, consent_need::one_time);
  EXPECT_EQ(report.answers.at(1).need, consent_need::long_term);
  EXPECT_EQ(w.policy_name(w.the().policies.at(0)), "per_user");
}

TEST(subscription_api, refuses_what_is_no_answer_and_no_subscribe_template) {
  api_world w;
  const auto post = [&](json results) {
    return w.post("/api/v1/subscriptions", {{"results", std::move(results)}}, w.user());
  };
  EXPECT_EQ(details_of(post({{"custom:order_paid", "maybe"}, {"custom:ticket_ready", 1}})),
            (words{"results.custom:order_paid: unknown_value", "results.custom:ticket_ready: wrong_type"}));
  EXPECT_TRUE(is_failure(post({{"custom:none", "accept"}}), ec::template_not_found));
  EXPECT_TRUE(is_failure(post({{"industry:order_confirm", "accept"}}), ec::template_not_found));
  json many;
  for (int i = 0; i < 17; ++i)
    many["custom:t" + std::to_string(i)] = "accept";
  EXPECT_EQ(details_of(post(many)), words{"results: too_long"});
  EXPECT_TRUE(w.the().consents.empty());
}

TEST(subscription_api, is_for_users_whose_session_is_there) {
  api_world w;
  const json body{{"results", {{"custom:order_paid", "accept"}}}};
  EXPECT_TRUE(is_failure(w.post("/api/v1/subscriptions", body, {}), ec::invalid_access_token));
  EXPECT_TRUE(is_failure(w.post("/api/v1/subscriptions", body, w.client()), ec::scope_missing));
  w.the().revoked = user_id{42};
  EXPECT_TRUE(is_failure(w.post("/api/v1/subscriptions", body, w.user()), ec::invalid_access_token));
  EXPECT_TRUE(w.the().consents.empty());
  EXPECT_EQ(w.post("/api/v1/subscriptions", body, w.user(43)).status, 200);
}

TEST(subscription_api, a_store_that_cannot_write_gives_503) {
  api_world w;
  w.the().consents_fail = ec::storage_unavailable;
  EXPECT_TRUE(
      is_failure(w.post("/api/v1/subscriptions", {{"results", {{"custom:order_paid", "accept"}}}}, w.user()),
                 ec::storage_unavailable));
}

TEST(template_api, lists_the_templates_with_their_typed_fields_for_users_and_clients) {
  api_world w;
  const auto expected = json::parse(R"([
    {"name":"custom:order_paid","kind":"subscribe","app":"demo","template_id":"T-paid","lifetime":"one_time",
     "page":"pages/order","fields":[
      {"name":"character_string1","type":"character_string","max_length":32,"fit":"refuse"},
      {"name":"thing4","type":"thing","max_length":20,"fit":"truncate"}]},
    {"name":"custom:ticket_ready","kind":"subscribe","app":"demo","template_id":"T-ticket",
     "lifetime":"long_term","fields":[
      {"name":"thing1","type":"thing","max_length":20,"text":"Ticket {{number}}","fit":"refuse"}]},
    {"name":"industry:order_confirm","kind":"template","app":"demo_oa","template_id":"T-confirm","fields":[
      {"name":"thing2","type":"thing","max_length":20,"fit":"refuse"}]}])");
  for (const auto& fields : {w.user(), w.client("idle")}) {
    const auto answer = w.get("/api/v1/templates", fields);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.json()["data"]["items"], expected);
    EXPECT_EQ(answer.json()["data"]["total"], 3);
  }
  EXPECT_TRUE(is_failure(w.get("/api/v1/templates", {}), ec::invalid_access_token));
  w.the().revoked = user_id{42};
  EXPECT_TRUE(is_failure(w.get("/api/v1/templates", w.user()), ec::invalid_access_token));
}

TEST(template_api, lists_the_page_that_is_asked_for) {
  api_world w;
  const auto list = [&](const std::string& query) { return w.get("/api/v1/templates" + query, w.user()); };
  EXPECT_EQ(place_of(list("")), "1/20/3");
  EXPECT_EQ(place_of(list("?limit=2")), "1/2/3");
  EXPECT_EQ(ids_in(list("?limit=2"), "name"), (words{"custom:order_paid", "custom:ticket_ready"}));
  EXPECT_EQ(place_of(list("?limit=2&page=2")), "2/2/3");
  EXPECT_EQ(ids_in(list("?limit=2&page=2"), "name"), words{"industry:order_confirm"});
  EXPECT_EQ(ids_in(list("?limit=2&page=3"), "name"), words{});
}

TEST(template_api, refuses_a_query_that_does_not_fit) {
  api_world w;
  EXPECT_EQ(faults_of_a_page(w, "/api/v1/templates", w.client("idle")),
            (words{"page: duplicate_field", "page: out_of_range", "limit: out_of_range", "who: unknown_field",
                   "sort: unknown_field"}));
  EXPECT_TRUE(is_failure(w.get("/api/v1/templates?a=1", w.user()), ec::invalid_message));
}

TEST(token_api, gives_the_apps_token_to_clients_that_may_read_it) {
  api_world w;
  constexpr const char* path = "/api/v1/apps/demo/access_token";
  EXPECT_TRUE(is_failure(w.get(path, w.client("reader")), ec::wechat_unavailable));
  w.the().lease = token_lease{secret("the-token"), 9, w.now() + std::chrono::milliseconds(7'000'900)};
  const auto answer = w.get(path, w.client("reader"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json()["data"], (json{{"access_token", "the-token"},
                                         {"expires_in", 7'000},
                                         {"expires_at", "2026-11-25T13:56:40.900Z"},
                                         {"epoch", 9}}));
  w.the().lease->expires_at = w.now() - std::chrono::seconds(1);
  EXPECT_EQ(w.get(path, w.client("reader")).json()["data"]["expires_in"], 0);
  EXPECT_TRUE(is_failure(w.get(path, w.client("idle")), ec::scope_missing));
  EXPECT_TRUE(is_failure(w.get(path, w.user()), ec::scope_missing));
  EXPECT_TRUE(is_failure(w.get(path, {}), ec::invalid_access_token));
  EXPECT_TRUE(is_failure(w.get("/api/v1/apps/none/access_token", w.client()), ec::app_not_found));
}

TEST(token_api, a_refused_token_is_reported_with_its_epoch) {
  api_world w;
  constexpr const char* path = "/api/v1/apps/demo/access_token/report_invalid";
  const auto answer = w.post(path, {{"epoch", 9}}, w.client("reader"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.json()["data"], json::object());
  w.the().lease = token_lease{secret("t"), 10, w.now()};
  EXPECT_EQ(w.get("/api/v1/apps/demo/access_token", w.client()).status,
            200); // behind the report in its mailbox
  EXPECT_EQ(w.the().rejected_epochs, std::vector<std::uint64_t>{9});
  EXPECT_EQ(details_of(w.post(path, {{"epoch", -1}}, w.client())), words{"epoch: out_of_range"});
  EXPECT_EQ(details_of(w.post(path, json::object(), w.client())), words{"epoch: required"});
  EXPECT_TRUE(is_failure(w.post(path, {{"epoch", 9}}, w.client("idle")), ec::scope_missing));
  EXPECT_TRUE(is_failure(w.post("/api/v1/apps/none/access_token/report_invalid", {{"epoch", 9}}, w.client()),
                         ec::app_not_found));
}

TEST(readiness, has_one_check_for_all_pushers_and_one_for_each_template_checker) {
  api_world w;
  EXPECT_EQ(w.get("/readyz", {}).status, 200);
  EXPECT_EQ(w.get("/readyz", {}).json()["checks"]["push"], (json{{"state", "ok"}}));
  w.the().states = {{"push.0", {health::degraded, "demo is paused"}},
                    {"templates.demo", {health::degraded, "custom:order_paid: no such template"}}};
  const auto degraded = w.get("/readyz", {});
  EXPECT_EQ(degraded.status, 200);
  EXPECT_EQ(degraded.json()["checks"]["push"], (json{{"state", "degraded"}, {"detail", "demo is paused"}}));
  EXPECT_EQ(degraded.json()["checks"]["templates.demo"]["state"], "degraded");
  w.the().states["push.1"] = {health::down, "loading"};
  const auto down = w.get("/readyz", {});
  EXPECT_EQ(down.status, 503);
  EXPECT_EQ(down.json()["checks"]["push"], (json{{"state", "down"}, {"detail", "demo is paused; loading"}}));
}

} // namespace
} // namespace weappd::http::test
