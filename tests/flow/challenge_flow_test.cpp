#include "tests/flow/answers.hpp"
#include "tests/kit/net/captcha_service.hpp"
#include "tests/kit/net/solve_work.hpp"
#include "tests/kit/server/eventually.hpp"
#include "tests/kit/server/test_server.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

/// What an address has to do after too many of its logins have failed: http/challenge.md.
namespace weappd {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::uint64_t challenge_required = 1000020002;
constexpr std::uint64_t challenge_unavailable = 1000080001;

/// Clients come through a proxy that says who they are.
void with_challenges(options& values) {
  values.http.trusted_proxies = {"127.0.0.1"};
  values.metrics.port = 0;
  values.challenge.kind = challenge_kind::proof_of_work;
  values.challenge.failed_logins = 2;
  values.challenge.bits = 6;
  values.challenge.max_bits = 8;
  values.challenge.allow = {"198.51.100.0/24"};
}

kit::field_list as(const std::string& address) {
  return {{"X-Forwarded-For", address}};
}

struct challenge_fixture : testing::Test {
  explicit challenge_fixture(const kit::test_server::change_function& change) : server(change) {}

  kit::test_server server;
  int codes = 0;

  kit::http_response log_in(const std::string& address, const std::string& code,
                            nlohmann::json more = nlohmann::json::object()) {
    more["code"] = code;
    return server.http().post_json("/api/v1/auth/login", more, as(address));
  }
  /// With a code that WeChat does not know.
  void fail(const std::string& address, int times) {
    for (int i = 0; i < times; ++i)
      EXPECT_TRUE(failed_with(log_in(address, "nonsense" + std::to_string(++codes)), 401, 1000030001));
  }
  std::string code() { return server.wechat().make_code(); }
  std::string metrics() { return kit::http_client(server.server().metrics_port()).get("/metrics").body; }
  void reload(const kit::test_server::change_function& change) {
    auto changed = kit::test_options(server.folder());
    change(changed);
    server.server().reload_from([changed] { return loaded_options{changed, {}}; });
    EXPECT_TRUE(server.server().reload().problems.empty());
  }
};

// -- proof of work

struct work_flow : challenge_fixture {
  work_flow() : challenge_fixture(with_challenges) {}

