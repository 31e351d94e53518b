#include "message_kit.hpp"

using namespace weappd;
using namespace std::chrono_literals;

using settlement_contract = message_contract;
INSTANTIATE_TEST_SUITE_P(stores, settlement_contract, ::testing::ValuesIn(store_kind_names()), name_of_kind);

namespace {

constexpr auto later = morning + 10s;

message_event attempt_event(message_state state) {
  message_event out;
  out.what = message_event::kind::attempt;
  out.at = later;
  out.state = state;
  out.rule = "refresh_and_retry";
  out.attempt = 1;
  out.errcode = 40001;
  out.outcome = "refused";
  out.rid = "rid-1";
  out.token_epoch = 7;
  out.duration = 35ms;
  out.next_at = later + 1s;
  return out;
}

} // namespace

// -- leases

TEST_P(settlement_contract, a_lease_gives_what_is_needed_to_send) {
  accept(sample_message(user, 1));
  const auto leased = lease({1}, later);
  ASSERT_EQ(leased.messages.size(), 1u);
  const auto& one = leased.messages[0];
  EXPECT_EQ(one.id, message_id{1});
  EXPECT_EQ(one.who.reveal(), "openid-1");
  EXPECT_EQ(one.page, sample_draft(user, 1).page);
  EXPECT_EQ(one.data, sample_draft(user, 1).data);
  EXPECT_EQ(one.attempts, 1u);
  EXPECT_EQ(message(1).state, message_state::sending);
  EXPECT_EQ(message(1).attempts, 1u);
  EXPECT_EQ(message(1).updated_at, later);
  EXPECT_FALSE(message(1).next_attempt_at);
}

TEST_P(settlement_contract, what_is_not_queued_or_unknown_or_named_twice_is_left_out) {
  accept(sample_message(user, 1));
  accept(sample_message(user, 2));
  send(2, settled(2, message_state::sent));
  const auto leased = lease({1, 1, 2, 77});
  EXPECT_EQ(leased.messages.size(), 1u);
  EXPECT_TRUE(leased.cancelled.empty());
  EXPECT_TRUE(leased.no_openid.empty());
  EXPECT_TRUE(lease({1}).messages.empty());
  EXPECT_EQ(message(1).attempts, 1u);
}

TEST_P(settlement_contract, the_openid_is_the_newest_of_user_and_app) {
  ASSERT_TRUE(write(first_login_across("demo", "openid-1", "union", 1002)));
  auto second = first_login_across("demo", "openid-2", "union", 1003);
  second.at = morning + 1h;
  ASSERT_EQ(write(second)->user, user);
  auto third = first_login_across("demo", "openid-3", "union", 1004); // by a clock that was set back
  third.at = morning + 1min;
  ASSERT_EQ(write(third)->user, user);
  accept(sample_message(user, 1));
  EXPECT_EQ(lease({1}).messages.at(0).who.reveal(), "openid-2");
}

TEST_P(settlement_contract, a_lease_tells_what_other_credits_the_user_has) {
  const auto others = [&](std::uint64_t id) { return lease({id}).messages.at(0).other_credits; };
  accept(needing_credit(user, 1));
  EXPECT_EQ(others(1), 0u) << "the ledger knows of none";
  settle(settled(1, message_state::cancelled));
  allow(1);
  accept(needing_credit(user, 2));
  EXPECT_EQ(others(2), 0u) << "its own is none of them";
  settle(settled(2, message_state::queued));
  allow(1);
  EXPECT_EQ(others(2), 1u) << "a free one";
  settle(settled(2, message_state::queued));
  accept(needing_credit(user, 3));
  EXPECT_EQ(others(2), 1u) << "one that another message holds";
  settle(settled(2, message_state::queued));
  lease({3});
  settle(settled(3, message_state::sent, credit_outcome::spent));
  EXPECT_EQ(others(2), 0u) << "it is used up";
}

TEST_P(settlement_contract, a_message_without_a_credit_of_its_own_hears_of_all) {
  accept(needing_credit(user, 1)); // nothing was known when it was asked for
  allow(2);
  EXPECT_EQ(lease({1}).messages.at(0).other_credits, 2u);
}

TEST_P(settlement_contract, a_reject_hides_no_credit_from_a_lease_and_a_denial_ends_them) {
  allow(2);
  accept(needing_credit(user, 1));
  ASSERT_TRUE(write(answer_to(user, consent_answer::reject)));
  EXPECT_EQ(lease({1}).messages.at(0).other_credits, 1u);
  settle(settled(1, message_state::failed, credit_outcome::void_));
  accept(needing_credit(user, 2));
  EXPECT_EQ(lease({2}).messages.at(0).other_credits, 0u);
}

