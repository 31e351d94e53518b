#include "message_kit.hpp"

using namespace weappd;
using namespace std::chrono_literals;

using outbox_contract = message_contract;
INSTANTIATE_TEST_SUITE_P(stores, outbox_contract, ::testing::ValuesIn(store_kind_names()), name_of_kind);

TEST_P(outbox_contract, a_message_is_read_back_as_it_was_asked_for) {
  const auto added = accept(sample_message(user, 5));
  EXPECT_EQ(added.id, message_id{5});
  EXPECT_EQ(added.state, message_state::queued);
  EXPECT_EQ(added.reason, fail_reason::none);
  EXPECT_FALSE(added.duplicate);

  const auto loaded = message(5);
  expect_same(loaded.draft, sample_draft(user, 5));
  EXPECT_EQ(loaded.state, message_state::queued);
  EXPECT_EQ(loaded.reason, fail_reason::none);
  EXPECT_EQ(loaded.attempts, 0u);
  EXPECT_EQ(loaded.updated_at, morning);
  EXPECT_EQ(loaded.next_attempt_at, morning + 5s);
  EXPECT_FALSE(loaded.sent_at);
  EXPECT_EQ(loaded.platform_id, "");
  EXPECT_EQ(rules_of(loaded.story),
            (std::vector<std::string>{"accepted:queued:accepted", "validated:queued:fits_template"}));
  EXPECT_EQ(loaded.story[0].at, morning);
}

TEST_P(outbox_contract, a_message_with_the_least_is_read_back_as_well) {
  add_message what;
  what.draft = {};
  what.draft.id = {1};
  what.draft.to = user;
  what.draft.app = {"demo"};
  accept(what);
  expect_same(message(1).draft, what.draft);
}

TEST_P(outbox_contract, errors_change_nothing) {
  auto foreign = sample_message(user, 2);
  foreign.draft.app = {"other"};
  EXPECT_EQ(code_of(write(foreign)), ec::no_openid);
  EXPECT_EQ(code_of(write(sample_message({9}, 2))), ec::user_not_found);
  EXPECT_FALSE(is_there(2));

  allow(1);
  accept(sample_message(user, 2));
  auto twin = needing_credit(user, 2);
  twin.draft.sender = "other";
  twin.guard = {"order.paid", "key", morning + 1h};
  twin.answers = answers_under(1);
  EXPECT_EQ(code_of(write(twin)), ec::conflict);
  EXPECT_EQ(message(2).draft.sender, "client:shop");
  EXPECT_EQ(credits(), 1u);
  EXPECT_FALSE(kept(1));
  EXPECT_EQ(total(), 1u);
  twin.draft.id = {3};
  EXPECT_FALSE(accept(twin).duplicate); // its guard was not set, either
  EXPECT_EQ(code_of(reader->read(load_message{{4}})), ec::not_found);
}

TEST_P(outbox_contract, a_message_that_fails_does_not_spoil_the_others_of_its_batch) {
  ASSERT_FALSE(writer->begin());
  const auto first = writer->apply(sample_message(user, 1));
  const auto unknown = writer->apply(sample_message({9}, 2));
  const auto twin = writer->apply(sample_message(user, 1));
  const auto last = writer->apply(sample_message(user, 3));
  ASSERT_FALSE(writer->commit());
  EXPECT_EQ(code_of(first), ec::none);
  EXPECT_EQ(code_of(unknown), ec::user_not_found);
  EXPECT_EQ(code_of(twin), ec::conflict);
  EXPECT_EQ(code_of(last), ec::none);
  EXPECT_TRUE(is_there(1));
  EXPECT_TRUE(is_there(3));
  EXPECT_EQ(total(), 2u);
}

TEST_P(outbox_contract, a_batch_that_is_rolled_back_has_neither_messages_nor_counts) {
  ASSERT_FALSE(writer->begin());
  ASSERT_TRUE(writer->apply(sample_message(user, 1)));
  writer->rollback();
  accept(sample_message(user, 2));
  EXPECT_FALSE(is_there(1));
  EXPECT_EQ(total(), 1u);
  EXPECT_EQ(total({.state = message_state::queued, .to = {}, .template_name = {}}), 1u);
}

TEST_P(outbox_contract, outside_of_a_batch_nothing_can_be_written) {
  EXPECT_EQ(code_of(writer->apply(sample_message(user, 1))), ec::storage_unavailable);
  EXPECT_EQ(code_of(writer->apply(lease_of({{1}}))), ec::storage_unavailable);
  EXPECT_EQ(code_of(writer->apply(settle_messages{})), ec::storage_unavailable);
  EXPECT_FALSE(is_there(1));
}

