#include "tests/kit/actors/fake_parts.hpp"

#include <gtest/gtest.h>

namespace weappd {
namespace {

using namespace std::chrono_literals;

/// The fake store is held to messages/outbox.hpp, too: other tests believe it.
struct memory_outbox_test : ::testing::Test {
  world w;
  memory_store store;
  const user_id user{7};

  memory_outbox_test() { store.add_user(user, w.now(), {"demo"}, openid("o-7")); }

  add_message wanted(std::uint64_t id, consent_need need = consent_need::one_time) const {
    add_message message;
    message.draft.id = {id};
    message.draft.to = user;
    message.draft.app = {"demo"};
    message.draft.template_name = "custom:order_paid";
    message.draft.created_at = message.draft.send_at = w.now();
    message.need = need;
    return message;
  }
  void consent(consent_answer answer, consent_source source = consent_source::client,
               std::optional<timestamp> event_at = {}) {
    record_consents report{
        .user = user, .source = source, .at = w.now(), .event_at = event_at, .answers = {}};
    report.answers.push_back({"custom:order_paid", consent_need::one_time, answer});
    ASSERT_TRUE(store.record(report));
  }
  std::uint32_t credits() const { return store.balance(user, "custom:order_paid").credits; }
  messages_leased try_lease(std::uint64_t id) {
    return *store.lease({.ids = {{id}}, .node = 0, .at = w.now(), .until = w.now() + 1min});
  }
  void lease(std::uint64_t id) { ASSERT_EQ(try_lease(id).messages.size(), 1u); }
  /// Of the attempt that is under way, if there is one.
  settlement ending(std::uint64_t id, message_state state, credit_outcome credit) const {
    settlement item;
    item.id = {id};
    if (const auto found = store.messages.find(item.id);
        found != store.messages.end() && found->second.record.state == message_state::sending)
      item.lease = found->second.leases;
    item.state = state;
    item.credit = credit;
    return item;
  }
};

TEST_F(memory_outbox_test, a_message_reserves_a_credit_and_its_end_says_what_becomes_of_it) {
  consent(consent_answer::accept);
  consent(consent_answer::accept);
  ASSERT_TRUE(store.add(wanted(1)));
  ASSERT_TRUE(store.add(wanted(2)));
  EXPECT_EQ(credits(), 0u);
  lease(1);
  lease(2);
  (void)store.settle({{ending(1, message_state::sent, credit_outcome::spent),
                       ending(2, message_state::failed, credit_outcome::refund)}});
  EXPECT_EQ(credits(), 1u);
  consent(consent_answer::accept);
  ASSERT_TRUE(store.add(wanted(3)));
  lease(3);
  (void)store.settle({{ending(3, message_state::failed, credit_outcome::void_)}});
  EXPECT_EQ(credits(), 0u);
  consent(consent_answer::accept);
  EXPECT_EQ(credits(), 1u);
}

TEST_F(memory_outbox_test, both_sources_may_tell_of_one_tap_and_a_redelivery_counts_once) {
  consent(consent_answer::accept);
  consent(consent_answer::accept, consent_source::platform, w.now());
  consent(consent_answer::accept, consent_source::platform, w.now());
  EXPECT_EQ(credits(), 1u);
  consent(consent_answer::reject);
  EXPECT_EQ(credits(), 0u);
  consent(consent_answer::filter);
  EXPECT_EQ(store.balance(user, "custom:order_paid").last, consent_answer::reject);
}

TEST_F(memory_outbox_test, without_credit_a_message_is_tried_or_refused) {
  EXPECT_EQ(store.add(wanted(1))->state, message_state::queued);
  auto strict = wanted(2);
  strict.refuse_without_credit = true;
  EXPECT_EQ(store.add(strict)->reason, fail_reason::not_subscribed);
  EXPECT_EQ(store.message({2}).story.size(), 3u);
}

TEST_F(memory_outbox_test, a_guard_makes_a_duplicate_of_the_second_until_its_time_is_over) {
  auto first = wanted(1);
  first.guard = {"order.paid", "order-9", w.now() + 1h};
  ASSERT_FALSE(store.add(first)->duplicate);
  auto second = wanted(2);
  second.guard = first.guard;
  const auto answer = store.add(second);
  EXPECT_TRUE(answer->duplicate);
  EXPECT_EQ(answer->id, message_id{1});
  w.advance(1h);
  auto third = wanted(3);
  third.guard = {"order.paid", "order-9", w.now() + 1h};
  EXPECT_FALSE(store.add(third)->duplicate);
}

TEST_F(memory_outbox_test, what_a_request_has_done_is_not_done_again) {
  const duplicate_guard request{"once:", "request", w.now() + 1h};
  auto first = wanted(1);
  first.once = request;
  ASSERT_FALSE(store.add(first)->repeated);
  auto second = wanted(2);
  second.once = first.once;
  EXPECT_TRUE(store.add(second)->repeated);
  EXPECT_FALSE(store.messages.contains({2}));

  (void)store.settle({{ending(1, message_state::failed, credit_outcome::refund)}});
  requeue_message again{.id = {1}, .at = w.now(), .once = duplicate_guard{"once:", "retry", w.now() + 1h}};
  EXPECT_FALSE(store.requeue(again)->repeated);
  EXPECT_TRUE(store.requeue(again)->repeated);

  record_consents report{.user = user, .at = w.now(), .once = duplicate_guard{"once:", "tap", w.now() + 1h}};
  report.answers = {{"custom:order_paid", consent_need::one_time, consent_answer::accept}};
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(store.record(report)->items.at(0).last, consent_answer::accept);
  EXPECT_EQ((store.consents.at({user, "custom:order_paid"}).accepts.at(consent_source::client)), 1u);
}

TEST_F(memory_outbox_test, a_mark_ends_messages_at_once_until_it_is_cleared) {
  ASSERT_TRUE(store.add(wanted(1)));
  lease(1);
  auto end = ending(1, message_state::failed, credit_outcome::refund);
  end.mark = user_mark::not_following;
  (void)store.settle({{end}});
  EXPECT_EQ(store.add(wanted(2))->reason, fail_reason::not_following);
  (void)store.clear({user, {"another"}});
  EXPECT_EQ(store.add(wanted(3))->reason, fail_reason::not_following);
  (void)store.clear({user, {}});
  EXPECT_EQ(store.add(wanted(4))->state, message_state::queued);
}

TEST_F(memory_outbox_test, the_answer_that_fits_is_kept_with_the_message) {
  auto message = wanted(1);
  message.refuse_without_credit = true;
  message.answers.emplace();
  message.answers->slot.name.bytes.fill(9);
  message.answers->queued = {202, secret("queued")};
  message.answers->not_subscribed = {202, secret("failed")};
  ASSERT_TRUE(store.add(message));
  EXPECT_EQ(store.find({message.answers->slot.name})->kept->answer.body.reveal(), "failed");
  message.draft.id = {2};
  EXPECT_EQ(code_of(store.add(message).error()), ec::conflict);
  EXPECT_FALSE(store.messages.contains({2}));
}

TEST_F(memory_outbox_test, only_allowed_moves_are_made) {
  ASSERT_TRUE(store.add(wanted(1)));
  (void)store.settle({{ending(1, message_state::sent, credit_outcome::keep)}});
  EXPECT_EQ(store.message({1}).state, message_state::queued);
  lease(1);
  EXPECT_TRUE(try_lease(1).messages.empty());
  auto again = ending(1, message_state::queued, credit_outcome::keep);
  again.next_attempt_at = w.now() + 5s;
  again.attempt_counts = false;
  (void)store.settle({{again}});
  EXPECT_EQ(store.message({1}).attempts, 0u);
  EXPECT_EQ(store.message({1}).next_attempt_at, w.now() + 5s);
  (void)store.settle({{ending(1, message_state::expired, credit_outcome::refund)}});
  EXPECT_EQ(store.message({1}).state, message_state::expired);
  EXPECT_EQ(code_of(store.requeue({{1}, consent_need::none, w.now()}).error()), ec::message_not_failed);
}

TEST_F(memory_outbox_test, a_locked_users_message_is_cancelled_when_its_turn_comes) {
  consent(consent_answer::accept);
  ASSERT_TRUE(store.add(wanted(1)));
  store.users.at(user).user.status = user_status::locked;
  EXPECT_EQ(try_lease(1).cancelled, std::vector{message_id{1}});
  EXPECT_EQ(store.message({1}).state, message_state::cancelled);
  EXPECT_EQ(credits(), 1u);
}

TEST_F(memory_outbox_test, unfinished_messages_come_in_pages_by_shard) {
  for (std::uint64_t id = 1; id <= 5; ++id)
    ASSERT_TRUE(store.add(wanted(id)));
  const auto mine = pusher_place(user, 2);
  const auto first = store.load(load_unfinished{.after = {}, .limit = 3, .shard = mine, .shards = 2});
  EXPECT_EQ(first->entries.size(), 3u);
  EXPECT_TRUE(first->more);
  const auto rest = store.load(load_unfinished{.after = first->last, .limit = 3, .shard = mine, .shards = 2});
  EXPECT_EQ(rest->entries.size(), 2u);
  EXPECT_FALSE(rest->more);
  EXPECT_TRUE(
      store.load(load_unfinished{.after = {}, .limit = 3, .shard = 1 - mine, .shards = 2})->entries.empty());
}

TEST_F(memory_outbox_test, lists_are_filtered_and_paged) {
  for (std::uint64_t id = 1; id <= 5; ++id)
    ASSERT_TRUE(store.add(wanted(id)));
  lease(2);
  list_messages wanted_page;
  wanted_page.state = message_state::queued;
  wanted_page.page = 2;
  wanted_page.limit = 3;
  const auto page = store.list(wanted_page);
  EXPECT_EQ(page->total, 4u);
  ASSERT_EQ(page->items.size(), 1u);
  EXPECT_EQ(page->items[0].draft.id, message_id{1});
  list_messages oldest;
  oldest.oldest_first = true;
  EXPECT_EQ(store.list(oldest)->items.front().draft.id, message_id{1});
}

TEST(scripted_wechat, counts_sends_to_one_openid_that_overlap) {
  world w;
  const fake_parts parts(w);
  parts.wechat->delay = 1s;
  const auto gateway = w.directory().wechat.get();
  send_to_user message;
  message.to = openid("o-1");
  auto first = w.send<send_result>(gateway, message);
  auto second = w.send<send_result>(gateway, message);
  message.to = openid("o-2");
  auto third = w.send<send_result>(gateway, message);
  w.advance(1s);
  EXPECT_EQ(first.take()->what, send_result::outcome::accepted);
  EXPECT_TRUE(second.take() && third.take());
  EXPECT_EQ(parts.wechat->most_sends_at_once[openid("o-1")], 2);
  EXPECT_EQ(parts.wechat->most_sends_at_once[openid("o-2")], 1);
  EXPECT_EQ(parts.wechat->sends.size(), 3u);
}

} // namespace
} // namespace weappd
