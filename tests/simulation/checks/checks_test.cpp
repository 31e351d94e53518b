// Each check of the simulation sees what it is there for.
#include "tests/simulation/checks/accepted_work.hpp"
#include "tests/simulation/checks/limit_counts.hpp"
#include "tests/simulation/checks/open_questions.hpp"
#include "tests/simulation/checks/session_owners.hpp"
#include "tests/simulation/checks/token_fetches.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weappd::simulation {
namespace {

using namespace std::chrono_literals;

constexpr user_id ann{1};
constexpr user_id bob{2};
constexpr session_id first_session{{1}};
constexpr session_id second_session{{2}};
constexpr message_id letter{7};
const timestamp noon = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1} + 12h;

struct check : testing::Test {
  [[nodiscard]] std::size_t violations() const { return found.violations().size(); }
  [[nodiscard]] std::uint64_t excused(const char* known) const {
    const auto row = found.excused().find(known);
    return row == found.excused().end() ? 0 : row->second;
  }
  findings found;
};

struct session_owners_check : check {
  session_owners owners{found};
};

TEST_F(session_owners_check, sees_two_actors_of_one_user) {
  owners.woke(ann, 10, 1);
  owners.woke(bob, 11, 1);
  owners.ended(10);
  owners.woke(ann, 12, 1);
  EXPECT_EQ(violations(), 0U);
  owners.woke(ann, 13, 2);
  EXPECT_EQ(violations(), 1U);
}

TEST_F(session_owners_check, excuses_only_the_session_of_a_dead_router) {
  owners.woke(ann, 10, 1);
  owners.router_died(1);
  owners.woke(ann, 11, 2);
  EXPECT_EQ(violations(), 0U);
  EXPECT_EQ(excused(session_owners::orphan), 1U);
  owners.woke(ann, 12, 2);
  EXPECT_EQ(violations(), 1U) << "the second one's router lives";
}

TEST_F(session_owners_check, sees_a_session_a_person_or_a_code_with_two_owners) {
  owners.granted(first_session, ann, "o-1", "code");
  owners.granted(first_session, ann, "o-1", "code");
  EXPECT_EQ(violations(), 0U);
  owners.granted(first_session, bob, "o-2", {});
  EXPECT_EQ(violations(), 1U);
  owners.granted(second_session, bob, "o-1", {});
  EXPECT_EQ(violations(), 2U);
  owners.granted(second_session, bob, "o-2", "code");
  EXPECT_EQ(violations(), 3U);
}

TEST_F(session_owners_check, sees_a_session_that_serves_somebody_else_or_after_its_end) {
  owners.granted(first_session, ann, "o-1", "code");
  owners.served(first_session, ann, owners.is_revoked(first_session));
  EXPECT_FALSE(owners.is_over("code"));
  EXPECT_EQ(violations(), 0U);
  owners.served(first_session, bob, false);
  EXPECT_EQ(violations(), 1U);
  owners.revoked(first_session);
  owners.served(first_session, ann, owners.is_revoked(first_session));
  EXPECT_EQ(violations(), 2U);
  EXPECT_TRUE(owners.is_over("code"));
  owners.served(first_session, ann, owners.is_over("code"));
  EXPECT_EQ(violations(), 3U);
}

TEST_F(check, of_questions_sees_one_without_an_answer_and_an_answer_without_one) {
  open_questions questions(found, 2min);
  const auto one = questions.ask("login", noon);
  questions.check(noon + 2min);
  EXPECT_EQ(violations(), 0U);
  questions.check(noon + 3min);
  EXPECT_EQ(violations(), 1U);
  questions.answered(one, noon + 2min);
  EXPECT_EQ(violations(), 1U);
  questions.answered(one, noon + 2min);
  EXPECT_EQ(violations(), 2U);
  questions.answered(questions.ask("login", noon), noon + 3min);
  EXPECT_EQ(violations(), 3U);
  questions.ask("login", noon);
  questions.cut();
  questions.check(noon + 3min);
  EXPECT_EQ(violations(), 3U) << "its server is gone";
}

TEST_F(check, of_token_fetches_sees_two_at_a_time) {
  token_fetches fetches(found);
  fetches.refresher_started(1, {"demo"});
  fetches.refresher_started(2, {"demo_oa"});
  fetches.ends(fetches.begins(1));
  fetches.begins(1);
  fetches.begins(2);
  fetches.refresher_died(1);
  fetches.refresher_started(3, {"demo"});
  fetches.begins(3);
  fetches.begins(1); // was on its way when its refresher died
  EXPECT_EQ(violations(), 0U);
  fetches.begins(3);
  EXPECT_EQ(violations(), 1U);
}

