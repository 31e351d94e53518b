#include "challenge_desk_fixture.hpp"

namespace weappd {
namespace {

struct captcha_desk : challenge_desk_fixture {
  captcha_desk() : challenge_desk_fixture(challenge_kind::captcha) {
    start_verifier();
    end(1, false, 2);
    end(2, false, 2);
  }
  void start_verifier() {
    verifier = w.spawn(fake_captcha_verifier, script);
    w.directory().captcha_verifier.set(verifier);
  }
  pending<login_admission> send(std::uint64_t n, const std::string& attempt, const std::string& response) {
    return w.send<login_admission>(desk, question(n, attempt, "", response));
  }

  scripted_captcha_ptr script = std::make_shared<scripted_captcha>();
  captcha_verifier_actor verifier;
};

TEST_F(captcha_desk, offers_the_puzzle_of_the_site) {
  const auto said = ask(question(1, "a"));
  EXPECT_EQ(said.said, verdict_of::must_solve);
  EXPECT_EQ(std::get<captcha_offer>(said.offer).site_key, "site-1");
  EXPECT_TRUE(script->asked.empty());
}

TEST_F(captcha_desk, admits_whom_the_service_finds_good_once_for_one_login) {
  const auto first = ask(question(1, "a", "", "r1"));
  EXPECT_EQ(first.said, verdict_of::admitted);
  EXPECT_TRUE(first.asked_outside);
  ASSERT_EQ(script->asked.size(), 1u);
  EXPECT_EQ(script->asked[0].response.reveal(), "r1");
  EXPECT_EQ(script->asked[0].address, "192.0.2.1");
  const auto again = ask(question(1, "a", "", "r1"));
  EXPECT_EQ(again.said, verdict_of::admitted) << "the same login again";
  EXPECT_FALSE(again.asked_outside);
  EXPECT_EQ(try_with(1, "b", "", "r1"), verdict_of::must_solve);
  EXPECT_EQ(try_with(2, "b", "", "r1"), verdict_of::must_solve);
  EXPECT_EQ(last_reason(), "replayed");
  EXPECT_EQ(script->asked.size(), 1u) << "the service was asked once";
}

TEST_F(captcha_desk, knows_a_used_response_for_as_long_as_the_longer_of_both_times) {
  auto rules = w.config().challenge;
  rules.validity_s = 5; // http.handler_timeout_ms is 10 s
  w.challenge_rules().change(rules);
  ASSERT_EQ(try_with(1, "a", "", "r1"), verdict_of::admitted);
  w.advance(10s - 1ms);
  EXPECT_EQ(try_with(1, "b", "", "r1"), verdict_of::must_solve);
  rules.validity_s = 30;
  w.challenge_rules().change(rules);
  ASSERT_EQ(try_with(1, "a", "", "r2"), verdict_of::admitted);
  w.advance(30s - 1ms);
  EXPECT_EQ(try_with(1, "b", "", "r2"), verdict_of::must_solve);
}

TEST_F(captcha_desk, does_not_hold_against_a_response_that_the_service_refused_it) {
  script->says = captcha_verdict::refused;
  EXPECT_EQ(try_with(1, "a", "", "r1"), verdict_of::must_solve);
  EXPECT_EQ(last_reason(), "refused");
  script->says = captcha_verdict::passed;
  EXPECT_EQ(try_with(1, "b", "", "r1"), verdict_of::admitted);
}

TEST_F(captcha_desk, lets_nobody_in_without_a_judgement_and_the_response_stays_good) {
  script->says = captcha_verdict::unclear;
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(try_with(1, "a", "", "r1"), verdict_of::unclear);
  EXPECT_EQ(last_reason(), "unclear");
  ASSERT_EQ(w.events().named("challenge.unclear").size(), 1u) << "told at a bounded pace";
  EXPECT_EQ(w.events().named("challenge.unclear")[0].fields.at("reason"), "as the test says");
  EXPECT_EQ(status(), health::degraded);
  script->says = captcha_verdict::passed;
  EXPECT_EQ(try_with(1, "b", "", "r1"), verdict_of::admitted);
  w.advance(1min);
  EXPECT_EQ(status(), health::ok);
}

TEST_F(captcha_desk, lets_nobody_in_while_the_verifier_is_dead) {
  w.directory().captcha_verifier.set({});
  EXPECT_EQ(try_with(1, "a", "", "r1"), verdict_of::unclear);
  start_verifier();
  EXPECT_EQ(try_with(1, "a", "", "r1"), verdict_of::admitted) << "and then it worked again";
}

TEST_F(captcha_desk, a_verifier_that_does_not_answer_gave_no_judgement) {
  script->delay = 24h;
  auto slow = send(1, "a", "r1");
  w.advance(10s); // http.handler_timeout_ms
  ASSERT_TRUE(slow.arrived());
  EXPECT_EQ(slow.take()->said, verdict_of::unclear);
  auto lost = send(1, "a", "r1");
  w.run();
  w.kill(verifier);
  w.advance(10s);
  ASSERT_TRUE(lost.arrived());
  EXPECT_EQ(lost.take()->said, verdict_of::unclear);
  script->delay = 0s;
  start_verifier();
  EXPECT_EQ(try_with(1, "a", "", "r1"), verdict_of::admitted) << "and then it worked again";
}

TEST_F(captcha_desk, asks_once_for_a_login_that_comes_twice_at_the_same_time) {
  script->delay = 1s;
  auto one = send(1, "a", "r1");
  auto two = send(1, "a", "r1");
  auto other_login = send(1, "b", "r1");
  auto other_address = send(2, "a", "r1");
  w.run();
  ASSERT_TRUE(other_login.arrived() && other_address.arrived());
  EXPECT_EQ(other_login.take()->said, verdict_of::must_solve);
  EXPECT_EQ(other_address.take()->said, verdict_of::must_solve);
  w.advance(1s);
  EXPECT_EQ(one.take()->said, verdict_of::admitted);
  EXPECT_EQ(two.take()->said, verdict_of::admitted);
  EXPECT_EQ(script->asked.size(), 1u);
  EXPECT_EQ(count(challenge_outcome::passed), 1u);
  EXPECT_EQ(count(challenge_outcome::repeated), 1u);
}

TEST_F(captcha_desk, has_bounds_for_what_is_being_judged) {
  script->delay = 1s;
  std::vector<pending<login_admission>> waiting;
  for (std::size_t i = 0; i <= max_waiters_per_judgement; ++i)
    waiting.push_back(send(1, "a", "r1"));
  w.run();
  ASSERT_TRUE(waiting.back().arrived());
  EXPECT_EQ(code_of(waiting.back().take().error()), ec::overloaded);
  for (std::size_t i = 1; i < max_judged_logins; ++i)
    waiting.push_back(send(1, "a", "r" + std::to_string(i + 1)));
  waiting.push_back(send(1, "a", "one too many"));
  w.run();
  ASSERT_TRUE(waiting.back().arrived());
  EXPECT_EQ(code_of(waiting.back().take().error()), ec::overloaded);
  w.advance(1s);
  EXPECT_EQ(try_with(1, "b", "", "r1"), verdict_of::must_solve) << "it was used";
  script->delay = 0s;
  EXPECT_EQ(try_with(1, "b", "", "another"), verdict_of::admitted) << "there is room again";
}

TEST_F(captcha_desk, whoever_waits_when_it_dies_is_told) {
  script->delay = 1s;
  auto waiting = send(1, "a", "r1");
  w.run();
  start_again();
  ASSERT_TRUE(waiting.arrived());
  EXPECT_EQ(code_of(waiting.take().error()), ec::overloaded);
  script->delay = 0s;
  EXPECT_EQ(try_with(1, "b", "", "r1"), verdict_of::admitted) << "it was never used";
}

TEST_F(captcha_desk, writes_nothing_of_what_clients_sent) {
  script->says = captcha_verdict::refused;
  (void)try_with(1, "the-code-of-somebody", "", "the-response-of-somebody");
  for (const auto& line : w.events().all())
    for (const auto& [name, value] : line.fields)
      EXPECT_EQ(value.find("of-somebody"), std::string::npos) << name;
}

} // namespace
} // namespace weappd
