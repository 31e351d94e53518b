#include "message_kit.hpp"

using namespace weappd;
using namespace std::chrono_literals;

/// A writer may remember what it has looked up of users. Each test has it look first, then changes something,
/// and expects what a writer would do that remembers nothing.
class remembered_contract : public message_contract {
protected:
  remembered_contract() {
    allow(1);
    accept(needing_credit(user, 1));
    EXPECT_EQ(openid_of(1), "openid-1");
    settle(settled(1, message_state::sent, credit_outcome::spent));
  }

  /// Of a message that is queued; empty: it was not leased.
  std::string openid_of(std::uint64_t id) {
    const auto leased = lease({id});
    return leased.messages.empty() ? std::string() : leased.messages.front().who.reveal();
  }
  std::vector<std::uint64_t> cancelled(std::uint64_t id) { return numbers(lease({id}).cancelled); }
  fail_reason reason_of_next(const app_key& app = {"demo"}) {
    auto what = sample_message(user, ++next_id);
    what.draft.app = app;
    return accept(what).reason;
  }
  fail_reason reason_without_credit() { return accept(needing_credit(user, ++next_id, true)).reason; }
  void mark_by_sending(user_mark mark) {
    EXPECT_EQ(reason_of_next(), fail_reason::none);
    auto end = settled(next_id, message_state::failed);
    end.mark = mark;
    send(next_id, end);
  }
  /// Begins, runs what is to be undone, and undoes it.
  template <class Body>
  void undone(Body&& body) {
    ASSERT_FALSE(writer->begin());
    body();
    writer->rollback();
  }

  std::uint64_t next_id = 100;
};
INSTANTIATE_TEST_SUITE_P(stores, remembered_contract, ::testing::ValuesIn(store_kind_names()), name_of_kind);

TEST_P(remembered_contract, a_newer_openid_is_the_one_that_is_written_to) {
  ASSERT_TRUE(write(first_login_across("demo", "openid-1", "union", 1002)));
  auto second = first_login_across("demo", "openid-2", "union", 1003);
  second.at = morning + 1h;
  accept(sample_message(user, 2));
  ASSERT_EQ(write(second)->user, user);
  EXPECT_EQ(openid_of(2), "openid-2");
}

TEST_P(remembered_contract, an_app_in_which_a_user_has_no_openid_may_get_one) {
  auto to_account = sample_message(user, 2);
  to_account.draft.app = {"demo_oa"};
  EXPECT_EQ(code_of(write(to_account)), ec::no_openid);
  ASSERT_TRUE(write(first_login_across("demo", "openid-1", "union", 1002)));
  ASSERT_TRUE(
      write(add_followers{.app = {"demo_oa"}, .items = {{openid("oa-1"), unionid("union")}}, .at = morning}));
  accept(to_account);
  EXPECT_EQ(openid_of(2), "oa-1");
  accept(sample_message(user, 3));
  EXPECT_EQ(openid_of(3), "openid-1") << "each app has its own";
}

TEST_P(remembered_contract, a_login_with_a_unionid_brings_the_openid_that_waited_for_it) {
  ASSERT_TRUE(
      write(add_followers{.app = {"demo_oa"}, .items = {{openid("oa-1"), unionid("union")}}, .at = morning}));
  ASSERT_TRUE(write(first_login_across("demo", "openid-1", "union", 1002)));
  auto to_account = sample_message(user, 2);
  to_account.draft.app = {"demo_oa"};
  accept(to_account);
  EXPECT_EQ(openid_of(2), "oa-1");
}

TEST_P(remembered_contract, a_follower_who_is_linked_later_is_the_one_that_is_written_to) {
  ASSERT_TRUE(write(first_login_across("demo", "openid-1", "union", 1002)));
  const auto follows_as = [&](const char* who, timestamp at) {
    ASSERT_TRUE(
        write(add_followers{.app = {"demo_oa"}, .items = {{openid(who), unionid("union")}}, .at = at}));
  };
  follows_as("oa-1", morning);
  auto to_account = sample_message(user, 2);
  to_account.draft.app = {"demo_oa"};
  accept(to_account);
  follows_as("oa-2", morning + 1h);
  EXPECT_EQ(openid_of(2), "oa-2");
}

TEST_P(remembered_contract, a_follower_whom_a_login_brings_is_the_one_that_is_written_to) {
  ASSERT_TRUE(write(
      add_followers{.app = {"demo"}, .items = {{openid("openid-9"), unionid("union")}}, .at = morning}));
  accept(sample_message(user, 2));
  auto login = first_login_across("demo", "openid-1", "union", 1002);
  login.at = morning + 1h;
  ASSERT_EQ(write(login)->user, user);
  EXPECT_EQ(openid_of(2), "openid-9");
}

TEST_P(remembered_contract, a_user_who_is_locked_gets_nothing_until_he_is_free_again) {
  accept(sample_message(user, 2));
  ASSERT_TRUE(write(status_change(user, user_status::locked)));
  EXPECT_EQ(cancelled(2), std::vector<std::uint64_t>{2});
  ASSERT_TRUE(write(status_change(user, user_status::active)));
  accept(sample_message(user, 3));
  EXPECT_EQ(openid_of(3), "openid-1");
}

