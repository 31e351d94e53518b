#include "actors/challenge_desk.hpp"

#include "messages/error.hpp"
#include "tests/kit/actors/fakes.hpp"
#include "tests/kit/actors/world.hpp"
#include "tests/kit/net/solve_work.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;
using verdict_of = login_admission::verdict;

options strict_desk(challenge_kind kind) {
  auto config = world_options();
  auto& rules = config.challenge;
  rules.kind = kind;
  rules.failed_logins = 2;
  rules.window_s = 60;
  rules.stay_s = 100;
  rules.bits = 3;
  rules.max_bits = 5;
  rules.validity_s = 30;
  rules.captcha.url = "https://captcha.example/siteverify";
  rules.captcha.site_key = "site-1";
  return config;
}

constexpr rate_key who_at(std::uint64_t n) {
  return {0, 0xffff'c000'0200 + n}; // 192.0.2.n
}

struct challenge_desk_fixture : ::testing::Test {
  explicit challenge_desk_fixture(challenge_kind kind) : w(strict_desk(kind)) {}

  world w;
  challenge_desk_self desk = w.spawn(challenge_desk, w.services());
  int ends = 0;

  void start_again() {
    w.kill(desk);
    desk = w.spawn(challenge_desk, w.services());
    w.run();
  }
  void end_of(std::uint64_t n, const std::string& attempt, bool well) {
    w.tell(desk, login_ended{.who = who_at(n), .attempt = secret(attempt), .succeeded = well});
    w.run();
  }
  /// So many logins, each with something else.
  void end(std::uint64_t n, bool well, int times = 1) {
    for (int i = 0; i < times; ++i)
      end_of(n, "end " + std::to_string(++ends), well);
  }
  static admit_login question(std::uint64_t n, const std::string& attempt, const std::string& challenge = {},
                              const std::string& solution = {}) {
    return {.who = who_at(n),
            .address = "192.0.2." + std::to_string(n),
            .attempt = secret(attempt),
            .challenge = challenge,
            .solution = secret(solution)};
  }
  login_admission ask(const admit_login& wanted) {
    auto said = w.ask<login_admission>(desk, wanted);
    EXPECT_TRUE(said) << describe(code_of(said.error())).name;
    return said ? *said : login_admission{};
  }
  verdict_of try_with(std::uint64_t n, const std::string& attempt, const std::string& challenge = {},
                      const std::string& solution = {}) {
    return ask(question(n, attempt, challenge, solution)).said;
  }
  std::size_t count(challenge_outcome how) { return w.challenge_figures().count(how); }
  std::string last_reason() {
    const auto lines = w.events().named("challenge.failed");
    return lines.empty() ? std::string() : lines.back().fields.at("reason");
  }
  health status() { return w.ask<status_report>(desk, get_status{})->state; }
};

// -- proof of work

struct work_desk : challenge_desk_fixture {
  work_desk() : challenge_desk_fixture(challenge_kind::proof_of_work) {}

  /// What the address is asked to solve.
  proof_of_work_offer offer(std::uint64_t n = 1) {
    const auto said = ask(question(n, "nothing yet"));
    EXPECT_EQ(said.said, verdict_of::must_solve);
    return std::get<proof_of_work_offer>(said.offer);
  }
};

TEST_F(work_desk, asks_who_failed_often_enough_and_nobody_else) {
  end(1, false);
  EXPECT_EQ(try_with(1, "a"), verdict_of::admitted);
  end(1, false);
  const auto asked = offer();
  EXPECT_EQ(asked.difficulty, 3u);
  EXPECT_EQ(asked.expires_in, 30s);
  EXPECT_EQ(try_with(2, "a"), verdict_of::admitted);
  ASSERT_EQ(w.events().named("challenge.begun").size(), 1u);
  EXPECT_EQ(w.events().named("challenge.begun")[0].fields.at("address"), "192.0.2.1");
  EXPECT_TRUE(w.events().named("challenge.failed").empty()) << "asking is no failure";
  EXPECT_EQ(count(challenge_outcome::asked), 1u);
}