TEST_F(check, of_limits_sees_one_too_many_under_each_algorithm) {
  for (const auto algorithm : {limit_algorithm::gcra, limit_algorithm::sliding_window,
                               limit_algorithm::fixed_window, limit_algorithm::leaky_bucket}) {
    findings mine;
    limit_counts limits(mine);
    const limit_options rule{
        .algorithm = algorithm, .limit = 2, .window_s = 10, .burst = 2, .max_delay_ms = 60'000};
    const auto pass = [&](std::uint64_t limiter, std::uint64_t who, std::chrono::seconds at) {
      limits.passed(limiter, "policy", rule, {0, who}, at);
    };
    const int fit = algorithm == limit_algorithm::leaky_bucket ? 3 : 2; // one goes, two wait
    for (int i = 0; i < fit; ++i)
      pass(1, 1, 1s);
    pass(1, 2, 1s); // somebody else
    pass(2, 1, 1s); // after a restart
    EXPECT_TRUE(mine.violations().empty());
    pass(1, 1, 1s);
    EXPECT_EQ(mine.violations().size(), 1U);
  }
}

struct deliveries_check : check {
  deliveries sent{found};
};

TEST_F(deliveries_check, sees_what_nobody_asked_for_and_what_was_refused) {
  sent.delivered(letter, {});
  EXPECT_EQ(violations(), 1U);
  sent.asked({8});
  sent.refused({8});
  sent.delivered({8}, {});
  EXPECT_EQ(violations(), 2U);
}

TEST_F(deliveries_check, sees_a_second_time_unless_it_was_asked_for_twice) {
  sent.asked(letter);
  sent.delivered(letter, {});
  sent.asked(letter);
  sent.delivered(letter, {});
  EXPECT_EQ(violations(), 0U);
  sent.delivered(letter, {});
  EXPECT_EQ(violations(), 1U);
}

TEST_F(deliveries_check, excuses_only_a_consent_that_the_ledger_could_not_know) {
  const deliveries::facts known{.need = consent_need::one_time, .maybe_sent = true, .ledger_knew = false};
  sent.asked(letter);
  sent.delivered(letter, {});
  sent.delivered(letter, known);
  EXPECT_EQ(violations(), 0U);
  EXPECT_EQ(excused(deliveries::second_consent), 1U);
  auto other = known;
  other.ledger_knew = true;
  sent.delivered(letter, other);
  other = known;
  other.maybe_sent = false;
  sent.delivered(letter, other);
  other = known;
  other.need = consent_need::long_term;
  sent.delivered(letter, other);
  EXPECT_EQ(violations(), 3U);
}

struct accepted_work_check : check {
  memory_store::message_row& row(message_id id, message_state state) {
    auto& made = store.messages[id];
    made.record.state = state;
    return made;
  }
  memory_store store;
  deliveries sent{found};
  accepted_work work{found};
};

TEST_F(accepted_work_check, sees_a_message_that_is_gone_or_comes_to_no_end) {
  work.accepted(letter);
  work.check(store, sent);
  EXPECT_EQ(violations(), 1U);
  row(letter, message_state::queued);
  work.check(store, sent);
  EXPECT_EQ(violations(), 2U);
  row(letter, message_state::sending);
  work.check(store, sent);
  EXPECT_EQ(violations(), 3U);
  for (const auto end : {message_state::failed, message_state::expired, message_state::cancelled}) {
    row(letter, end);
    work.check(store, sent);
  }
  EXPECT_EQ(violations(), 3U);
}

TEST_F(accepted_work_check, sees_a_message_that_counts_as_sent_and_never_was) {
  auto& message = row(letter, message_state::sent);
  work.accepted(letter);
  work.check(store, sent);
  EXPECT_EQ(violations(), 1U);
  message.record.story.push_back({.rule = "consent_used_by_earlier_attempt"});
  work.check(store, sent);
  EXPECT_EQ(violations(), 1U);
  EXPECT_EQ(excused(accepted_work::consent_gone), 1U);
}

TEST_F(accepted_work_check, sees_a_key_with_two_messages_or_two_answers) {
  row(letter, message_state::failed);
  work.tried("key", letter);
  work.tried("key", {8});
  work.answered("key", letter);
  work.answered("key", letter);
  work.check(store, sent);
  EXPECT_EQ(violations(), 0U);
  row({8}, message_state::failed);
  work.check(store, sent);
  EXPECT_EQ(violations(), 1U);
  work.answered("key", {8});
  EXPECT_EQ(violations(), 2U);
}

} // namespace
} // namespace weappd::simulation