TEST_P(settlement_contract, messages_of_a_locked_user_are_cancelled_and_give_back_their_credit) {
  allow(1);
  accept(needing_credit(user, 1));
  EXPECT_EQ(credits(), 0u);
  ASSERT_TRUE(write(status_change(user, user_status::locked)));
  const auto leased = lease({1}, later);
  EXPECT_TRUE(leased.messages.empty());
  EXPECT_EQ(numbers(leased.cancelled), std::vector<std::uint64_t>{1});
  EXPECT_EQ(credits(), 1u);
  const auto loaded = message(1);
  EXPECT_EQ(loaded.state, message_state::cancelled);
  EXPECT_EQ(loaded.updated_at, later);
  EXPECT_EQ(rules_of(loaded.story).back(), "decided:cancelled:user_locked");

  ASSERT_TRUE(write(status_change(user, user_status::active)));
  EXPECT_TRUE(lease({1}).messages.empty()); // it stays cancelled
}

// -- settlements

TEST_P(settlement_contract, a_message_that_was_sent_has_its_time_its_id_and_its_story) {
  accept(sample_message(user, 1));
  auto end = settled(1, message_state::sent, credit_outcome::keep, later);
  end.platform_id = "msgid-1";
  end.events = {attempt_event(message_state::sent)};
  send(1, end);

  const auto loaded = message(1);
  EXPECT_EQ(loaded.state, message_state::sent);
  EXPECT_EQ(loaded.sent_at, later);
  EXPECT_EQ(loaded.updated_at, later);
  EXPECT_EQ(loaded.platform_id, "msgid-1");
  EXPECT_FALSE(loaded.next_attempt_at);
  ASSERT_EQ(loaded.story.size(), 3u);
  const auto& event = loaded.story[2];
  EXPECT_EQ(event.what, message_event::kind::attempt);
  EXPECT_EQ(event.at, later);
  EXPECT_EQ(event.errcode, 40001);
  EXPECT_EQ(event.rid, "rid-1");
  EXPECT_EQ(event.token_epoch, 7u);
  EXPECT_EQ(event.duration, 35ms);
  EXPECT_EQ(event.next_at, later + 1s);
}

TEST_P(settlement_contract, a_message_may_be_queued_again_for_a_later_time) {
  accept(sample_message(user, 1));
  auto again = settled(1, message_state::queued);
  again.next_attempt_at = later + 1h;
  again.platform_id = "msgid-1";
  send(1, again);
  EXPECT_EQ(message(1).state, message_state::queued);
  EXPECT_EQ(message(1).attempts, 1u);
  EXPECT_EQ(message(1).next_attempt_at, later + 1h);
  EXPECT_EQ(lease({1}).messages.at(0).attempts, 2u);

  settle(settled(1, message_state::queued, credit_outcome::keep, later)); // without a time: at once
  EXPECT_EQ(message(1).next_attempt_at, later);
  EXPECT_EQ(message(1).platform_id, "msgid-1"); // an empty one takes nothing away
}

TEST_P(settlement_contract, the_first_attempt_is_the_first_that_counted) {
  accept(sample_message(user, 1));
  const auto first_attempt_after = [&](timestamp leased_at, bool counts) {
    EXPECT_EQ(lease({1}, leased_at).messages.size(), 1u);
    auto again = settled(1, message_state::queued);
    again.attempt_counts = counts;
    settle(again);
    return reader->read(load_unfinished{})->entries.at(0).first_attempt_at;
  };
  EXPECT_EQ(first_attempt_after(morning + 1s, false), timestamp{});
  EXPECT_EQ(first_attempt_after(morning + 2s, true), morning + 2s);
  EXPECT_EQ(first_attempt_after(morning + 3s, true), morning + 2s);
}

TEST_P(settlement_contract, an_attempt_that_never_reached_the_platform_does_not_count) {
  accept(sample_message(user, 1));
  auto unreached = settled(1, message_state::queued);
  unreached.attempt_counts = false;
  send(1, unreached);
  EXPECT_EQ(message(1).attempts, 0u);
  unreached.state = message_state::expired; // from queued: there was no attempt
  settle(unreached);
  EXPECT_EQ(message(1).attempts, 0u);
}

