#include "store_contract.hpp"

using namespace weappd;
using namespace std::chrono_literals;

using identity_contract = store_contract;
INSTANTIATE_TEST_SUITE_P(stores, identity_contract, ::testing::ValuesIn(store_kind_names()), name_of_kind);

TEST_P(identity_contract, a_new_openid_gets_the_candidate_as_its_user) {
  const auto made = write(first_login("openid-1", 1001));
  ASSERT_EQ(code_of(made), ec::none);
  EXPECT_EQ(made->user, user_id{1001});
  EXPECT_TRUE(made->created);

  const auto loaded = load({1001});
  user_record expected;
  expected.id = {1001};
  expected.created_at = expected.updated_at = expected.last_login_at = morning;
  expect_same(loaded.user, expected);
  EXPECT_TRUE(loaded.sessions.empty());
}

TEST_P(identity_contract, a_known_openid_gets_its_user_again_and_nothing_is_made) {
  make_user("openid-1", 1001);
  const auto again = write(first_login("openid-1", 1002, morning + 1h));
  ASSERT_EQ(code_of(again), ec::none);
  EXPECT_EQ(again->user, user_id{1001});
  EXPECT_FALSE(again->created);
  EXPECT_EQ(code_of(reader->read(load_user{{1002}})), ec::not_found);
  EXPECT_EQ(load({1001}).user.created_at, morning);
}

TEST_P(identity_contract, calls_for_one_openid_in_one_batch_get_one_user) {
  ASSERT_FALSE(writer->begin());
  const auto first = writer->apply(first_login("openid-1", 1001));
  const auto second = writer->apply(first_login("openid-1", 1002));
  ASSERT_FALSE(writer->commit());
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->user, second->user);
  EXPECT_TRUE(first->created);
  EXPECT_FALSE(second->created);
}

TEST_P(identity_contract, one_openid_in_two_apps_is_two_users) {
  make_user("openid-1", 1001);
  auto other = first_login("openid-1", 1002);
  other.app = {"other"};
  const auto made = write(other);
  ASSERT_EQ(code_of(made), ec::none);
  EXPECT_EQ(made->user, user_id{1002});
}

TEST_P(identity_contract, a_unionid_brings_the_openids_of_two_apps_to_one_user) {
  ASSERT_EQ(code_of(write(first_login_across("demo", "openid-1", "union", 1001))), ec::none);
  const auto other = write(first_login_across("other", "openid-2", "union", 1002));
  ASSERT_EQ(code_of(other), ec::none);
  EXPECT_EQ(other->user, user_id{1001});
  EXPECT_FALSE(other->created);
  EXPECT_EQ(code_of(reader->read(load_user{{1002}})), ec::not_found);

  // From now on the openid alone is enough.
  auto without_union = first_login("openid-2", 1003);
  without_union.app = {"other"};
  const auto again = write(without_union);
  ASSERT_EQ(code_of(again), ec::none);
  EXPECT_EQ(again->user, user_id{1001});
}

TEST_P(identity_contract, a_unionid_that_comes_later_is_kept_for_the_known_openid) {
  make_user("openid-1", 1001);
  ASSERT_EQ(code_of(write(first_login_across("demo", "openid-1", "union", 1002))), ec::none);
  const auto other = write(first_login_across("other", "openid-2", "union", 1003));
  ASSERT_EQ(code_of(other), ec::none);
  EXPECT_EQ(other->user, user_id{1001});
}

TEST_P(identity_contract, a_known_openid_keeps_its_user_and_a_unionid_the_user_it_named_first) {
  make_user("openid-1", 1001);
  ASSERT_EQ(code_of(write(first_login_across("other", "openid-2", "union", 1002))), ec::none);

  const auto crossed = write(first_login_across("demo", "openid-1", "union", 1003));
  ASSERT_EQ(code_of(crossed), ec::none);
  EXPECT_EQ(crossed->user, user_id{1001});

  const auto third = write(first_login_across("third", "openid-3", "union", 1004));
  ASSERT_EQ(code_of(third), ec::none);
  EXPECT_EQ(third->user, user_id{1002});
}

TEST_P(identity_contract, a_candidate_that_is_taken_is_a_conflict_and_changes_nothing) {
  make_user("openid-1", 1001);
  EXPECT_EQ(code_of(write(first_login_across("demo", "openid-2", "union", 1001))), ec::conflict);
  const auto later = write(first_login_across("demo", "openid-2", "union", 1002));
  ASSERT_EQ(code_of(later), ec::none);
  EXPECT_TRUE(later->created);
}

TEST_P(identity_contract, an_openid_comes_back_as_it_was_byte_for_byte) {
  const std::string odd("o\0p\xff\xfe'\";\n\xf0\x9f\x90\xbc", 13);
  auto what = first_login(odd, 1001);
  what.union_id = unionid(odd + "u");
  ASSERT_EQ(code_of(write(what)), ec::none);
  ASSERT_EQ(code_of(write(add_session{sample_session({1001}, 1), secret(odd + "k"), {}})), ec::none);

  const auto known = reader->read_identity({1001}, {"demo"});
  ASSERT_EQ(code_of(known), ec::none);
  EXPECT_EQ(known->who.reveal(), odd);
  ASSERT_TRUE(known->union_id);
  EXPECT_EQ(known->union_id->reveal(), odd + "u");
  EXPECT_EQ(known->session_key.reveal(), odd + "k");
}

TEST_P(identity_contract, an_identity_without_unionid_and_login_has_neither) {
  make_user("openid-1", 1001);
  const auto known = reader->read_identity({1001}, {"demo"});
  ASSERT_EQ(code_of(known), ec::none);
  EXPECT_FALSE(known->union_id);
  EXPECT_TRUE(known->session_key.empty());
  EXPECT_EQ(code_of(reader->read_identity({1001}, {"other"})), ec::not_found);
  EXPECT_EQ(code_of(reader->read_identity({1002}, {"demo"})), ec::not_found);
}

TEST_P(identity_contract, the_newest_user_is_the_one_with_the_largest_id) {
  auto newest = reader->read(get_newest_user{});
  ASSERT_EQ(code_of(newest), ec::none);
  EXPECT_EQ(newest->user, user_id{0});

  const auto largest = (std::uint64_t{1} << 63) - 1;
  make_user("openid-1", 1001);
  make_user("openid-2", largest);
  make_user("openid-3", 1002);
  newest = reader->read(get_newest_user{});
  ASSERT_EQ(code_of(newest), ec::none);
  EXPECT_EQ(newest->user, user_id{largest});
}

TEST_P(identity_contract, the_id_zero_and_ids_over_63_bits_are_refused_and_change_nothing) {
  EXPECT_EQ(code_of(write(first_login("openid-1", 0))), ec::internal_error);
  EXPECT_EQ(code_of(write(first_login("openid-1", std::uint64_t{1} << 63))), ec::internal_error);
  EXPECT_EQ(make_user("openid-1", 1001), user_id{1001});
}