  /// The members that a refused login has to be sent again with.
  static nlohmann::json solved(const kit::http_response& refused) {
    EXPECT_TRUE(failed_with(refused, 403, challenge_required));
    const auto offer = refused.json()["challenge"];
    EXPECT_TRUE(has_members(offer, {"kind", "challenge", "difficulty", "expires_in"}));
    EXPECT_EQ(offer["kind"], "proof_of_work");
    const auto text = offer["challenge"].get<std::string>();
    return {{"challenge", text}, {"solution", kit::solve_work(text, offer["difficulty"].get<unsigned>())}};
  }
};

/// So often, and then once more for each time with a solution.
struct further_work_flow : work_flow {
  void fail_further(const std::string& address, int times) {
    fail(address, 2);
    for (int i = 0; i < times; ++i)
      fail_solved(address);
  }
  void fail_solved(const std::string& address) {
    const auto wrong = "nonsense" + std::to_string(++codes);
    EXPECT_TRUE(failed_with(log_in(address, wrong, solved(log_in(address, wrong))), 401, 1000030001));
  }
};

TEST_F(work_flow, who_failed_too_often_must_solve_a_challenge_and_nobody_else) {
  fail("192.0.2.1", 2);
  const auto good = code();
  const auto refused = log_in("192.0.2.1", good);
  EXPECT_EQ(refused.json()["challenge"]["difficulty"], 6);
  EXPECT_EQ(refused.json()["challenge"]["expires_in"], 120);
  EXPECT_TRUE(succeeded(log_in("192.0.2.2", code())));
  EXPECT_TRUE(succeeded(log_in("192.0.2.1", good, solved(refused)))) << "the code was not spent";
  EXPECT_THAT(metrics(), HasSubstr("weappd_challenges_total{outcome=\"asked\"} 1"));
  EXPECT_THAT(metrics(), HasSubstr("weappd_challenges_total{outcome=\"passed\"} 1"));
  server.stop();
  EXPECT_THAT(server.log(), HasSubstr("\"event\":\"challenge.begun\""));
}

TEST_F(further_work_flow, a_solution_is_for_one_login_also_if_that_is_sent_twice) {
  fail_further("192.0.2.1", 1); // one success does not make it free
  const auto good = code();
  const auto proof = solved(log_in("192.0.2.1", good));
  const auto first = log_in("192.0.2.1", good, proof);
  const auto again = log_in("192.0.2.1", good, proof);
  ASSERT_TRUE(succeeded(first) && succeeded(again));
  EXPECT_EQ(text_of(first, "session_id"), text_of(again, "session_id"));
  server.stop();
  EXPECT_THAT(server.log(), Not(HasSubstr("challenge.failed")));
}

TEST_F(further_work_flow, the_log_says_why_and_the_client_gets_a_new_challenge) {
  fail_further("192.0.2.1", 2);
  fail("192.0.2.9", 2);
  const auto first = log_in("192.0.2.1", code());
  const auto proof = solved(first);
  const auto wrong =
      nlohmann::json{{"challenge", proof["challenge"]},
                     {"solution", kit::solve_work(proof["challenge"].get<std::string>(), 7, 7)}};
  const auto unsolved = log_in("192.0.2.1", code(), wrong);
  EXPECT_NE(solved(unsolved)["challenge"], proof["challenge"]);
  EXPECT_TRUE(failed_with(log_in("192.0.2.9", code(), proof), 403, challenge_required));
  EXPECT_TRUE(succeeded(log_in("192.0.2.1", code(), proof)));
  EXPECT_TRUE(failed_with(log_in("192.0.2.1", code(), proof), 403, challenge_required));
  server.stop();
  for (const auto* reason : {"unsolved", "foreign", "replayed"})
    EXPECT_THAT(server.log(), HasSubstr("\"reason\":\"" + std::string(reason) + "\""));
}

TEST_F(further_work_flow, further_failures_make_it_harder_and_successes_lower_it) {
  fail("192.0.2.1", 2);
  const auto difficulty = [&] { return log_in("192.0.2.1", "x").json()["challenge"].value("difficulty", 0); };
  for (const int expected : {6, 7, 8, 8}) {
    EXPECT_EQ(difficulty(), expected);
    fail_solved("192.0.2.1");
  }
  for (const int expected : {7, 6}) {
    const auto good = code();
    EXPECT_TRUE(succeeded(log_in("192.0.2.1", good, solved(log_in("192.0.2.1", good)))));
    EXPECT_EQ(difficulty(), expected);
  }
  const auto good = code();
  EXPECT_TRUE(succeeded(log_in("192.0.2.1", good, solved(log_in("192.0.2.1", good)))));
  EXPECT_TRUE(succeeded(log_in("192.0.2.1", code()))) << "free again";
}

TEST_F(further_work_flow, a_login_that_is_sent_again_is_one_guess_and_one_success) {
  for (int i = 0; i < 4; ++i)
    EXPECT_TRUE(failed_with(log_in("192.0.2.1", "the-same-nonsense"), 401, 1000030001));
  fail("192.0.2.1", 1);
  fail_solved("192.0.2.1");
  fail_solved("192.0.2.1");
  const auto good = code();
  const auto proof = solved(log_in("192.0.2.1", good));
  for (int i = 0; i < 4; ++i)
    EXPECT_TRUE(succeeded(log_in("192.0.2.1", good, proof)));
  EXPECT_EQ(log_in("192.0.2.1", "x").json()["challenge"]["difficulty"], 7) << "of 8, one was taken back";
}

TEST_F(work_flow, an_ipv6_client_is_its_network) {
  fail("2001:db8:0:1::1", 1);
  fail("2001:db8:0:1::2", 1);
  EXPECT_TRUE(failed_with(log_in("2001:db8:0:1:ffff::3", code()), 403, challenge_required));
  EXPECT_TRUE(succeeded(log_in("2001:db8:0:2::1", code())));
}

TEST_F(work_flow, logins_of_the_page_of_an_official_account_count_too) {
  const nlohmann::json page = {{"app", "demo_oa"}};
  for (int i = 0; i < 2; ++i)
    EXPECT_TRUE(failed_with(log_in("192.0.2.1", "nonsense" + std::to_string(i), page), 401, 1000030001));
  auto more = solved(log_in("192.0.2.1", "x", page));
  more["app"] = "demo_oa";
  const auto good = server.wechat().make_code("", "", "wxdemo0000000002");
  EXPECT_TRUE(succeeded(log_in("192.0.2.1", good, more)));
}

TEST_F(work_flow, logins_of_service_clients_count_too) {
  const auto service_login = [&](const std::string& word, nlohmann::json more = nlohmann::json::object()) {
    more["client_id"] = "demo";
    more["client_secret"] = word;
    return server.http().post_json("/api/v1/auth/service", more, as("192.0.2.1"));
  };
  for (const auto* guess : {"wrong-secret-1", "wrong-secret-1", "wrong-secret-2"})
    EXPECT_TRUE(failed_with(service_login(guess), 401, 1000030004));
  const auto refused = service_login("demo-secret");
  EXPECT_TRUE(succeeded(service_login("demo-secret", solved(refused))));
}

TEST_F(work_flow, who_is_on_the_list_of_the_allowed_and_a_proxy_need_not_solve_anything) {
  fail("198.51.100.7", 6);
  EXPECT_TRUE(succeeded(log_in("198.51.100.7", code())));
  fail("nonsense", 6); // the proxy itself is the client then
  EXPECT_TRUE(succeeded(log_in("nonsense", code())));
}

TEST_F(work_flow, what_is_sent_is_judged_like_the_rest_of_the_body) {
  EXPECT_TRUE(
      refused_field(log_in("192.0.2.1", "x", {{"challenge", "a b"}}), "challenge", "invalid_characters"));
  EXPECT_TRUE(refused_field(log_in("192.0.2.1", "x", {{"challenge", std::string(257, 'a')}}), "challenge",
                            "too_long"));
  EXPECT_TRUE(refused_field(log_in("192.0.2.1", "x", {{"solution", 7}}), "solution", "wrong_type"));
  EXPECT_TRUE(succeeded(log_in("192.0.2.1", code(), {{"challenge", "none"}, {"solution", "of-ours"}})))
      << "who need not solve anything may send what he likes";
}

TEST_F(work_flow, is_told_as_a_problem_to_who_wants_that) {
  fail("192.0.2.1", 2);
  auto fields = as("192.0.2.1");
  fields.emplace_back("Accept", "application/problem+json");
  const auto answer = server.http().post_json("/api/v1/auth/login", {{"code", "x"}}, fields);
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
  EXPECT_EQ(answer.json()["code"], challenge_required);
  EXPECT_EQ(answer.json()["challenge"]["kind"], "proof_of_work");
}

TEST_F(work_flow, goes_together_with_an_idempotency_key) {
  fail("192.0.2.1", 2);
  auto fields = as("192.0.2.1");
  fields.emplace_back("Idempotency-Key", "one-key");
  nlohmann::json body = {{"code", code()}};
  const auto refused = server.http().post_json("/api/v1/auth/login", body, fields);
  body.update(solved(refused));
  EXPECT_TRUE(succeeded(server.http().post_json("/api/v1/auth/login", body, fields))) << "a 403 is not kept";
  EXPECT_EQ(server.http().post_json("/api/v1/auth/login", body, fields).header("Idempotency-Replayed"),
            "true");
}

TEST_F(work_flow, without_the_desk_nobody_logs_in_and_then_it_works_again) {
  auto& where = server.server().parts().challenge_desk;
  const auto desk = where.get();
  where.set({}); // as between a death and a restart
  EXPECT_TRUE(failed_with(log_in("192.0.2.1", code()), 503, 9000080001));
  where.set(desk);
  EXPECT_TRUE(succeeded(log_in("192.0.2.1", code())));
}

TEST_F(further_work_flow, a_desk_that_dies_forgets_neither_failures_nor_used_solutions) {
  fail_further("192.0.2.1", 2);
  const auto proof = solved(log_in("192.0.2.1", "x"));
  ASSERT_TRUE(succeeded(log_in("192.0.2.1", code(), proof)));
  const auto dead = server.server().parts().challenge_desk.get();
  caf::anon_send_exit(dead, caf::exit_reason::kill);
  ASSERT_TRUE(kit::eventually([&] {
    const auto next = server.server().parts().challenge_desk.get();
    return next && next != dead;
  }));
  EXPECT_TRUE(failed_with(log_in("192.0.2.1", code(), proof), 403, challenge_required));
  const auto good = code();
  EXPECT_TRUE(succeeded(log_in("192.0.2.1", good, solved(log_in("192.0.2.1", good)))));
}

TEST_F(work_flow, a_restart_makes_solved_challenges_worthless) {
  fail("192.0.2.1", 2);
  const auto proof = solved(log_in("192.0.2.1", "x"));
  server.restart();
  fail("192.0.2.1", 2);
  EXPECT_TRUE(failed_with(log_in("192.0.2.1", code(), proof), 403, challenge_required));
}

TEST_F(work_flow, follows_a_reload) {
  fail("192.0.2.1", 2);
  EXPECT_TRUE(failed_with(log_in("192.0.2.1", "x"), 403, challenge_required));
  reload([](options& values) {
    with_challenges(values);
    values.challenge.kind = challenge_kind::off;
  });
  EXPECT_TRUE(succeeded(log_in("192.0.2.1", code())));
  reload([](options& values) {
    with_challenges(values);
    values.challenge.bits = values.challenge.max_bits = 9;
  });
  EXPECT_EQ(log_in("192.0.2.1", "x").json()["challenge"]["difficulty"], 9);
}

TEST(challenges, are_off_unless_they_are_wanted) {
  kit::test_server server;
  for (int i = 0; i < 12; ++i)
    EXPECT_EQ(
        server.http().post_json("/api/v1/auth/login", {{"code", "nonsense" + std::to_string(i)}}).status,
        401);
  auto phone = server.phone();
  EXPECT_TRUE(succeeded(phone.login(server.wechat().make_code())));
}

// -- CAPTCHA

/// A member that is made before the server, which needs its port.
struct with_service {
  kit::captcha_service service;
};

void with_captcha(options& values, const kit::captcha_service& service) {
  with_challenges(values);
  values.challenge.kind = challenge_kind::captcha;
  values.challenge.captcha.url = service.url();
  values.challenge.captcha.site_key = "site-1";
  values.challenge.captcha.service_secret = secret("canary-of-the-service");
  values.challenge.captcha.timeout_ms = 1'000;
}

struct captcha_flow : with_service, challenge_fixture {
  captcha_flow() : challenge_fixture([this](options& values) { with_captcha(values, service); }) {
    fail("192.0.2.1", 2);
    // Once more, so that one success does not make it free.
    EXPECT_TRUE(failed_with(log_in("192.0.2.1", "nonsense", {{"solution", "response-0"}}), 401, 1000030001));
  }