TEST_P(settlement_contract, a_reason_is_kept_of_a_failure_alone) {
  accept(sample_message(user, 1));
  auto end = settled(1, message_state::queued);
  end.reason = fail_reason::retries_exhausted;
  send(1, end);
  EXPECT_EQ(message(1).reason, fail_reason::none);
  end.state = message_state::failed;
  send(1, end);
  EXPECT_EQ(message(1).reason, fail_reason::retries_exhausted);
}

TEST_P(settlement_contract, only_the_moves_of_the_life_of_a_message_are_made) {
  using enum message_state;
  const std::vector<message_state> states{queued, sending, sent, failed, expired, cancelled};
  const std::vector<std::vector<message_state>> allowed{
      {failed, expired, cancelled}, {sent, queued, failed, expired, cancelled}, {}, {}, {}, {}};
  std::uint64_t id = 0;
  for (std::size_t from = 0; from < states.size(); ++from)
    for (const auto to : states) {
      accept(sample_message(user, ++id));
      if (states[from] != queued) {
        lease({id});
        if (states[from] != sending)
          settle(settled(id, states[from]));
      }
      ASSERT_EQ(message(id).state, states[from]);
      auto move = settled(id, to, credit_outcome::keep, later);
      move.mark = user_mark::bad_openid;
      move.events = {attempt_event(to)};
      settle(move);
      const bool may = std::find(allowed[from].begin(), allowed[from].end(), to) != allowed[from].end();
      EXPECT_EQ(message(id).state, may ? to : states[from])
          << to_string(states[from]) << " -> " << to_string(to);
      EXPECT_EQ(message(id).story.size(), may ? 3u : 2u);
      EXPECT_EQ(accept(sample_message(user, ++id)).reason, may ? fail_reason::bad_openid : fail_reason::none);
      ASSERT_TRUE(write(clear_marks{user, {}}));
    }
}

TEST_P(settlement_contract, the_end_of_an_older_attempt_never_ends_a_newer_one) {
  accept(sample_message(user, 1));
  EXPECT_EQ(lease({1}).messages.at(0).lease, 1u);
  settle(settled(1, message_state::queued));
  EXPECT_EQ(lease({1}).messages.at(0).lease, 2u);
  auto late = settled(1, message_state::failed, credit_outcome::keep, later);
  late.mark = user_mark::bad_openid;
  for (const std::uint32_t lease : {0U, 1U, 3U}) {
    late.lease = lease;
    settle_as_it_is(late);
    EXPECT_EQ(message(1).state, message_state::sending) << lease;
  }
  EXPECT_EQ(accept(sample_message(user, 2)).reason, fail_reason::none) << "nobody was marked";
  late.lease = 2;
  settle_as_it_is(late);
  EXPECT_EQ(message(1).state, message_state::failed);
}

TEST_P(settlement_contract, the_end_of_an_attempt_never_ends_a_message_that_waits_again) {
  accept(sample_message(user, 1));
  lease({1});
  settle(settled(1, message_state::queued));
  auto late = settled(1, message_state::failed);
  late.lease = 1;
  settle_as_it_is(late);
  EXPECT_EQ(message(1).state, message_state::queued);
}

TEST_P(settlement_contract, an_attempt_that_does_not_count_has_a_lease_of_its_own_all_the_same) {
  accept(sample_message(user, 1));
  for (std::uint32_t i = 1; i <= 3; ++i) {
    const auto one = lease({1}).messages.at(0);
    EXPECT_EQ(one.attempts, 1u);
    EXPECT_EQ(one.lease, i);
    auto unreached = settled(1, message_state::queued);
    unreached.attempt_counts = false;
    settle(unreached);
  }
}

TEST_P(settlement_contract, what_is_found_in_the_middle_of_an_attempt_tells_its_lease) {
  accept(sample_message(user, 1));
  accept(sample_message(user, 2));
  lease({1});
  settle(settled(1, message_state::queued));
  lease({1}, later);
  const auto found = reader->read(load_unfinished{});
  ASSERT_EQ(found->entries.size(), 2u);
  EXPECT_EQ(found->entries[0].lease, 2u);
  EXPECT_EQ(found->entries[0].leased_at, later);
  EXPECT_EQ(found->entries[1].lease, 0u) << "it waits";
  EXPECT_FALSE(found->entries[1].leased_at);
}

TEST_P(settlement_contract, unknown_messages_do_not_stop_the_others) {
  accept(sample_message(user, 1));
  accept(sample_message(user, 2));
  lease({1, 2});
  settle_messages ends{
      {settled(1, message_state::sent), settled(77, message_state::sent), settled(2, message_state::sent)}};
  for (auto& item : ends.items)
    item.lease = 1;
  ASSERT_TRUE(write(ends));
  EXPECT_EQ(message(1).state, message_state::sent);
  EXPECT_EQ(message(2).state, message_state::sent);
}