TEST_F(work_desk, admits_with_a_solution_once_for_one_login) {
  end(1, false, 2);
  const auto asked = offer();
  const auto solution = kit::solve_work(asked.challenge, asked.difficulty);
  const auto first = ask(question(1, "a", asked.challenge, solution));
  EXPECT_EQ(first.said, verdict_of::admitted);
  EXPECT_FALSE(first.asked_outside);
  EXPECT_EQ(try_with(1, "a", asked.challenge, solution), verdict_of::admitted) << "the same login again";
  EXPECT_EQ(try_with(1, "b", asked.challenge, solution), verdict_of::must_solve);
  EXPECT_EQ(last_reason(), "replayed");
  // Another number that solves it, too, does not make it another challenge.
  const auto other = kit::solve_work(asked.challenge, asked.difficulty, 256, std::stoull(solution) + 1);
  EXPECT_EQ(try_with(1, "b", asked.challenge, other), verdict_of::must_solve);
  EXPECT_EQ(count(challenge_outcome::passed), 1u);
  EXPECT_EQ(count(challenge_outcome::repeated), 1u);
  EXPECT_EQ(count(challenge_outcome::replayed), 2u);
}

TEST_F(work_desk, tells_the_log_why_and_the_client_only_what_to_solve) {
  end(1, false, 2);
  end(2, false, 2);
  const auto asked = offer(1);
  const auto solution = kit::solve_work(asked.challenge, 3);
  const auto wrong = kit::solve_work(asked.challenge, 2, 2);
  std::vector<std::string> reasons;
  const auto refuse = [&](const admit_login& wanted) {
    const auto said = ask(wanted);
    EXPECT_EQ(said.said, verdict_of::must_solve);
    EXPECT_NE(std::get<proof_of_work_offer>(said.offer).challenge, asked.challenge) << "a fresh one";
    reasons.push_back(last_reason());
  };
  refuse(question(1, "a", asked.challenge, wrong));
  refuse(question(2, "a", asked.challenge, solution));
  refuse(question(1, "a", "", solution));
  refuse(question(1, "a", std::string(110, 'A'), solution));
  w.advance(30s);
  refuse(question(1, "a", asked.challenge, solution));
  EXPECT_EQ(reasons, (std::vector<std::string>{"unsolved", "foreign", "malformed", "forged", "expired"}));
}

TEST_F(work_desk, asks_for_more_with_each_further_failure_up_to_a_bound) {
  end(1, false, 2);
  const auto easy = offer();
  const auto solution = kit::solve_work(easy.challenge, 10); // far better than it was asked for
  end(1, false);
  EXPECT_EQ(offer().difficulty, 4u);
  EXPECT_EQ(try_with(1, "a", easy.challenge, solution), verdict_of::must_solve);
  EXPECT_EQ(last_reason(), "outgrown") << "easy challenges cannot be gathered beforehand";
  end(1, false, 10);
  EXPECT_EQ(offer().difficulty, 5u);
}

TEST_F(work_desk, takes_a_login_again_that_it_took_before_others_made_it_harder) {
  end(1, false, 2);
  const auto asked = offer();
  const auto solution = kit::solve_work(asked.challenge, 3);
  ASSERT_EQ(try_with(1, "a", asked.challenge, solution), verdict_of::admitted);
  end(1, false);
  EXPECT_EQ(try_with(1, "a", asked.challenge, solution), verdict_of::admitted);
  EXPECT_EQ(try_with(1, "b", asked.challenge, solution), verdict_of::must_solve);
  EXPECT_EQ(last_reason(), "replayed");
}

TEST_F(work_desk, counts_a_login_that_is_sent_again_once) {
  for (int i = 0; i < 5; ++i)
    end_of(1, "one code", false);
  EXPECT_EQ(try_with(1, "a"), verdict_of::admitted);
  end_of(1, "another code", false);
  EXPECT_EQ(offer().difficulty, 3u);
  end(1, false, 2);
  for (int i = 0; i < 5; ++i)
    end_of(1, "a good code", true);
  EXPECT_EQ(offer().difficulty, 4u) << "one success takes one failure back";
  end_of(2, "one code", false);
  end_of(2, "another code", false);
  EXPECT_EQ(offer(2).difficulty, 3u) << "of another address it is another login";
}

TEST_F(work_desk, counts_a_login_again_when_its_answer_is_not_remembered_any_more) {
  end_of(1, "one code", false);
  const auto memory = std::chrono::seconds(w.config().auth.code_memory_s);
  ASSERT_GT(memory, std::chrono::seconds(w.config().challenge.window_s));
  w.advance(memory - 1s);
  end(1, false);
  end_of(1, "one code", false);
  EXPECT_EQ(try_with(1, "a"), verdict_of::admitted);
  w.advance(1s);
  end_of(1, "one code", false);
  EXPECT_EQ(offer().difficulty, 3u);
}