// -- guards

TEST_P(outbox_contract, a_guard_in_force_names_the_message_that_was_first_and_adds_nothing) {
  auto what = sample_message(user, 1);
  what.guard = {"order.paid", "order 7", morning + 1h};
  EXPECT_FALSE(accept(what).duplicate);
  send(1, settled(1, message_state::sent));

  what = sample_message(user, 2, morning + 1h - 1ms);
  what.guard = {"order.paid", "order 7", morning + 2h};
  what.answers = answers_under(1);
  const auto again = accept(what);
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.id, message_id{1});
  EXPECT_EQ(again.state, message_state::sent); // as the first one stands
  EXPECT_FALSE(is_there(2));
  EXPECT_FALSE(kept(1));
}

TEST_P(outbox_contract, a_guard_tells_that_the_first_one_is_being_sent) {
  auto what = sample_message(user, 1);
  what.guard = {"order.paid", "key", morning + 1h};
  accept(what);
  lease({1});
  what.draft.id = {2};
  const auto again = accept(what);
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.state, message_state::sending);
}

TEST_P(outbox_contract, a_guard_ends_at_its_time_and_is_set_anew) {
  auto what = sample_message(user, 1);
  what.guard = {"order.paid", "order 7", morning + 1h};
  accept(what);
  what = sample_message(user, 2, morning + 1h);
  what.guard = {"order.paid", "order 7", morning + 2h};
  EXPECT_FALSE(accept(what).duplicate);
  what = sample_message(user, 3, morning + 2h - 1ms);
  what.guard = {"order.paid", "order 7", morning + 3h};
  EXPECT_EQ(accept(what).id, message_id{2});
}

TEST_P(outbox_contract, guards_of_other_scopes_and_keys_do_not_meet) {
  std::uint64_t id = 0;
  for (const auto& [scope, key] : {std::pair("a", "bc"), {"ab", "c"}, {"a", "b"}, {"b", "bc"}, {"", "abc"}}) {
    auto what = sample_message(user, ++id);
    what.guard = {scope, key, morning + 1h};
    EXPECT_FALSE(accept(what).duplicate) << scope << "/" << key;
  }
}

TEST_P(outbox_contract, a_guard_is_looked_at_before_everything_else) {
  auto what = sample_message(user, 1);
  what.guard = {"order.paid", "order 7", morning + 1h};
  what.answers = answers_under(1);
  accept(what);
  what.draft.to = {9}; // unknown, and the slot is taken
  EXPECT_TRUE(accept(what).duplicate);
}

TEST_P(outbox_contract, a_request_that_was_done_before_finds_its_message_again) {
  auto what = sample_message(user, 1);
  what.guard = {"order.paid", "order 7", morning + 1min};
  what.once = {"once:order.paid", "request", morning + 24h};
  const auto first = accept(what);
  EXPECT_FALSE(first.duplicate);
  EXPECT_FALSE(first.repeated);

  what.draft.id = {2};
  what.draft.created_at = morning + 24h - 1ms; // the event's guard is over
  const auto again = accept(what);
  EXPECT_TRUE(again.duplicate);
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.id, message_id{1});
  EXPECT_EQ(again.state, message_state::queued);
  EXPECT_FALSE(is_there(2));

  what.draft.created_at = morning + 1min - 1ms; // both are in force: it is the request
  EXPECT_TRUE(accept(what).repeated);
  what.once->key = "another request";
  const auto other = accept(what);
  EXPECT_TRUE(other.duplicate);
  EXPECT_FALSE(other.repeated);
  what.draft.created_at = morning + 1min;
  EXPECT_FALSE(accept(what).duplicate) << "a duplicate had set no guard";
}

TEST_P(outbox_contract, a_message_that_failed_at_once_is_found_again_as_well) {
  auto what = needing_credit(user, 1, true);
  what.once = {"once:order.paid", "request", morning + 24h};
  EXPECT_EQ(accept(what).state, message_state::failed);
  what.draft.id = {2};
  const auto again = accept(what);
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.id, message_id{1});
  EXPECT_EQ(again.reason, fail_reason::not_subscribed);
  EXPECT_EQ(total(), 1u);
}

// -- answers

TEST_P(outbox_contract, the_answer_that_fits_the_outcome_is_kept_with_the_message) {
  auto what = sample_message(user, 1);
  what.answers = answers_under(1);
  accept(what);
  const auto found = kept(1);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->fingerprint, filled<keyed_hash>(2));
  EXPECT_EQ(found->answer.status, 202);
  EXPECT_EQ(found->answer.body.reveal(), "queued");
  EXPECT_EQ(found->at, morning);

  what = needing_credit(user, 2, true);
  what.answers = answers_under(3);
  EXPECT_EQ(accept(what).reason, fail_reason::not_subscribed);
  EXPECT_EQ(kept(3)->answer.body.reveal(), "not subscribed");
}

