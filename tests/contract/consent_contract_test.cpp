#include "message_kit.hpp"

using namespace weappd;
using namespace std::chrono_literals;

class consent_contract : public message_contract {
protected:
  message_state accept_state(const add_message& what) { return accept(what).state; }
};
INSTANTIATE_TEST_SUITE_P(stores, consent_contract, ::testing::ValuesIn(store_kind_names()), name_of_kind);

namespace {

constexpr auto yes = consent_answer::accept;
constexpr auto reject = consent_answer::reject;
constexpr auto ban = consent_answer::ban;
constexpr auto filter = consent_answer::filter;
constexpr auto from_client = consent_source::client;
constexpr auto from_platform = consent_source::platform;

} // namespace

// -- what users answer

TEST_P(consent_contract, each_accept_of_a_one_time_template_is_a_credit) {
  EXPECT_TRUE(reader->read(load_consents{user})->items.empty());
  allow(2);
  const auto balances = write(answer_to(user, yes));
  ASSERT_EQ(code_of(balances), ec::none);
  ASSERT_EQ(balances->items.size(), 1u);
  EXPECT_EQ(balances->items[0].template_name, order_paid);
  EXPECT_EQ(balances->items[0].last, consent_answer::accept);
  EXPECT_EQ(balances->items[0].credits, 3u);
  EXPECT_FALSE(balances->items[0].unlimited);
  EXPECT_EQ(credits(), 3u);
}

TEST_P(consent_contract, an_unknown_user_is_an_error) {
  EXPECT_EQ(code_of(write(answer_to({9}, yes))), ec::user_not_found);
  EXPECT_TRUE(reader->read(load_consents{{9}})->items.empty());
}

TEST_P(consent_contract, a_reject_or_ban_makes_the_template_unusable_until_the_next_accept) {
  for (const auto no : {reject, ban}) {
    allow(1);
    const auto before = credits();
    const auto balances = write(answer_to(user, no));
    EXPECT_EQ(balances->items.at(0).last, no);
    EXPECT_EQ(credits(), 0u);
    EXPECT_EQ(accept_state(needing_credit(user, 10 * before, true)), message_state::failed);
    allow(1);
    EXPECT_EQ(credits(), before + 1);
  }
}

TEST_P(consent_contract, filter_changes_nothing) {
  const auto unknown = write(answer_to(user, filter));
  ASSERT_EQ(code_of(unknown), ec::none);
  EXPECT_EQ(unknown->items.at(0).credits, 0u);
  EXPECT_TRUE(reader->read(load_consents{user})->items.empty());
  allow(2);
  EXPECT_EQ(write(answer_to(user, filter))->items.at(0).last, consent_answer::accept);
  EXPECT_EQ(credits(), 2u);
}

TEST_P(consent_contract, a_tap_that_both_report_is_one_credit) {
  allow(2);
  ASSERT_TRUE(write(answer_to(user, yes, from_platform, morning)));
  EXPECT_EQ(credits(), 2u);
  ASSERT_TRUE(write(answer_to(user, yes, from_platform, morning + 1s)));
  EXPECT_EQ(credits(), 2u);
  ASSERT_TRUE(write(answer_to(user, yes, from_platform, morning + 2s)));
  EXPECT_EQ(credits(), 3u);
  ASSERT_TRUE(write(answer_to(user, yes, from_client)));
  EXPECT_EQ(credits(), 3u);
}

TEST_P(consent_contract, an_event_that_is_not_newer_is_a_redelivery) {
  ASSERT_TRUE(write(answer_to(user, yes, from_platform, morning)));
  ASSERT_TRUE(write(answer_to(user, yes, from_platform, morning)));
  ASSERT_TRUE(write(answer_to(user, reject, from_platform, morning - 1s)));
  EXPECT_EQ(credits(), 1u);
  ASSERT_TRUE(write(answer_to(user, yes, from_platform, morning + 1ms)));
  EXPECT_EQ(credits(), 2u);
  // Another template has events of its own.
  auto other = answer_to(user, yes, from_platform, morning);
  other.answers[0].template_name = "custom:other";
  EXPECT_EQ(write(other)->items.at(0).credits, 1u);
}

TEST_P(consent_contract, a_request_is_counted_once_and_its_repetition_tells_the_balances_of_now) {
  auto what = answer_to(user, yes);
  what.answers.push_back({"custom:unknown", consent_need::one_time, filter});
  what.once = {"once:", "request", morning + 24h};
  EXPECT_EQ(write(what)->items.at(0).credits, 1u);
  allow(1);
  what.at = morning + 24h - 1ms;
  const auto again = write(what);
  ASSERT_EQ(code_of(again), ec::none);
  ASSERT_EQ(again->items.size(), 2u);
  EXPECT_EQ(again->items[0].template_name, order_paid);
  EXPECT_EQ(again->items[0].last, consent_answer::accept);
  EXPECT_EQ(again->items[0].credits, 2u);
  EXPECT_EQ(again->items[1].template_name, "custom:unknown");
  EXPECT_EQ(credits(), 2u);
  what.once->key = "another request";
  EXPECT_EQ(write(what)->items.at(0).credits, 3u);
  what.at = morning + 24h;
  EXPECT_EQ(write(what)->items.at(0).credits, 4u) << "its time is over";
}