TEST_F(work_desk, lowers_the_difficulty_with_each_success_and_lets_go) {
  end(1, false, 4);
  EXPECT_EQ(offer().difficulty, 5u);
  end(1, true);
  EXPECT_EQ(offer().difficulty, 4u);
  end(1, true, 2);
  EXPECT_EQ(try_with(1, "a"), verdict_of::admitted);
  end(1, false);
  EXPECT_EQ(offer().difficulty, 3u) << "one more failure brings it back";
}

TEST_F(work_desk, lets_go_after_a_time_without_failures) {
  end(1, false, 2);
  w.advance(99s);
  (void)offer();
  w.advance(1s);
  EXPECT_EQ(try_with(1, "a"), verdict_of::admitted);
  EXPECT_EQ(w.challenge_figures().count_watched(), 0u);
}

TEST_F(work_desk, does_not_look_at_the_clock_of_the_machine) {
  end(1, false, 2);
  const auto asked = offer();
  const auto solution = kit::solve_work(asked.challenge, 3);
  w.wall().jump(-24h);
  w.advance(30s);
  EXPECT_EQ(try_with(1, "a", asked.challenge, solution), verdict_of::must_solve);
  EXPECT_EQ(last_reason(), "expired");
  const auto next = offer();
  w.wall().jump(48h);
  EXPECT_EQ(try_with(1, "a", next.challenge, kit::solve_work(next.challenge, 3)), verdict_of::admitted);
}

TEST_F(work_desk, the_next_one_knows_what_this_one_knew) {
  end(1, false, 3);
  const auto used = offer();
  const auto unused = offer();
  const auto solution = kit::solve_work(used.challenge, 4);
  ASSERT_EQ(try_with(1, "a", used.challenge, solution), verdict_of::admitted);
  start_again();
  EXPECT_EQ(offer().difficulty, 4u);
  EXPECT_EQ(try_with(1, "b", used.challenge, solution), verdict_of::must_solve);
  EXPECT_EQ(last_reason(), "replayed");
  EXPECT_EQ(try_with(1, "b", unused.challenge, kit::solve_work(unused.challenge, 4)), verdict_of::admitted);
}

TEST_F(work_desk, never_takes_a_solution_again_that_it_had_to_forget) {
  auto rules = w.config().challenge;
  rules.max_used = 2;
  w.challenge_rules().change(rules);
  end(1, false, 2);
  std::vector<proof_of_work_offer> all;
  for (int i = 0; i < 4; ++i) {
    all.push_back(offer());
    w.advance(1s);
    ASSERT_EQ(
        try_with(1, "a" + std::to_string(i), all.back().challenge, kit::solve_work(all.back().challenge, 3)),
        verdict_of::admitted);
  }
  for (const auto& one : all)
    EXPECT_EQ(try_with(1, "b", one.challenge, kit::solve_work(one.challenge, 3)), verdict_of::must_solve);
  EXPECT_EQ(count(challenge_outcome::expired), 2u);
  EXPECT_EQ(count(challenge_outcome::replayed), 2u);
}

TEST_F(work_desk, takes_fresh_challenges_also_when_those_it_had_to_forget_were_valid_for_longer) {
  auto rules = w.config().challenge;
  rules.max_used = 1;
  rules.validity_s = 3'600;
  w.challenge_rules().change(rules);
  end(1, false, 2);
  const auto admit = [&](const std::string& attempt) {
    const auto asked = offer();
    EXPECT_EQ(try_with(1, attempt, asked.challenge, kit::solve_work(asked.challenge, 3)),
              verdict_of::admitted)
        << attempt << ": " << last_reason();
    w.advance(1s);
  };
  admit("a");
  admit("b"); // "a" is forgotten
  rules.validity_s = 5;
  w.challenge_rules().change(rules);
  admit("c");
  admit("d");
}

TEST_F(work_desk, follows_other_options_at_once) {
  end(1, false, 2);
  (void)offer();
  auto rules = w.config().challenge;
  rules.kind = challenge_kind::off;
  w.challenge_rules().change(rules);
  EXPECT_EQ(try_with(1, "a"), verdict_of::admitted);
  end(2, false, 5);
  rules.kind = challenge_kind::proof_of_work;
  rules.bits = 7;
  rules.max_bits = 7;
  w.challenge_rules().change(rules);
  EXPECT_EQ(offer().difficulty, 7u) << "what was counted stays";
  EXPECT_EQ(try_with(2, "a"), verdict_of::admitted) << "while it was off, nothing was counted";
}

// -- CAPTCHA

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