TEST_P(settlement_contract, a_settlement_without_items_is_answered) {
  EXPECT_TRUE(write(settle_messages{}));
  EXPECT_TRUE(write(lease_messages{}));
}

// -- asked for again

TEST_P(settlement_contract, a_failed_message_begins_anew) {
  accept(sample_message(user, 1));
  auto end = settled(1, message_state::failed);
  end.reason = fail_reason::retries_exhausted;
  send(1, end);
  const auto again = write(requeue_message{{1}, consent_need::none, later});
  ASSERT_EQ(code_of(again), ec::none);
  const auto& entry = again->entry;
  EXPECT_EQ(entry.id, message_id{1});
  EXPECT_EQ(entry.to, user);
  EXPECT_EQ(entry.app, app_key{"demo"});
  EXPECT_EQ(entry.template_name, order_paid);
  EXPECT_EQ(entry.priority, message_priority::bulk);
  EXPECT_EQ(entry.state, message_state::queued);
  EXPECT_EQ(entry.attempts, 0u);
  EXPECT_EQ(entry.due_at, later);
  EXPECT_EQ(entry.first_attempt_at, timestamp{});
  EXPECT_EQ(entry.not_after, morning + 1h);
  EXPECT_EQ(entry.request_id, "request-1");
  EXPECT_EQ(entry.created_at, morning);

  const auto loaded = message(1);
  EXPECT_EQ(loaded.state, message_state::queued);
  EXPECT_EQ(loaded.reason, fail_reason::none);
  EXPECT_EQ(loaded.attempts, 0u);
  EXPECT_EQ(loaded.next_attempt_at, later);
  EXPECT_EQ(rules_of(loaded.story).back(), "decided:queued:retry_asked");
  EXPECT_EQ(lease({1}).messages.at(0).attempts, 1u);
}

TEST_P(settlement_contract, only_failed_messages_begin_anew) {
  EXPECT_EQ(code_of(write(requeue_message{{1}, consent_need::none, later})), ec::not_found);
  accept(sample_message(user, 1));
  EXPECT_EQ(code_of(write(requeue_message{{1}, consent_need::none, later})), ec::message_not_failed);
  send(1, settled(1, message_state::sent));
  EXPECT_EQ(code_of(write(requeue_message{{1}, consent_need::none, later})), ec::message_not_failed);
  EXPECT_EQ(message(1).story.size(), 2u);
}

TEST_P(settlement_contract, a_request_begins_a_message_anew_once) {
  allow(2);
  accept(needing_credit(user, 1));
  send(1, settled(1, message_state::failed));
  requeue_message again{{1}, consent_need::one_time, later};
  again.once = {"once:", "request", later + 24h};
  const auto first = write(again);
  ASSERT_EQ(code_of(first), ec::none);
  EXPECT_FALSE(first->repeated);
  again.at = later + 1s;
  EXPECT_TRUE(write(again)->repeated) << "also while it waits";
  send(1, settled(1, message_state::failed));
  const auto story = message(1).story.size();

  again.at = later + 24h - 1ms;
  const auto second = write(again);
  ASSERT_EQ(code_of(second), ec::none);
  EXPECT_TRUE(second->repeated);
  EXPECT_EQ(second->entry.id, message_id{1});
  EXPECT_EQ(message(1).state, message_state::failed);
  EXPECT_EQ(message(1).story.size(), story);
  EXPECT_EQ(credits(), 2u);
  again.once->key = "another request";
  EXPECT_FALSE(write(again)->repeated);
  EXPECT_EQ(message(1).state, message_state::queued);
  again.id = {2};
  EXPECT_EQ(code_of(write(again)), ec::not_found);
}

TEST_P(settlement_contract, a_message_that_begins_anew_reserves_a_credit_once) {
  allow(2);
  accept(needing_credit(user, 1));
  send(1, settled(1, message_state::failed)); // keep, at an end: given back
  EXPECT_EQ(credits(), 2u);
  ASSERT_TRUE(write(requeue_message{{1}, consent_need::one_time, later}));
  EXPECT_EQ(credits(), 1u);
  EXPECT_EQ(rules_of(message(1).story).back(), "reserved:queued:credit_reserved");
  send(1, settled(1, message_state::sent, credit_outcome::spent));
  EXPECT_EQ(credits(), 1u);
}
