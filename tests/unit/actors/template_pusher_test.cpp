#include "pusher_fixture.hpp"

namespace weappd {
namespace {

TEST_F(a_pusher, sends_a_message_and_tells_its_story) {
  const auto to = add_user(7);
  auto what = draft(to, paid);
  what.page = "pages/order";
  what.data = {{"thing4", "two coffees"}};
  const auto id = accept(what);
  ASSERT_EQ(state(id), message_state::sent);
  ASSERT_EQ(w.wechat->sends.size(), 1u);
  const auto& call = w.wechat->sends[0];
  EXPECT_EQ(call.to, openid("demo-7"));
  EXPECT_EQ(call.template_id, "tmpl-order-paid");
  EXPECT_EQ(call.page, "pages/order");
  EXPECT_EQ(call.data, what.data);
  EXPECT_EQ(call.access_token, secret("token-1"));
  EXPECT_TRUE(call.client_msg_id.empty()) << "only official accounts have it";
  const auto record = w.store->message(id);
  EXPECT_EQ(record.attempts, 1u);
  EXPECT_EQ(record.story.back().what, message_event::kind::attempt);
  EXPECT_EQ(record.story.back().outcome, "accepted");
  EXPECT_EQ(rules(id).back(), "platform_accepted");
}

TEST_F(a_pusher, gives_an_official_accounts_message_an_id_that_guards_it) {
  const auto id = send(add_user(7), confirm);
  EXPECT_EQ(state(id), message_state::sent);
  EXPECT_EQ(w.wechat->sends[0].to, openid("demo_oa-7"));
  EXPECT_EQ(w.wechat->sends[0].client_msg_id, to_string(id));
}

TEST_F(a_pusher, answers_when_the_message_is_durable_and_not_when_it_is_sent) {
  const auto to = add_user(7);
  w.wechat->delay = 3s;
  auto answer = post(draft(to, ticket));
  w.run();
  ASSERT_TRUE(answer.arrived());
  EXPECT_EQ(answer.take()->state, message_state::queued);
  EXPECT_EQ(state({last_id}), message_state::sending);
  w.advance(3s);
  EXPECT_EQ(state({last_id}), message_state::sent);
}

TEST_F(a_pusher, refuses_what_the_store_refuses) {
  auto answer = post(draft({99}, ticket));
  w.run();
  EXPECT_EQ(code_of(answer.take().error()), ec::user_not_found);
  w.store->add_user({8}, w.now());
  answer = post(draft({8}, ticket));
  w.run();
  EXPECT_EQ(code_of(answer.take().error()), ec::no_openid);
  auto unknown = draft(add_user(7), "custom:nothing");
  answer = post(unknown);
  w.run();
  EXPECT_EQ(code_of(answer.take().error()), ec::template_not_found);
}

TEST_F(a_pusher, says_at_once_that_a_message_cannot_be_sent) {
  const auto to = add_user(7);
  w.store->users.at(to).marks[{"demo"}] = user_mark::bad_openid;
  auto answer = post(draft(to, ticket));
  w.run();
  const auto got = answer.take();
  ASSERT_TRUE(got);
  EXPECT_EQ(got->state, message_state::failed);
  EXPECT_EQ(got->reason, fail_reason::bad_openid);
  EXPECT_TRUE(w.wechat->sends.empty());
}

TEST_F(a_pusher, never_has_two_messages_to_one_user_under_way) {
  const auto one = add_user(7);
  const auto other = add_user(8);
  w.wechat->delay = 100ms;
  for (int i = 0; i < 20; ++i)
    send(one);
  const auto alone = send(other);
  w.advance(101ms);
  EXPECT_EQ(state(alone), message_state::sent) << "it did not wait for the twenty";
  w.advance(10s);
  EXPECT_EQ(w.store->count_messages(message_state::sent), 21u);
  for (const auto& [who, most] : w.wechat->most_sends_at_once)
    EXPECT_EQ(most, 1);
}

TEST_F(a_pusher, tries_again_when_the_platform_is_busy) {
  refuse_next(-1, handling::retry_backoff);
  const auto id = send(add_user(7));
  EXPECT_EQ(state(id), message_state::queued);
  w.advance(2s);
  EXPECT_EQ(state(id), message_state::sent);
  EXPECT_EQ(w.store->message(id).attempts, 2u);
}

TEST_F(a_pusher, gives_up_when_the_attempts_are_used_up) {
  w.wechat->on_send = [](const send_to_user&) -> caf::expected<send_result> {
    return send_refused(-1, handling::retry_backoff);
  };
  const auto id = send(add_user(7));
  w.advance(10min);
  EXPECT_EQ(state(id), message_state::failed);
  EXPECT_EQ(reason(id), fail_reason::retries_exhausted);
  EXPECT_EQ(w.wechat->sends.size(), w.config().push.max_attempts);
}

TEST_F(a_pusher, renews_a_token_that_was_refused_and_tries_once_more_at_once) {
  refuse_next(40001, handling::refresh_token_and_retry);
  const auto id = send(add_user(7));
  EXPECT_EQ(state(id), message_state::sent);
  ASSERT_EQ(w.wechat->sends.size(), 2u);
  EXPECT_EQ(w.wechat->sends[0].access_token, secret("token-1"));
  EXPECT_NE(w.wechat->sends[1].access_token, secret("token-1"));
  EXPECT_EQ(rules(id)[rules(id).size() - 2], "token_renewed");
  EXPECT_EQ(w.store->message(id).attempts, 1u) << "it was one attempt";
}

TEST_F(a_pusher, lets_the_app_rest_whose_new_token_is_refused_too) {
  w.wechat->on_send = [](const send_to_user&) -> caf::expected<send_result> {
    return send_refused(40001, handling::refresh_token_and_retry);
  };
  const auto first = send(add_user(7));
  std::vector<message_id> others;
  for (std::uint64_t user = 8; user < 20; ++user)
    others.push_back(send(add_user(user)));
  w.advance(4s);
  EXPECT_EQ(w.wechat->sends.size(), 2u) << "the others wait, and find nothing out by calls of their own";
  EXPECT_EQ(rules(first).back(), "token_refused_twice");
  take_all();
  w.advance(2min);
  EXPECT_EQ(state(first), message_state::sent);
  for (const auto id : others)
    EXPECT_EQ(state(id), message_state::sent);
}

TEST_F(a_pusher, marks_a_user_whom_the_platform_does_not_know) {
  const auto to = add_user(7);
  refuse_next(40003, handling::stop_mark_user, fail_reason::bad_openid, send_scope::user);
  const auto id = send(to);
  EXPECT_EQ(reason(id), fail_reason::bad_openid);
  EXPECT_EQ(w.store->users.at(to).marks.at({"demo"}), user_mark::bad_openid);
}

TEST_F(a_pusher, lets_a_template_rest_that_the_platform_does_not_take_and_goes_on_with_the_others) {
  const auto to = add_user(7);
  refuse_next(40037, handling::stop_config_alert, fail_reason::template_unusable, send_scope::template_);
  EXPECT_EQ(reason(send(to, paid)), fail_reason::template_unusable);
  const auto later = send(to, paid);
  EXPECT_EQ(state(later), message_state::queued) << "its template rests";
  EXPECT_EQ(state(send(to, ticket)), message_state::sent);
  const auto status = w.ask<status_report>(w.directory().pushers.pick(0), get_status{});
  EXPECT_EQ(status->state, health::degraded);
  EXPECT_NE(status->detail.find("template custom:order_paid"), std::string::npos);
  ASSERT_EQ(w.events().named("push.resting").size(), 1u);
  EXPECT_EQ(w.events().named("push.resting")[0].level, event_level::error);
  EXPECT_EQ(w.events().named("message.attempt_failed")[0].level, event_level::warn) << "one error is enough";
  w.advance(std::chrono::seconds(w.config().push.config_pause_s + 1));
  EXPECT_EQ(state(later), message_state::sent);
}

TEST_F(a_pusher, lets_an_app_rest_until_midnight_in_china_when_its_quota_is_used_up) {
  const auto to = add_user(7);
  refuse_next(45009, handling::quota_exhausted, fail_reason::quota_exhausted, send_scope::api);
  const auto first = send(to);
  const auto second = send(to);
  EXPECT_EQ(state(send(to, confirm)), message_state::sent) << "another app";
  w.advance(15h + 59min); // the world begins at midnight UTC
  EXPECT_EQ(state(first), message_state::queued);
  EXPECT_EQ(state(second), message_state::queued);
  w.advance(5min);
  EXPECT_EQ(state(first), message_state::sent);
  EXPECT_EQ(state(second), message_state::sent);
}

struct a_pusher_that_waits_for_no_quota : a_pusher {
  a_pusher_that_waits_for_no_quota()
      : a_pusher([] {
          auto config = with_one_pusher();
          config.push.on_quota = quota_rule::fail;
          return config;
        }()) {}
};

TEST_F(a_pusher_that_waits_for_no_quota, fails_all_messages_of_the_app_without_further_calls) {
  const auto to = add_user(7);
  grant(to, 2);
  refuse_next(45009, handling::quota_exhausted, fail_reason::quota_exhausted, send_scope::api);
  const auto first = send(to, paid);
  const auto second = send(to, paid);
  for (const auto id : {first, second}) {
    EXPECT_EQ(state(id), message_state::failed);
    EXPECT_EQ(reason(id), fail_reason::quota_exhausted);
  }
  EXPECT_EQ(w.wechat->sends.size(), 1u);
  EXPECT_EQ(w.store->message(second).attempts, 0u);
  EXPECT_EQ(state(send(to, confirm)), message_state::sent) << "the other app goes on";
  const auto status = w.ask<status_report>(w.directory().pushers.pick(0), get_status{});
  EXPECT_NE(status->detail.find("app demo out of quota until"), std::string::npos) << status->detail;

  w.advance(24h); // another day
  EXPECT_EQ(state(send(to, paid)), message_state::sent) << "both credits were given back";
}

TEST_F(a_pusher, waits_for_the_platform_for_hours_and_uses_nothing_up) {
  answer_all(send_result::outcome::unreached);
  const auto id = send(add_user(7));
  w.advance(3h);
  EXPECT_EQ(state(id), message_state::queued);
  EXPECT_EQ(w.store->message(id).attempts, 0u);
  take_all();
  w.advance(2min);
  EXPECT_EQ(state(id), message_state::sent);
}

TEST_F(a_pusher, lets_a_message_expire_while_it_waits) {
  answer_all(send_result::outcome::unreached);
  auto what = draft(add_user(7), ticket);
  what.not_after = w.now() + 10min;
  const auto id = accept(what);
  w.advance(9min);
  EXPECT_EQ(state(id), message_state::queued);
  w.advance(2min);
  EXPECT_EQ(state(id), message_state::expired);
}

TEST_F(a_pusher, sends_a_message_not_before_its_time) {
  auto what = draft(add_user(7), ticket);
  what.send_at = w.now() + 1h;
  const auto id = accept(what);
  w.advance(59min);
  EXPECT_EQ(state(id), message_state::queued);
  w.advance(2min);
  EXPECT_EQ(state(id), message_state::sent);
}

TEST_F(a_pusher, counts_a_call_that_never_comes_back_as_unknown) {
  w.wechat->delay = 1h;
  const auto id = send(add_user(7), ticket);
  w.advance(std::chrono::seconds(w.config().push.lease_s) + 6s);
  EXPECT_EQ(reason(id), fail_reason::outcome_unknown);
  w.advance(2h);
  EXPECT_EQ(reason(id), fail_reason::outcome_unknown) << "a late answer changes nothing";
}

TEST_F(a_pusher, cancels_what_is_for_a_locked_user) {
  const auto to = add_user(7);
  w.store->users.at(to).user.status = user_status::locked;
  EXPECT_EQ(state(send(to)), message_state::cancelled);
  EXPECT_TRUE(w.wechat->sends.empty());
}

TEST_F(a_pusher, does_not_try_what_waits_for_a_user_who_was_marked_meanwhile) {
  const auto to = add_user(7);
  auto what = draft(to, ticket);
  what.send_at = w.now() + 1min;
  const auto id = accept(what);
  w.store->users.at(to).marks[{"demo"}] = user_mark::not_following;
  w.advance(2min);
  EXPECT_EQ(reason(id), fail_reason::not_following);
  EXPECT_TRUE(w.wechat->sends.empty());
}

TEST_F(a_pusher, lets_an_app_rest_for_a_moment_while_nothing_gets_through) {
  answer_all(send_result::outcome::unreached);
  for (std::uint64_t i = 1; i <= 500; ++i)
    send(add_user(i));
  w.advance(1h);
  EXPECT_LT(w.wechat->sends.size(), 40'000u) << "63,000 if every message found out by itself";
  take_all();
  w.advance(5min);
  EXPECT_EQ(w.store->count_messages(message_state::sent), 500u);
}

TEST_F(a_pusher, fails_what_has_lost_its_openid) {
  const auto to = add_user(7);
  auto what = draft(to, ticket);
  what.send_at = w.now() + 1min;
  const auto id = accept(what);
  w.store->identities.clear();
  w.advance(2min);
  EXPECT_EQ(reason(id), fail_reason::bad_openid);
}

TEST_F(a_pusher, sends_again_what_had_failed_when_asked) {
  const auto to = add_user(7);
  refuse_next(47003, handling::stop_bad_request, fail_reason::bad_data);
  const auto id = send(to);
  ASSERT_EQ(state(id), message_state::failed);
  const retry_message again{.id = id, .to = to, .template_name = ticket};
  const auto answer = w.ask<message_accepted>(w.directory().pusher_of(to), again);
  ASSERT_TRUE(answer);
  EXPECT_EQ(state(id), message_state::sent);
  const auto refused = w.ask<message_accepted>(w.directory().pusher_of(to), again);
  EXPECT_EQ(code_of(refused.error()), ec::message_not_failed);
}

TEST_F(a_pusher, does_what_one_request_asks_for_once) {
  const auto to = add_user(7);
  accept_message wanted{.draft = draft(to, ticket), .once = duplicate_guard{"once:t", "key", w.now() + 1h}};
  const auto pusher = w.directory().pusher_of(to);
  const auto first = w.ask<message_accepted>(pusher, wanted);
  ASSERT_TRUE(first);
  wanted.draft.id = {++last_id};
  const auto second = w.ask<message_accepted>(pusher, wanted);
  ASSERT_TRUE(second);
  EXPECT_TRUE(second->repeated);
  EXPECT_EQ(second->id, first->id);
  EXPECT_EQ(w.wechat->sends.size(), 1u);

  refuse_next(47003, handling::stop_bad_request, fail_reason::bad_data);
  const auto id = send(to);
  ASSERT_EQ(state(id), message_state::failed);
  refuse_next(47003, handling::stop_bad_request, fail_reason::bad_data);
  const retry_message again{
      .id = id, .to = to, .template_name = ticket, .once = duplicate_guard{"once:", "key", w.now() + 1h}};
  ASSERT_TRUE(w.ask<message_accepted>(pusher, again));
  const auto leases = w.store->count("lease_messages");
  const auto repetition = w.ask<message_accepted>(pusher, again);
  ASSERT_TRUE(repetition);
  EXPECT_EQ(repetition->state, message_state::queued) << "as it was told the first time";
  EXPECT_EQ(state(id), message_state::failed);
  EXPECT_EQ(w.store->count("lease_messages"), leases) << "it is not queued";
}

TEST_F(a_pusher, calls_a_taken_id_what_may_pass_and_an_answer_that_is_there_a_conflict) {
  const auto to = add_user(7);
  const auto id = send(to);
  accept_message wanted{.draft = draft(to, ticket)};
  wanted.draft.id = id;
  const auto pusher = w.directory().pusher_of(to);
  EXPECT_EQ(code_of(w.ask<message_accepted>(pusher, wanted).error()), ec::storage_unavailable);
  wanted.draft.id = {++last_id};
  wanted.answers.emplace();
  ASSERT_TRUE(w.ask<message_accepted>(pusher, wanted));
  wanted.draft.id = {++last_id};
  EXPECT_EQ(code_of(w.ask<message_accepted>(pusher, wanted).error()), ec::conflict);
}

struct a_small_pusher : a_pusher {
  a_small_pusher()
      : a_pusher([] {
          auto config = with_one_pusher();
          config.push.max_queued = 3;
          return config;
        }()) {}
};

TEST_F(a_small_pusher, refuses_what_does_not_fit_into_its_queue_and_takes_it_when_there_is_room) {
  const auto to = add_user(7);
  answer_all(send_result::outcome::unreached);
  for (int i = 0; i < 3; ++i)
    send(to);
  auto answer = post(draft(to, ticket));
  w.run();
  EXPECT_EQ(code_of(answer.take().error()), ec::queue_full);
  take_all();
  w.advance(3min);
  send(to);
  EXPECT_EQ(w.store->count_messages(message_state::sent), 4u);
}

// -- figures and log

TEST_F(a_pusher, can_be_followed_by_the_request_id_and_never_shows_who_it_is) {
  refuse_next(-1, handling::retry_backoff);
  const auto id = send(add_user(7));
  w.advance(2s);
  ASSERT_EQ(state(id), message_state::sent);
  for (const auto* event : {"message.attempt_failed", "message.sent"}) {
    const auto lines = w.events().named(event);
    ASSERT_EQ(lines.size(), 1u) << event;
    EXPECT_EQ(lines[0].fields.at("request_id"), "request-" + std::to_string(last_id));
    EXPECT_EQ(lines[0].fields.at("message_id"), to_string(id));
    for (const auto& [name, value] : lines[0].fields)
      EXPECT_EQ(value.find("demo-7"), std::string::npos) << name;
  }
}

} // namespace
} // namespace weappd
