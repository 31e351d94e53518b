#include "actors/template_pusher.hpp"

#include "tests/kit/actors/whole_world.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace weappd {
namespace {

using namespace std::chrono_literals;

constexpr auto paid = "custom:order_paid";         // one-time
constexpr auto ticket = "custom:ticket_ready";     // long-term
constexpr auto confirm = "industry:order_confirm"; // official account

options with_one_pusher() {
  auto config = world_options();
  config.pools.template_pusher = 1;
  config.push.max_in_flight = 64;
  return config;
}

/// A whole server in virtual time, and users who can be sent to.
struct a_pusher : ::testing::Test {
  explicit a_pusher(options config = with_one_pusher()) : w(std::move(config)) { w.start(); }

  user_id add_user(std::uint64_t number) {
    const user_id id{number};
    w.store->add_user(id, w.now());
    for (const auto* app : {"demo", "demo_oa"})
      w.store->identities[{app_key{app}, openid(std::string(app) + "-" + std::to_string(number))}] = id;
    return id;
  }

  message_draft draft(user_id to, std::string template_name) {
    message_draft out;
    out.id = {++last_id};
    out.to = to;
    out.app = {template_name == confirm ? "demo_oa" : "demo"};
    out.template_name = std::move(template_name);
    out.data = {{"thing1", "text"}};
    out.created_at = out.send_at = w.now();
    out.sender = "client:demo";
    out.request_id = "request-" + std::to_string(last_id);
    return out;
  }

  pending<message_accepted> post(message_draft what) {
    const auto pusher = w.directory().pusher_of(what.to);
    return w.send<message_accepted>(pusher,
                                    accept_message{.draft = std::move(what), .guard = {}, .answers = {}});
  }
  message_id accept(message_draft what) {
    const auto id = what.id;
    auto answer = post(std::move(what));
    w.run();
    const auto got = answer.take();
    EXPECT_TRUE(got);
    return id;
  }
  message_id send(user_id to, std::string template_name = ticket) {
    return accept(draft(to, std::move(template_name)));
  }
  message_state state(message_id id) const { return w.store->message(id).state; }
  fail_reason reason(message_id id) const { return w.store->message(id).reason; }
  /// The rules of the story, in order.
  std::vector<std::string> rules(message_id id) const {
    std::vector<std::string> out;
    for (const auto& event : w.store->message(id).story)
      out.push_back(event.rule);
    return out;
  }
  void refuse_next(std::int64_t errcode, handling how, fail_reason why = fail_reason::none,
                   send_scope scope = send_scope::message) {
    w.wechat->on_send = [=, this](const send_to_user&) -> caf::expected<send_result> {
      auto refusal = send_refused(errcode, how, why, scope);
      take_all(); // ends this function: nothing that it holds is touched from here on
      return refusal;
    };
  }
  void answer_all(send_result::outcome what) {
    w.wechat->on_send = [=](const send_to_user&) -> caf::expected<send_result> {
      send_result out;
      out.what = what;
      return out;
    };
  }
  void take_all() {
    w.wechat->on_send = [](const send_to_user&) -> caf::expected<send_result> { return send_accepted("1"); };
  }
  /// The user accepts the one-time template so often, and the ledger is told.
  void grant(user_id to, int times) {
    for (int i = 0; i < times; ++i)
      ASSERT_TRUE(w.ask<consent_balances>(
          w.directory().store_writer.get(),
          record_consents{.user = to,
                          .source = consent_source::client,
                          .at = w.now(),
                          .answers = {{.template_name = paid, .answer = consent_answer::accept}}}));
  }
  void kill_pusher() {
    w.kill(w.directory().pushers.pick(0));
    w.advance(1s); // the supervisor starts another
  }

  whole_world w;
  std::uint64_t last_id = 1'000;
};

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
  EXPECT_EQ(w.events().named("push.resting").size(), 1u);
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

// -- deaths and a store that fails

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
  EXPECT_EQ(w.wechat->sends.size(), 1u);
  EXPECT_EQ(w.store->message(id).attempts, 1u) << "the second one was not made";
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