TEST_P(remembered_contract, a_mark_holds_from_the_settlement_on_until_a_login) {
  accept(sample_message(user, 2));
  mark_by_sending(user_mark::bad_openid);
  EXPECT_EQ(reason_of_next(), fail_reason::bad_openid);
  const auto leased = lease({2});
  ASSERT_EQ(leased.failed.size(), 1u) << "the one that was added before fails, too";
  EXPECT_EQ(leased.failed.front().second, fail_reason::bad_openid);
  add(sample_session(user, 1));
  EXPECT_EQ(reason_of_next(), fail_reason::none);
}

TEST_P(remembered_contract, a_mark_that_is_taken_off_is_off) {
  mark_by_sending(user_mark::not_following);
  EXPECT_EQ(reason_of_next(), fail_reason::not_following);
  ASSERT_TRUE(write(clear_marks{.user = user, .app = {"other"}}));
  EXPECT_EQ(reason_of_next(), fail_reason::not_following);
  ASSERT_TRUE(write(clear_marks{.user = user, .app = {"demo"}}));
  EXPECT_EQ(reason_of_next(), fail_reason::none);
}

TEST_P(remembered_contract, who_leaves_and_comes_back_is_marked_meanwhile) {
  const auto note = [&](bool follows) {
    ASSERT_TRUE(
        write(note_following{.app = {"demo"}, .who = openid("openid-1"), .follows = follows, .at = morning}));
  };
  note(false);
  EXPECT_EQ(reason_of_next(), fail_reason::not_following);
  note(true);
  EXPECT_EQ(reason_of_next(), fail_reason::none);
}

TEST_P(remembered_contract, credits_are_those_of_now) {
  EXPECT_EQ(reason_without_credit(), fail_reason::not_subscribed);
  allow(1);
  EXPECT_EQ(reason_without_credit(), fail_reason::none);
  EXPECT_EQ(reason_without_credit(), fail_reason::not_subscribed);
}

TEST_P(remembered_contract, what_a_batch_changed_that_was_rolled_back_is_as_it_was) {
  undone([&] {
    EXPECT_TRUE(writer->apply(status_change(user, user_status::locked)));
    EXPECT_TRUE(writer->apply(answer_to(user, consent_answer::accept)));
    EXPECT_TRUE(writer->apply(needing_credit(user, 2)));
    EXPECT_EQ(writer->apply(lease_of({{2}}))->cancelled.size(), 1u);
  });
  EXPECT_EQ(reason_without_credit(), fail_reason::not_subscribed);
  accept(sample_message(user, 3));
  EXPECT_EQ(openid_of(3), "openid-1");
}

TEST_P(remembered_contract, a_lease_that_was_rolled_back_never_was) {
  accept(sample_message(user, 2));
  undone([&] { EXPECT_EQ(writer->apply(lease_of({{2}}))->messages.size(), 1u); });
  auto end = settled(2, message_state::sent);
  end.lease = 1;
  settle_as_it_is(end);
  EXPECT_EQ(message(2).state, message_state::queued);
  EXPECT_EQ(lease({2}).messages.at(0).lease, 1u);
}

TEST_P(remembered_contract, a_settlement_that_was_rolled_back_can_be_made_again) {
  accept(sample_message(user, 2));
  lease({2});
  auto end = settled(2, message_state::sent);
  end.lease = 1;
  undone([&] { EXPECT_TRUE(writer->apply(settle_messages{{end}})); });
  EXPECT_EQ(message(2).state, message_state::sending);
  settle_as_it_is(end);
  EXPECT_EQ(message(2).state, message_state::sent);
  EXPECT_EQ(message(2).attempts, 1u);
}

TEST_P(remembered_contract, what_another_writer_did_is_seen) {
  const auto other = std::move(*store->open_writer());
  ASSERT_TRUE(weappd::write(*other, answer_to(user, consent_answer::accept)));
  EXPECT_EQ(reason_without_credit(), fail_reason::none);
  accept(sample_message(user, 2));
  ASSERT_TRUE(weappd::write(*other, status_change(user, user_status::locked)));
  EXPECT_EQ(cancelled(2), std::vector<std::uint64_t>{2});
  ASSERT_TRUE(weappd::write(*other, status_change(user, user_status::active)));

  accept(sample_message(user, 3));
  EXPECT_EQ(openid_of(3), "openid-1");
  auto end = settled(3, message_state::failed);
  end.lease = 1;
  end.mark = user_mark::bad_openid;
  ASSERT_TRUE(weappd::write(*other, settle_messages{{end}}));
  end.state = message_state::sent;
  settle_as_it_is(end);
  EXPECT_EQ(message(3).state, message_state::failed) << "it was settled before";
  EXPECT_EQ(reason_of_next(), fail_reason::bad_openid);
}