TEST_P(consent_contract, a_report_that_was_refused_or_rolled_back_sets_no_guard) {
  auto what = answer_to({9}, yes);
  what.once = {"once:", "request", morning + 24h};
  EXPECT_EQ(code_of(write(what)), ec::user_not_found);
  what.user = user;
  ASSERT_FALSE(writer->begin());
  EXPECT_EQ(writer->apply(what)->items.at(0).credits, 1u);
  writer->rollback();
  EXPECT_EQ(write(what)->items.at(0).credits, 1u);
  what.user = {9};
  EXPECT_EQ(code_of(write(what)), ec::user_not_found);
}

TEST_P(consent_contract, a_long_term_template_that_is_accepted_is_unlimited) {
  auto what = answer_to(user, yes);
  what.answers[0].need = consent_need::long_term;
  auto balances = write(what);
  EXPECT_TRUE(balances->items.at(0).unlimited);
  EXPECT_EQ(balances->items.at(0).credits, 0u);
  what.answers[0].answer = reject;
  balances = write(what);
  EXPECT_FALSE(balances->items.at(0).unlimited);
}

TEST_P(consent_contract, balances_are_answered_in_the_order_asked_and_read_for_one_user) {
  auto what = answer_to(user, yes);
  what.answers = {{"custom:b", consent_need::one_time, yes},
                  {"custom:a", consent_need::long_term, yes},
                  {"custom:b", consent_need::one_time, yes}};
  const auto balances = write(what);
  ASSERT_EQ(balances->items.size(), 3u);
  EXPECT_EQ(balances->items[0].template_name, "custom:b");
  EXPECT_EQ(balances->items[1].template_name, "custom:a");
  EXPECT_EQ(balances->items[2].credits, 2u);

  const auto other = make_user("openid-2", 1002);
  ASSERT_TRUE(write(answer_to(other, yes)));
  const auto read = reader->read(load_consents{user});
  ASSERT_EQ(read->items.size(), 2u);
  EXPECT_EQ(read->items[0].template_name, "custom:a");
  EXPECT_TRUE(read->items[0].unlimited);
  EXPECT_EQ(read->items[1].credits, 2u);
}

// -- what messages do to it

TEST_P(consent_contract, a_message_reserves_a_credit_and_sending_spends_it) {
  allow(2);
  EXPECT_EQ(accept_state(needing_credit(user, 1)), message_state::queued);
  EXPECT_EQ(rules_of(message(1).story).back(), "reserved:queued:credit_reserved");
  EXPECT_EQ(credits(), 1u);
  send(1, settled(1, message_state::queued)); // keep: it is tried again
  EXPECT_EQ(credits(), 1u);
  send(1, settled(1, message_state::sent, credit_outcome::spent));
  EXPECT_EQ(credits(), 1u);
}

TEST_P(consent_contract, a_refund_gives_the_credit_back) {
  allow(1);
  accept_state(needing_credit(user, 1));
  send(1, settled(1, message_state::failed, credit_outcome::refund));
  EXPECT_EQ(credits(), 1u);
  accept_state(needing_credit(user, 2));
  settle(settled(2, message_state::expired, credit_outcome::refund)); // never tried
  EXPECT_EQ(credits(), 1u);
}

TEST_P(consent_contract, at_its_end_a_message_holds_no_credit) {
  allow(2);
  accept_state(needing_credit(user, 1));
  settle(settled(1, message_state::expired));
  EXPECT_EQ(credits(), 2u);
  accept_state(needing_credit(user, 2));
  send(2, settled(2, message_state::sent));
  EXPECT_EQ(credits(), 1u);
}

TEST_P(consent_contract, without_a_credit_a_message_is_refused_or_tried) {
  EXPECT_EQ(accept_state(needing_credit(user, 1, true)), message_state::failed);
  EXPECT_EQ(message(1).reason, fail_reason::not_subscribed);
  EXPECT_EQ(rules_of(message(1).story).back(), "reserved:failed:refused_without_credit");
  EXPECT_EQ(accept_state(needing_credit(user, 2, false)), message_state::queued);
  EXPECT_EQ(rules_of(message(2).story).back(), "reserved:queued:no_credit_known");
  allow(1);
  EXPECT_EQ(accept_state(needing_credit(user, 3, true)), message_state::queued);
  EXPECT_EQ(accept_state(needing_credit(user, 4, true)), message_state::failed); // the only one is reserved
}

