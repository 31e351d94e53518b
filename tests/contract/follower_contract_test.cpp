#include "message_kit.hpp"

using namespace weappd;
using namespace std::chrono_literals;

class follower_contract : public message_contract {
protected:
  followers_added add(std::vector<follower> items, const app_key& app = account) {
    const auto added = write(add_followers{.app = app, .items = std::move(items), .at = morning});
    EXPECT_EQ(code_of(added), ec::none);
    return added ? *added : followers_added{};
  }
  new_followers find_new(std::vector<openid> who) {
    auto found = reader->read(find_new_followers{.app = account, .who = std::move(who)});
    EXPECT_EQ(code_of(found), ec::none);
    return found ? std::move(*found) : new_followers{};
  }
  void note(const char* who, bool follows) {
    EXPECT_EQ(
        code_of(write(note_following{.app = account, .who = openid(who), .follows = follows, .at = morning})),
        ec::none);
  }
  /// Whom a message for the account would reach; empty: the user has no openid there.
  std::string openid_there(user_id of) {
    const auto found = reader->read_identity(of, account);
    return found ? found->who.reveal() : std::string();
  }
  user_id log_in(const char* who, const char* union_id, std::uint64_t candidate) {
    const auto found = write(first_login_across("demo", who, union_id, candidate));
    EXPECT_EQ(code_of(found), ec::none);
    return found ? found->user : user_id{};
  }
  /// What becomes of a message to the account; `confirm` for each its own number.
  fail_reason post(user_id to, std::uint64_t id) {
    auto what = sample_message(to, id);
    what.draft.app = account;
    return accept(what).reason;
  }

  static inline const app_key account{"demo_oa"};
};
INSTANTIATE_TEST_SUITE_P(stores, follower_contract, ::testing::ValuesIn(store_kind_names()), name_of_kind);

TEST_P(follower_contract, a_follower_with_the_unionid_of_a_user_is_that_user) {
  const auto alice = log_in("openid-2", "u-alice", 1002);
  const auto added = add({{openid("oa-alice"), unionid("u-alice")}});
  EXPECT_EQ(added.linked, 1u);
  EXPECT_EQ(added.waiting, 0u);
  EXPECT_EQ(openid_there(alice), "oa-alice");
  EXPECT_EQ(post(alice, 1), fail_reason::none);
}

TEST_P(follower_contract, a_follower_whom_nobody_knows_is_no_user_and_waits_for_a_login) {
  const auto added = add({{openid("oa-alice"), unionid("u-alice")}});
  EXPECT_EQ(added.linked, 0u);
  EXPECT_EQ(added.waiting, 1u);
  EXPECT_EQ(reader->read(get_newest_user{})->user, user);
  const auto alice = log_in("openid-2", "u-alice", 1002);
  EXPECT_EQ(alice, user_id{1002});
  EXPECT_EQ(openid_there(alice), "oa-alice");
  EXPECT_EQ(openid_there(user), "");
  EXPECT_EQ(post(alice, 1), fail_reason::none);
}

TEST_P(follower_contract, a_known_user_whose_unionid_comes_later_gets_who_waited) {
  add({{openid("oa-alice"), unionid("u-alice")}});
  EXPECT_EQ(log_in("openid-1", "u-alice", 1002), user) << "the openid was known";
  EXPECT_EQ(openid_there(user), "oa-alice");
}

TEST_P(follower_contract, a_login_tells_that_it_brought_a_new_unionid) {
  EXPECT_TRUE(write(first_login_across("demo", "openid-2", "u-alice", 1002))->new_union_id);
  EXPECT_FALSE(write(first_login_across("demo", "openid-2", "u-alice", 1003))->new_union_id);
  EXPECT_FALSE(write(first_login_across("other", "openid-3", "u-alice", 1003))->new_union_id);
  EXPECT_FALSE(write(first_login("openid-4", 1004))->new_union_id);
}