TEST_P(outbox_contract, the_answers_of_marked_users_are_kept_as_well) {
  std::uint64_t id = 0;
  for (const auto& [mark, body] :
       {std::pair(user_mark::not_following, "not following"), {user_mark::bad_openid, "bad openid"}}) {
    accept(sample_message(user, ++id));
    auto end = settled(id, message_state::failed);
    end.mark = mark;
    send(id, end);
    auto what = sample_message(user, ++id);
    what.answers = answers_under(static_cast<std::uint8_t>(10 * id));
    accept(what);
    EXPECT_EQ(kept(static_cast<std::uint8_t>(10 * id))->answer.body.reveal(), body);
    ASSERT_TRUE(write(clear_marks{user, {}}));
  }
}

TEST_P(outbox_contract, an_answer_under_the_slot_is_a_conflict_until_its_time_is_over) {
  ASSERT_TRUE(write(keep_answer{answers_under(1).slot, answer_of(200, "first"), morning}));
  auto what = sample_message(user, 1, morning + 24h - 1ms);
  what.answers = answers_under(1);
  EXPECT_EQ(code_of(write(what)), ec::conflict);
  EXPECT_FALSE(is_there(1));
  EXPECT_EQ(kept(1)->answer.body.reveal(), "first");
  what.draft.created_at = morning + 24h;
  accept(what);
  EXPECT_EQ(kept(1)->answer.body.reveal(), "queued");
}

// -- marks

TEST_P(outbox_contract, a_message_to_a_marked_user_fails_at_once_for_this_app_alone) {
  auto elsewhere = first_login_across("other", "openid-2", "union", 1002);
  ASSERT_TRUE(write(first_login_across("demo", "openid-1", "union", 1003)));
  ASSERT_EQ(write(elsewhere)->user, user);
  allow(1);
  accept(sample_message(user, 1));
  auto end = settled(1, message_state::failed);
  end.mark = user_mark::not_following;
  send(1, end);

  const auto added = accept(needing_credit(user, 2));
  EXPECT_EQ(added.state, message_state::failed);
  EXPECT_EQ(added.reason, fail_reason::not_following);
  EXPECT_EQ(credits(), 1u);
  const auto loaded = message(2);
  EXPECT_EQ(loaded.state, message_state::failed);
  EXPECT_EQ(loaded.reason, fail_reason::not_following);
  EXPECT_FALSE(loaded.next_attempt_at);
  EXPECT_EQ(rules_of(loaded.story).back(), "decided:failed:user_marked");

  auto other = sample_message(user, 3);
  other.draft.app = {"other"};
  EXPECT_EQ(accept(other).state, message_state::queued);
}

TEST_P(outbox_contract, a_login_and_clear_marks_take_marks_off) {
  const auto mark = [&](std::uint64_t id) {
    accept(sample_message(user, id));
    auto end = settled(id, message_state::failed);
    end.mark = user_mark::bad_openid;
    send(id, end);
    EXPECT_EQ(accept(sample_message(user, id + 1)).reason, fail_reason::bad_openid);
  };
  mark(1);
  ASSERT_TRUE(write(clear_marks{user, {"other"}}));
  EXPECT_EQ(accept(sample_message(user, 3)).reason, fail_reason::bad_openid);
  ASSERT_TRUE(write(clear_marks{user, {"demo"}}));
  EXPECT_EQ(accept(sample_message(user, 4)).reason, fail_reason::none);
  mark(5);
  ASSERT_TRUE(write(clear_marks{user, {}}));
  EXPECT_EQ(accept(sample_message(user, 7)).reason, fail_reason::none);
  mark(8);
  add(sample_session(user, 1));
  EXPECT_EQ(accept(sample_message(user, 10)).reason, fail_reason::none);
}

TEST_P(outbox_contract, a_login_without_a_session_key_stores_none_and_leaves_the_old_one) {
  ASSERT_TRUE(write(add_session{sample_session(user, 1), secret(), {}}));
  EXPECT_TRUE(reader->read_identity(user, {"demo"})->session_key.empty());
  ASSERT_TRUE(write(add_session{sample_session(user, 2), secret("key"), {}}));
  ASSERT_TRUE(write(add_session{sample_session(user, 3), secret(), {}}));
  EXPECT_EQ(reader->read_identity(user, {"demo"})->session_key.reveal(), "key");
}