  kit::http_response answer_with(const std::string& response) {
    return log_in("192.0.2.1", code(), {{"solution", response}});
  }
  static testing::AssertionResult unclear(const kit::http_response& answer) {
    if (auto failed = failed_with(answer, 503, challenge_unavailable); !failed)
      return failed;
    if (answer.header("Retry-After") != "5" || answer.json()["challenge"]["site_key"] != "site-1")
      return testing::AssertionFailure() << answer.body;
    return testing::AssertionSuccess();
  }
};

TEST_F(captcha_flow, who_satisfies_the_service_logs_in) {
  const auto refused = log_in("192.0.2.1", "x");
  EXPECT_TRUE(failed_with(refused, 403, challenge_required));
  EXPECT_EQ(refused.json()["challenge"], (nlohmann::json{{"kind", "captcha"}, {"site_key", "site-1"}}));
  EXPECT_EQ(service.forms().size(), 1u);
  EXPECT_TRUE(succeeded(answer_with("response-1")));
  EXPECT_EQ(service.forms().back(), "secret=canary-of-the-service&response=response-1&remoteip=192.0.2.1");
  EXPECT_TRUE(succeeded(log_in("192.0.2.2", code()))) << "others need not";
  EXPECT_EQ(service.forms().size(), 2u);
}

TEST_F(captcha_flow, a_response_is_for_one_login) {
  EXPECT_TRUE(succeeded(answer_with("response-1")));
  fail("192.0.2.1", 1); // one success made it free, one failure brings it back
  EXPECT_TRUE(failed_with(answer_with("response-1"), 403, challenge_required));
  EXPECT_EQ(service.forms().size(), 2u) << "the service is not asked about what was used";
}

TEST_F(captcha_flow, who_does_not_satisfy_the_service_does_not_log_in) {
  service.answer(R"({"success":false,"error-codes":["invalid-input-response"]})");
  EXPECT_TRUE(failed_with(answer_with("response-1"), 403, challenge_required));
  service.answer(R"({"success":true})");
  EXPECT_TRUE(succeeded(answer_with("response-1")));
}

TEST_F(captcha_flow, without_a_judgement_nobody_logs_in_and_then_it_works_again_with_the_same_response) {
  for (const auto* garbage :
       {"<html>", "{}", R"({"success":"yes"})", R"({"success":false,"error-codes":["timeout-or-duplicate"]})",
        R"({"success":false,"error-codes":["invalid-input-secret"]})"}) {
    service.answer(garbage);
    EXPECT_TRUE(unclear(answer_with("response-1"))) << garbage;
  }
  service.answer(R"({"success":true})", 500);
  EXPECT_TRUE(unclear(answer_with("response-1")));
  service.hang();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_TRUE(unclear(answer_with("response-1")));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  service.die();
  EXPECT_TRUE(unclear(answer_with("response-1")));
  service.come_back();
  service.answer(R"({"success":true})");
  EXPECT_TRUE(succeeded(answer_with("response-1")));
  server.stop();
  EXPECT_THAT(server.log(), HasSubstr("\"event\":\"challenge.unclear\""));
}

TEST_F(captcha_flow, without_the_verifier_nobody_logs_in_and_then_it_works_again) {
  auto& where = server.server().parts().captcha_verifier;
  const auto verifier = where.get();
  where.set({});
  EXPECT_TRUE(unclear(answer_with("response-1")));
  where.set(verifier);
  EXPECT_TRUE(succeeded(answer_with("response-1")));
}

TEST_F(captcha_flow, no_secret_and_no_response_is_written_anywhere) {
  service.answer("<html>");
  EXPECT_THAT(answer_with("canary-of-the-client").body, Not(HasSubstr("canary")));
  service.answer(R"({"success":false,"error-codes":["canary-of-the-answer"]})");
  (void)answer_with("canary-of-the-client");
  server.stop();
  EXPECT_THAT(server.log(), Not(HasSubstr("canary")));
}

TEST_F(captcha_flow, can_be_turned_on_by_a_reload) {
  reload(with_challenges);
  EXPECT_EQ(log_in("192.0.2.1", "x").json()["challenge"]["kind"], "proof_of_work");
  reload([this](options& values) {
    with_captcha(values, service);
    values.challenge.captcha.site_key = "site-2";
  });
  EXPECT_EQ(log_in("192.0.2.1", "x").json()["challenge"]["site_key"], "site-2");
  EXPECT_TRUE(succeeded(answer_with("response-1")));
}

} // namespace
} // namespace weappd
