#include "challenge_desk_fixture.hpp"

namespace weappd {
namespace {

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

} // namespace
} // namespace weappd
