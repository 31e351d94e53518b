#include "store_contract.hpp"

using namespace weappd;
using namespace std::chrono_literals;

using user_contract = store_contract;
INSTANTIATE_TEST_SUITE_P(stores, user_contract, ::testing::ValuesIn(store_kind_names()), name_of_kind);

namespace {

user_record changed_user(user_id id) {
  user_record user;
  user.id = id;
  user.nickname = "\xe5\xb0\x8f\xe6\x98\x8e \xf0\x9f\x90\xbc '); DROP TABLE users;--";
  user.avatar_url = "https://example.com/a.png?x=1&y=%20";
  user.phone = phone_number("+86 13800005678");
  user.role = user_role::operator_;
  user.status = user_status::locked;
  user.created_at = morning;
  user.updated_at = morning + 3ms;
  user.last_login_at = morning;
  return user;
}

} // namespace

TEST_P(user_contract, a_saved_user_is_read_back_as_it_was) {
  const auto id = make_user();
  ASSERT_EQ(code_of(write(save_user{changed_user(id)})), ec::none);
  expect_same(load(id).user, changed_user(id));
}

TEST_P(user_contract, saving_leaves_created_and_last_login_as_they_are) {
  const auto id = make_user();
  auto user = changed_user(id);
  user.created_at += 1h;
  user.last_login_at += 1h;
  ASSERT_EQ(code_of(write(save_user{user})), ec::none);
  expect_same(load(id).user, changed_user(id));
}

TEST_P(user_contract, fields_can_be_made_empty_again) {
  const auto id = make_user();
  ASSERT_EQ(code_of(write(save_user{changed_user(id)})), ec::none);
  auto user = changed_user(id);
  user.nickname.clear();
  user.avatar_url.clear();
  user.phone = {};
  user.role = user_role::user;
  user.status = user_status::active;
  ASSERT_EQ(code_of(write(save_user{user})), ec::none);
  expect_same(load(id).user, user);
}

TEST_P(user_contract, saving_a_user_who_is_not_there_is_not_found) {
  EXPECT_EQ(code_of(write(save_user{changed_user({9})})), ec::not_found);
  EXPECT_EQ(code_of(reader->read(load_user{{9}})), ec::not_found);
}

TEST_P(user_contract, times_before_1970_survive) {
  const auto id = make_user();
  auto user = changed_user(id);
  user.updated_at = at_ms(-1);
  ASSERT_EQ(code_of(write(save_user{user})), ec::none);
  EXPECT_EQ(load(id).user.updated_at, at_ms(-1));
}