TEST_P(follower_contract, those_who_wait_at_several_accounts_all_belong_to_the_login) {
  add({{openid("oa-alice"), unionid("u-alice")}});
  add({{openid("ob-alice"), unionid("u-alice")}, {openid("ob-bob"), unionid("u-bob")}}, {"other_oa"});
  const auto alice = log_in("openid-2", "u-alice", 1002);
  EXPECT_EQ(openid_there(alice), "oa-alice");
  EXPECT_EQ(reader->read_identity(alice, {"other_oa"})->who, openid("ob-alice"));
}

TEST_P(follower_contract, only_those_are_new_whom_no_user_has_and_who_do_not_wait) {
  log_in("openid-2", "u-alice", 1002);
  add({{openid("oa-alice"), unionid("u-alice")}, {openid("oa-bob"), unionid("u-bob")}});
  const auto found = find_new({openid("oa-zoe"), openid("oa-alice"), openid("oa-bob"), openid("openid-2")});
  EXPECT_EQ(found.unknown, (std::vector{openid("oa-zoe"), openid("openid-2")})) << "of another app";
  EXPECT_TRUE(found.returned.empty());
}

TEST_P(follower_contract, those_who_are_known_stay_as_they_are) {
  const auto alice = log_in("openid-2", "u-alice", 1002);
  const auto bob = log_in("openid-3", "u-bob", 1003);
  add({{openid("oa-1"), unionid("u-alice")}, {openid("oa-2"), unionid("u-carol")}});
  auto added = add({{openid("oa-1"), unionid("u-bob")},
                    {openid("oa-1"), unionid("u-dave")},
                    {openid("oa-2"), unionid("u-dave")}});
  EXPECT_EQ(added.linked + added.waiting, 0u);
  EXPECT_EQ(openid_there(alice), "oa-1");
  EXPECT_EQ(openid_there(bob), "");
  log_in("openid-4", "u-dave", 1004);
  EXPECT_EQ(openid_there({1004}), "");
  log_in("openid-5", "u-carol", 1005);
  EXPECT_EQ(openid_there({1005}), "oa-2");
}

TEST_P(follower_contract, one_who_waits_and_leaves_is_forgotten) {
  add({{openid("oa-alice"), unionid("u-alice")}});
  note("oa-alice", true);
  EXPECT_TRUE(find_new({openid("oa-alice")}).unknown.empty());
  note("oa-alice", false);
  EXPECT_EQ(find_new({openid("oa-alice")}).unknown.size(), 1u);
  EXPECT_EQ(openid_there(log_in("openid-2", "u-alice", 1002)), "");
}

TEST_P(follower_contract, a_user_who_leaves_is_marked_for_this_account_alone_until_the_return) {
  log_in("openid-1", "u-alice", 1002);
  add({{openid("oa-alice"), unionid("u-alice")}});
  note("oa-alice", false);
  EXPECT_EQ(post(user, 1), fail_reason::not_following);
  EXPECT_EQ(accept(sample_message(user, 2)).reason, fail_reason::none) << "the mini program is another app";
  EXPECT_EQ(find_new({openid("oa-alice")}).returned, std::vector{openid("oa-alice")});
  note("oa-alice", true);
  EXPECT_EQ(post(user, 3), fail_reason::none);
  EXPECT_TRUE(find_new({openid("oa-alice")}).returned.empty());
}

TEST_P(follower_contract, another_mark_is_not_touched_and_strangers_are_ignored) {
  log_in("openid-1", "u-alice", 1002);
  add({{openid("oa-alice"), unionid("u-alice")}});
  auto what = sample_message(user, 1);
  what.draft.app = account;
  accept(what);
  auto end = settled(1, message_state::failed);
  end.reason = fail_reason::bad_openid;
  end.mark = user_mark::bad_openid;
  send(1, end);
  note("oa-alice", true);
  EXPECT_EQ(post(user, 2), fail_reason::bad_openid);
  note("oa-alice", false);
  EXPECT_EQ(post(user, 3), fail_reason::bad_openid);
  note("oa-nobody", true);
  note("oa-nobody", false);
}
