#include "pusher_fixture.hpp"

namespace weappd {
namespace {

// -- deaths

TEST_F(a_pusher, that_dies_loses_nothing) {
  const auto to = add_user(7);
  answer_all(send_result::outcome::unreached);
  for (int i = 0; i < 5; ++i)
    send(to);
  kill_pusher();
  take_all();
  w.advance(3min);
  EXPECT_EQ(w.store->count_messages(message_state::sent), 5u);
}

TEST_F(a_pusher, judges_what_was_under_way_when_it_died) {
  const auto to = add_user(7);
  w.wechat->delay = 10s;
  const auto guarded = send(to, confirm);
  const auto one_time = send(add_user(8), paid);
  const auto long_term = send(add_user(9), ticket);
  w.advance(100ms);
  kill_pusher();
  w.wechat->delay = 0s;
  w.advance(1min);
  EXPECT_EQ(state(guarded), message_state::sent);
  EXPECT_EQ(state(one_time), message_state::sent);
  EXPECT_EQ(reason(long_term), fail_reason::outcome_unknown);
  EXPECT_EQ(w.wechat->sends.size(), 5u);
  EXPECT_EQ(w.wechat->sends.front().client_msg_id, to_string(guarded));
}

TEST_F(a_pusher, tells_of_what_was_under_way_when_it_died_since_when_it_was) {
  w.wechat->delay = 10s;
  const auto began = w.now();
  const auto id = send(add_user(9), ticket);
  w.advance(100ms);
  kill_pusher();
  w.advance(1min);
  const auto story = w.store->message(id).story;
  ASSERT_GE(story.size(), 2u);
  const auto& turn = story[story.size() - 2];
  EXPECT_EQ(turn.what, message_event::kind::sending);
  EXPECT_EQ(turn.state, message_state::sending);
  EXPECT_EQ(turn.at, began);
  EXPECT_EQ(turn.attempt, 1u);
  EXPECT_EQ(story.back().rule, "interrupted_outcome_unknown");
}

TEST_F(a_pusher, knows_after_its_death_that_a_used_consent_means_that_the_message_was_sent) {
  w.wechat->delay = 10s;
  const auto id = send(add_user(8), paid);
  w.wechat->delay = 0s;
  w.wechat->on_send = [](const send_to_user&) -> caf::expected<send_result> {
    return send_refused(43101, handling::stop_mark_user, fail_reason::not_subscribed,
                        send_scope::user_template);
  };
  kill_pusher();
  w.advance(1min);
  EXPECT_EQ(state(id), message_state::sent);
  EXPECT_EQ(rules(id).back(), "consent_used_by_earlier_attempt");
}

// -- leases that are shorter than calls

struct a_hasty_pusher : a_pusher {
  a_hasty_pusher()
      : a_pusher([] {
          auto config = with_one_pusher();
          config.push.lease_s = 6;
          return config;
        }()) {}
};

TEST_F(a_hasty_pusher, lets_no_late_answer_to_an_older_attempt_end_a_newer_one) {
  w.wechat->delay = 12s;
  refuse_next(47003, handling::stop_bad_request, fail_reason::bad_data);
  const auto id = send(add_user(7), confirm);
  w.wechat->delay = 4s;
  w.advance(11s); // the first was given up on, the second is under way
  ASSERT_EQ(w.wechat->sends.size(), 2u);
  w.advance(1500ms); // the first is refused after all
  EXPECT_EQ(state(id), message_state::sending);
  w.advance(4s);
  EXPECT_EQ(state(id), message_state::sent);
  EXPECT_EQ(w.wechat->sends.size(), 2u);
}

TEST_F(a_hasty_pusher, knows_that_what_waits_for_a_token_was_not_sent) {
  w.wechat->delay = 1h;
  w.kill(w.directory().tokens.at({"demo"}).get());
  w.advance(1s); // its successor fetches, and fetches
  const auto id = send(add_user(7), ticket);
  EXPECT_EQ(state(id), message_state::sending);
  w.advance(15s);
  EXPECT_EQ(rules(id).back(), "no_access_token");
  EXPECT_GT(w.store->message(id).story.back().duration, 6s) << "so long it waited";
  EXPECT_FALSE(w.store->messages.at(id).maybe_sent);
  EXPECT_TRUE(w.wechat->sends.empty());
  w.wechat->delay = 0s;
  w.advance(3min);
  EXPECT_EQ(state(id), message_state::sent);
  EXPECT_EQ(w.store->message(id).attempts, 1u);
}

// -- consents that guard, and those that do not

TEST_F(a_pusher, does_not_repeat_an_unknown_send_that_would_use_up_another_credit) {
  const auto to = add_user(7);
  grant(to, 2);
  answer_all(send_result::outcome::unknown);
  const auto id = send(to, paid);
  EXPECT_EQ(reason(id), fail_reason::outcome_unknown);
  w.advance(10min);
  EXPECT_EQ(w.wechat->sends.size(), 1u);
}

TEST_F(a_pusher, looks_again_for_another_credit_before_it_repeats_a_send) {
  const auto to = add_user(7);
  grant(to, 1);
  answer_all(send_result::outcome::unknown);
  const auto id = send(to, paid);
  EXPECT_EQ(state(id), message_state::queued);
  grant(to, 1); // the user taps while the repetition waits
  w.advance(1min);
  EXPECT_EQ(reason(id), fail_reason::outcome_unknown);
  EXPECT_EQ(rules(id).back(), "guard_is_over");
  EXPECT_EQ(rules(id)[rules(id).size() - 2], "leased") << "its turn had come";
  EXPECT_EQ(w.wechat->sends.size(), 1u);
  EXPECT_EQ(w.store->message(id).attempts, 1u) << "the second one was not made";
}

TEST_F(a_pusher, keeps_a_consent_that_was_given_while_a_send_was_refused_for_want_of_one) {
  const auto to = add_user(7);
  grant(to, 1);
  w.wechat->delay = 1s;
  refuse_next(43101, handling::stop_mark_user, fail_reason::not_subscribed, send_scope::user_template);
  const auto id = send(to, paid);
  ASSERT_EQ(state(id), message_state::sending);
  grant(to, 1);
  w.advance(1s);
  EXPECT_EQ(reason(id), fail_reason::not_subscribed);
  EXPECT_EQ(w.store->balance(to, paid).credits, 1u);
}

TEST_F(a_pusher, looks_for_another_credit_also_where_its_predecessor_died) {
  const auto to = add_user(7);
  grant(to, 2);
  w.wechat->delay = 10s;
  const auto id = send(to, paid);
  w.advance(100ms);
  kill_pusher();
  w.advance(1min);
  EXPECT_EQ(reason(id), fail_reason::outcome_unknown);
  EXPECT_EQ(w.wechat->sends.size(), 1u);
}

TEST_F(a_pusher, sends_what_was_asked_for_again_although_it_may_have_been_sent) {
  const auto to = add_user(7);
  grant(to, 3);
  answer_all(send_result::outcome::unknown);
  const auto id = send(to, paid);
  ASSERT_EQ(reason(id), fail_reason::outcome_unknown);
  take_all();
  ASSERT_TRUE(w.ask<message_accepted>(w.directory().pusher_of(to),
                                      retry_message{.id = id, .to = to, .template_name = paid}));
  EXPECT_EQ(state(id), message_state::sent);
}

TEST_F(a_pusher, does_not_repeat_an_official_accounts_message_that_the_platform_has_forgotten) {
  answer_all(send_result::outcome::unknown);
  const auto id = send(add_user(7), confirm);
  answer_all(send_result::outcome::unreached);
  w.advance(20min);
  EXPECT_EQ(reason(id), fail_reason::outcome_unknown);
  EXPECT_EQ(rules(id).back(), "guard_is_over");
}

TEST_F(a_pusher, does_not_say_of_a_message_that_may_have_been_sent_that_it_expired) {
  const auto to = add_user(7);
  grant(to, 1);
  answer_all(send_result::outcome::unknown);
  auto what = draft(to, paid);
  what.not_after = w.now() + 10min;
  const auto id = accept(what);
  EXPECT_EQ(state(id), message_state::queued) << "its consent is a guard";
  answer_all(send_result::outcome::unreached);
  w.advance(11min);
  EXPECT_EQ(reason(id), fail_reason::outcome_unknown);
  EXPECT_EQ(rules(id).back(), "not_after_passed_in_doubt");
  EXPECT_EQ(w.store->balance(to, paid).credits, 0u) << "it may be used up";
}

// -- what an operator must look at

TEST_F(a_pusher, alerts_an_operator_also_where_nothing_has_to_rest) {
  w.wechat->on_send = [](const send_to_user&) -> caf::expected<send_result> {
    auto refusal = send_refused(40249, handling::stop_bad_request, fail_reason::bad_data);
    refusal.alert = true;
    return refusal;
  };
  const auto to = add_user(7);
  EXPECT_EQ(reason(send(to, confirm)), fail_reason::bad_data);
  const auto lines = w.events().named("message.attempt_failed");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].level, event_level::error);
  EXPECT_EQ(lines[0].fields.at("errcode"), "40249");
  EXPECT_TRUE(w.events().named("push.resting").empty());
  take_all();
  EXPECT_EQ(state(send(to, confirm)), message_state::sent) << "the next one is tried";
}

