#include "store_contract.hpp"

using namespace weappd;
using namespace std::chrono_literals;

using session_contract = store_contract;
INSTANTIATE_TEST_SUITE_P(stores, session_contract, ::testing::ValuesIn(store_kind_names()), name_of_kind);

namespace {

/// The same session after one refresh, `after` the last one.
session_record refreshed(session_record session, std::chrono::milliseconds after = 1h) {
  session.previous_refresh_hash = session.refresh_hash;
  session.refresh_hash.bytes[0] ^= 0xff;
  session.refreshed_at += after;
  session.refresh_expires_at += after;
  session.last_seen_at += after;
  ++session.generation;
  return session;
}

} // namespace

TEST_P(session_contract, a_login_is_read_back_as_it_was_to_the_millisecond) {
  const auto user = make_user();
  auto session = sample_session(user, 1, morning + 7ms);
  session.previous_refresh_hash = filled<keyed_hash>(77);
  session.generation = 4'000'000'000;
  add(session);

  const auto loaded = load(user);
  ASSERT_EQ(loaded.sessions.size(), 1u);
  expect_same(loaded.sessions[0], session);
  EXPECT_EQ(loaded.user.last_login_at, morning + 7ms);
  EXPECT_EQ(loaded.user.updated_at, morning);
}

TEST_P(session_contract, empty_and_unusual_device_names_survive) {
  const auto user = make_user();
  auto plain = sample_session(user, 1);
  plain.device = {"", ""};
  auto odd = sample_session(user, 2, morning + 1ms);
  odd.device = {"\xe5\xb0\x8f\xe6\x98\x8e\xe7\x9a\x84 \xf0\x9f\x93\xb1 '\";--\n",
                "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d"};
  add(plain);
  add(odd);

  const auto loaded = load(user);
  ASSERT_EQ(loaded.sessions.size(), 2u);
  expect_same(loaded.sessions[0], plain);
  expect_same(loaded.sessions[1], odd);
}

TEST_P(session_contract, sessions_come_in_the_order_of_their_creation) {
  const auto user = make_user();
  add(sample_session(user, 3, morning + 1ms));
  add(sample_session(user, 1, morning + 2ms));
  add(sample_session(user, 2, morning));
  const std::vector wanted{filled<session_id>(2), filled<session_id>(3), filled<session_id>(1)};
  EXPECT_EQ(ids_of(load(user).sessions), wanted);
}

TEST_P(session_contract, a_login_of_nobody_is_not_found) {
  EXPECT_EQ(code_of(write(add_session{sample_session({9}, 1), secret("key"), {}})), ec::not_found);
  EXPECT_EQ(code_of(reader->read(load_user{{9}})), ec::not_found);
}

TEST_P(session_contract, a_session_id_that_is_there_is_a_conflict_and_changes_nothing) {
  const auto user = make_user("openid-1", 1001);
  const auto other = make_user("openid-2", 1002);
  add(sample_session(user, 1));
  add(sample_session(user, 2));

  auto twin = sample_session(user, 1, morning + 1h);
  EXPECT_EQ(code_of(write(add_session{twin, secret("other key"), {filled<session_id>(2)}})), ec::conflict);
  twin.user = other;
  EXPECT_EQ(code_of(write(add_session{twin, secret("other key"), {}})), ec::conflict);

  const auto loaded = load(user);
  ASSERT_EQ(loaded.sessions.size(), 2u);
  expect_same(loaded.sessions[0], sample_session(user, 1));
  EXPECT_EQ(loaded.user.last_login_at, morning);
  EXPECT_EQ(reader->read_identity(user, {"demo"})->session_key.reveal(), "key");
  EXPECT_EQ(load(other).user.last_login_at, morning);
}

TEST_P(session_contract, the_session_key_of_an_app_is_replaced_by_the_next_login) {
  const auto user = make_user();
  ASSERT_EQ(code_of(write(add_session{sample_session(user, 1), secret("old"), {}})), ec::none);
  ASSERT_EQ(code_of(write(add_session{sample_session(user, 2), secret("new"), {}})), ec::none);
  auto elsewhere = sample_session(user, 3);
  elsewhere.app = {"other"};
  ASSERT_EQ(code_of(write(add_session{elsewhere, secret("elsewhere"), {}})), ec::none);
  EXPECT_EQ(reader->read_identity(user, {"demo"})->session_key.reveal(), "new");
}

TEST_P(session_contract, evicted_sessions_make_room_and_only_those_of_the_user) {
  const auto user = make_user("openid-1", 1001);
  const auto other = make_user("openid-2", 1002);
  add(sample_session(user, 1));
  add(sample_session(user, 2));
  add(sample_session(other, 3));
  const std::vector evicted{filled<session_id>(1), filled<session_id>(3), filled<session_id>(99)};
  ASSERT_EQ(code_of(write(add_session{sample_session(user, 4), secret("key"), evicted})), ec::none);

  const std::vector wanted{filled<session_id>(2), filled<session_id>(4)};
  EXPECT_EQ(ids_of(load(user).sessions), wanted);
  EXPECT_EQ(load(other).sessions.size(), 1u);
}