TEST_P(consent_contract, a_message_that_reserved_nothing_spends_and_gives_back_nothing) {
  for (std::uint64_t id = 1; id <= 2; ++id)
    accept_state(needing_credit(user, id));
  allow(1);
  send(1, settled(1, message_state::sent, credit_outcome::spent));
  EXPECT_EQ(credits(), 1u);
  send(2, settled(2, message_state::failed, credit_outcome::refund));
  EXPECT_EQ(credits(), 1u);
}

TEST_P(consent_contract, when_the_platform_denies_it_the_balance_is_nothing) {
  allow(3);
  for (std::uint64_t id = 1; id <= 3; ++id)
    accept_state(needing_credit(user, id));
  lease({1, 2, 3});
  settle(settled(1, message_state::failed, credit_outcome::void_));
  EXPECT_EQ(credits(), 0u);
  settle(settled(2, message_state::failed, credit_outcome::refund)); // gives back what is not there
  EXPECT_EQ(credits(), 0u);
  settle(settled(3, message_state::sent, credit_outcome::spent));
  EXPECT_EQ(credits(), 0u);
  allow(1); // and what comes after that counts in full
  EXPECT_EQ(credits(), 1u);
}

TEST_P(consent_contract, a_denial_takes_nothing_that_was_given_since_the_attempt_began) {
  allow(2);
  accept_state(needing_credit(user, 1));
  const auto accepts = lease({1}).messages.at(0).accepts;
  EXPECT_EQ(accepts, 2u);
  allow(1);
  auto denied = settled(1, message_state::failed, credit_outcome::void_);
  denied.accepts = accepts;
  settle(denied);
  EXPECT_EQ(credits(), 1u);
  EXPECT_EQ(accept_state(needing_credit(user, 2, true)), message_state::queued);
}

TEST_P(consent_contract, a_tap_that_the_other_side_reports_late_is_none_that_was_given_since) {
  allow(1);
  accept_state(needing_credit(user, 1));
  auto denied = settled(1, message_state::failed, credit_outcome::void_);
  denied.accepts = lease({1}).messages.at(0).accepts;
  ASSERT_TRUE(write(answer_to(user, yes, from_platform, morning)));
  settle(denied);
  EXPECT_EQ(credits(), 0u);
}

TEST_P(consent_contract, a_denial_leaves_a_long_term_acceptance_that_was_given_since_the_attempt_began) {
  auto consent = answer_to(user, yes);
  consent.answers[0].need = consent_need::long_term;
  const auto allow_for_good = [&] { EXPECT_TRUE(write(consent)); };
  allow_for_good();
  auto what = needing_credit(user, 1);
  what.need = consent_need::long_term;
  const auto is_accepted = [&] { return reader->read(load_consents{user})->items.at(0).unlimited; };
  for (const bool again : {true, false}) {
    accept_state(what);
    auto denied = settled(what.draft.id.value, message_state::failed, credit_outcome::void_);
    denied.accepts = lease({what.draft.id.value}).messages.at(0).accepts;
    if (again)
      allow_for_good();
    settle(denied);
    EXPECT_EQ(is_accepted(), again);
    ++what.draft.id.value;
  }
}

TEST_P(consent_contract, a_denial_counts_although_the_message_reserved_nothing) {
  accept_state(needing_credit(user, 1));
  send(1, settled(1, message_state::queued, credit_outcome::void_)); // nothing is known: nothing happens
  EXPECT_TRUE(reader->read(load_consents{user})->items.empty());
  allow(2);
  send(1, settled(1, message_state::failed, credit_outcome::void_));
  EXPECT_EQ(credits(), 0u);
}

TEST_P(consent_contract, a_long_term_message_needs_an_acceptance_and_takes_nothing) {
  auto what = needing_credit(user, 1, true);
  what.need = consent_need::long_term;
  EXPECT_EQ(accept_state(what), message_state::failed);
  auto consent = answer_to(user, yes);
  consent.answers[0].need = consent_need::long_term;
  ASSERT_TRUE(write(consent));
  what.draft.id = {2};
  EXPECT_EQ(accept_state(what), message_state::queued);
  EXPECT_EQ(rules_of(message(2).story).back(), "reserved:queued:long_term_accepted");
  send(2, settled(2, message_state::sent, credit_outcome::spent));
  what.draft.id = {3};
  EXPECT_EQ(accept_state(what), message_state::queued);
  send(3, settled(3, message_state::failed, credit_outcome::void_));
  EXPECT_FALSE(reader->read(load_consents{user})->items.at(0).unlimited);
}