// -- a store that fails

TEST_F(a_pusher, begins_nothing_while_the_store_fails_and_goes_on_by_itself) {
  const auto to = add_user(7);
  auto later = draft(to, ticket);
  later.send_at = w.now() + 1s;
  const auto id = accept(later);
  w.store->failure = ec::storage_unavailable;
  auto answer = post(draft(to, ticket));
  w.run();
  EXPECT_EQ(code_of(answer.take().error()), ec::storage_unavailable);
  w.advance(1min);
  EXPECT_TRUE(w.wechat->sends.empty());
  w.store->failure = ec::none;
  w.advance(3s);
  EXPECT_EQ(state(id), message_state::sent);
}

TEST_F(a_pusher, tells_the_store_what_was_sent_until_it_takes_it) {
  const auto to = add_user(7);
  w.wechat->delay = 1s;
  const auto id = send(to);
  w.store->failure = ec::storage_unavailable;
  w.advance(1min);
  EXPECT_EQ(state(id), message_state::sending);
  w.store->failure = ec::none;
  w.advance(3s);
  EXPECT_EQ(state(id), message_state::sent);
  EXPECT_EQ(w.wechat->sends.size(), 1u) << "it was sent once";
}

TEST_F(a_pusher, survives_the_death_of_the_writer_in_the_middle_of_everything) {
  for (std::uint64_t i = 1; i <= 20; ++i) {
    add_user(i);
    auto answer = post(draft({i}, confirm));
    if (i % 5 == 0)
      w.kill(w.directory().store_writer.get());
    w.advance(50ms);
  }
  w.advance(2min);
  EXPECT_EQ(w.store->count_messages(message_state::queued), 0u);
  EXPECT_EQ(w.store->count_messages(message_state::sending), 0u);
}

TEST_F(a_pusher, survives_the_death_of_the_gateway) {
  w.wechat->delay = 10s;
  const auto id = send(add_user(7), confirm);
  w.kill(w.directory().wechat.get());
  w.wechat->delay = 0s;
  w.advance(std::chrono::seconds(w.config().push.lease_s) + 10s); // nobody answers for the dead one
  EXPECT_EQ(state(id), message_state::sent);
}

TEST_F(a_pusher, that_is_stopped_waits_for_what_is_under_way) {
  w.wechat->delay = 2s;
  const auto id = send(add_user(7), ticket);
  caf::anon_send_exit(w.directory().pushers.pick(0), caf::exit_reason::user_shutdown);
  w.run();
  EXPECT_EQ(state(id), message_state::sending);
  w.advance(2s);
  EXPECT_EQ(state(id), message_state::sent);
}

} // namespace
} // namespace weappd