TEST_P(session_contract, a_login_removes_expired_sessions_of_its_user_alone) {
  const auto user = make_user("openid-1", 1001);
  const auto other = make_user("openid-2", 1002);
  const auto now = morning + 1h;
  for (const auto owner : {user, other}) {
    const auto offset = static_cast<std::uint8_t>(owner == user ? 0 : 10);
    auto dead = sample_session(owner, static_cast<std::uint8_t>(offset + 1));
    dead.refresh_expires_at = now;
    auto alive = sample_session(owner, static_cast<std::uint8_t>(offset + 2));
    alive.refresh_expires_at = now + 1ms;
    add(dead);
    add(alive);
  }
  add(sample_session(user, 3, now));
  const std::vector wanted{filled<session_id>(2), filled<session_id>(3)};
  EXPECT_EQ(ids_of(load(user).sessions), wanted);
  EXPECT_EQ(load(other).sessions.size(), 2u);
}

TEST_P(session_contract, a_refresh_writes_the_rotation_fields_and_no_others) {
  const auto user = make_user();
  const auto before = sample_session(user, 1);
  add(before);
  auto after = refreshed(before);
  auto sent = after;
  sent.created_at += 5h; // these do not belong to a rotation
  sent.app = {"other"};
  sent.device = {"x", "y"};
  ASSERT_EQ(code_of(write(rotate_refresh_token{sent, before.refresh_hash})), ec::none);
  expect_same(load(user).sessions.at(0), after);
}

TEST_P(session_contract, a_refresh_from_another_state_is_a_conflict_and_changes_nothing) {
  const auto user = make_user();
  const auto first = sample_session(user, 1);
  const auto second = refreshed(first);
  add(first);
  ASSERT_EQ(code_of(write(rotate_refresh_token{second, first.refresh_hash})), ec::none);
  EXPECT_EQ(code_of(write(rotate_refresh_token{refreshed(second), first.refresh_hash})), ec::conflict);
  expect_same(load(user).sessions.at(0), second);
}

TEST_P(session_contract, of_two_racing_refreshes_in_one_batch_one_wins) {
  const auto user = make_user();
  const auto first = sample_session(user, 1);
  add(first);
  ASSERT_FALSE(writer->begin());
  const auto winner = writer->apply(rotate_refresh_token{refreshed(first, 1s), first.refresh_hash});
  const auto loser = writer->apply(rotate_refresh_token{refreshed(first, 2s), first.refresh_hash});
  ASSERT_FALSE(writer->commit());
  EXPECT_EQ(code_of(winner), ec::none);
  EXPECT_EQ(code_of(loser), ec::conflict);
  expect_same(load(user).sessions.at(0), refreshed(first, 1s));
}

TEST_P(session_contract, a_refresh_of_an_unknown_or_foreign_session_is_not_found) {
  const auto user = make_user("openid-1", 1001);
  const auto other = make_user("openid-2", 1002);
  const auto mine = sample_session(user, 1);
  add(mine);
  EXPECT_EQ(code_of(write(rotate_refresh_token{sample_session(user, 2), mine.refresh_hash})), ec::not_found);
  auto stolen = refreshed(mine);
  stolen.user = other;
  EXPECT_EQ(code_of(write(rotate_refresh_token{stolen, mine.refresh_hash})), ec::not_found);
  expect_same(load(user).sessions.at(0), mine);
}

TEST_P(session_contract, a_refresh_moves_last_seen_only_forward) {
  const auto user = make_user();
  const auto before = sample_session(user, 1);
  add(before);
  auto after = refreshed(before);
  after.last_seen_at = before.last_seen_at - 1min;
  ASSERT_EQ(code_of(write(rotate_refresh_token{after, before.refresh_hash})), ec::none);
  EXPECT_EQ(load(user).sessions.at(0).last_seen_at, before.last_seen_at);
}

TEST_P(session_contract, removed_sessions_are_gone_and_unknown_ids_are_ignored) {
  const auto user = make_user("openid-1", 1001);
  const auto other = make_user("openid-2", 1002);
  add(sample_session(user, 1));
  add(sample_session(user, 2));
  add(sample_session(other, 3));
  const std::vector ids{filled<session_id>(1), filled<session_id>(3), filled<session_id>(99)};
  EXPECT_EQ(code_of(write(remove_sessions{user, ids})), ec::none);
  EXPECT_EQ(code_of(write(remove_sessions{user, ids})), ec::none);
  EXPECT_EQ(ids_of(load(user).sessions), std::vector{filled<session_id>(2)});
  EXPECT_EQ(load(other).sessions.size(), 1u);
}

TEST_P(session_contract, last_seen_moves_only_forward_and_unknown_sessions_are_ignored) {
  const auto user = make_user("openid-1", 1001);
  const auto other = make_user("openid-2", 1002);
  const auto one = sample_session(user, 1);
  const auto two = sample_session(user, 2, morning + 1ms);
  const auto foreign = sample_session(other, 3);
  add(one);
  add(two);
  add(foreign);
  const touch_sessions touch{user,
                             {{one.id, one.last_seen_at + 1ms},
                              {two.id, two.last_seen_at - 1ms},
                              {foreign.id, foreign.last_seen_at + 1h},
                              {filled<session_id>(99), morning}}};
  ASSERT_EQ(code_of(write(touch)), ec::none);
  const auto loaded = load(user);
  EXPECT_EQ(loaded.sessions.at(0).last_seen_at, one.last_seen_at + 1ms);
  EXPECT_EQ(loaded.sessions.at(1).last_seen_at, two.last_seen_at);
  EXPECT_EQ(load(other).sessions.at(0).last_seen_at, foreign.last_seen_at);
}

TEST_P(session_contract, fifty_sessions_of_one_user_are_all_read) {
  const auto user = make_user();
  for (std::uint8_t number = 1; number <= 50; ++number)
    add(sample_session(user, number, morning + std::chrono::milliseconds(number)));
  EXPECT_EQ(load(user).sessions.size(), 50u);
}
