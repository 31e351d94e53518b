#include "store_contract.hpp"

#include <thread>

using namespace weappd;

using batch_contract = store_contract;
INSTANTIATE_TEST_SUITE_P(stores, batch_contract, ::testing::ValuesIn(store_kind_names()), name_of_kind);

TEST_P(batch_contract, an_operation_that_fails_does_not_spoil_the_others) {
  ASSERT_FALSE(writer->begin());
  const auto before = writer->apply(first_login("openid-1", 1001));
  const auto failing = writer->apply(first_login_across("demo", "openid-2", "union", 1001));
  const auto missing = writer->apply(add_session{sample_session({9}, 1), secret("key"), {}});
  const auto after = writer->apply(add_session{sample_session({1001}, 1), secret("key"), {}});
  ASSERT_FALSE(writer->commit());
  EXPECT_EQ(code_of(before), ec::none);
  EXPECT_EQ(code_of(failing), ec::conflict);
  EXPECT_EQ(code_of(missing), ec::not_found);
  EXPECT_EQ(code_of(after), ec::none);
  EXPECT_EQ(load({1001}).sessions.size(), 1u);
}

TEST_P(batch_contract, nothing_is_seen_before_the_commit) {
  ASSERT_FALSE(writer->begin());
  ASSERT_EQ(code_of(writer->apply(first_login("openid-1", 1001))), ec::none);
  EXPECT_EQ(code_of(reader->read(load_user{{1001}})), ec::not_found);
  ASSERT_FALSE(writer->commit());
  EXPECT_EQ(code_of(reader->read(load_user{{1001}})), ec::none);
}

TEST_P(batch_contract, a_batch_that_is_rolled_back_has_changed_nothing) {
  ASSERT_FALSE(writer->begin());
  ASSERT_EQ(code_of(writer->apply(first_login("openid-1", 1001))), ec::none);
  writer->rollback();
  EXPECT_EQ(code_of(reader->read(load_user{{1001}})), ec::not_found);
  EXPECT_EQ(code_of(writer->commit()), ec::storage_unavailable);
  EXPECT_EQ(make_user("openid-1", 1002), user_id{1002});
}

TEST_P(batch_contract, a_batch_that_is_begun_anew_forgets_the_open_one) {
  ASSERT_FALSE(writer->begin());
  ASSERT_EQ(code_of(writer->apply(first_login("openid-1", 1001))), ec::none);
  ASSERT_FALSE(writer->begin());
  ASSERT_EQ(code_of(writer->apply(first_login("openid-2", 1002))), ec::none);
  ASSERT_FALSE(writer->commit());
  EXPECT_EQ(code_of(reader->read(load_user{{1001}})), ec::not_found);
  EXPECT_EQ(code_of(reader->read(load_user{{1002}})), ec::none);
}

TEST_P(batch_contract, outside_of_a_batch_nothing_can_be_written) {
  EXPECT_EQ(code_of(writer->apply(first_login("openid-1", 1001))), ec::storage_unavailable);
  EXPECT_EQ(code_of(reader->read(load_user{{1001}})), ec::not_found);
}

TEST_P(batch_contract, a_batch_without_operations_commits) {
  ASSERT_FALSE(writer->begin());
  EXPECT_FALSE(writer->commit());
}

TEST_P(batch_contract, a_batch_of_a_writer_that_goes_away_has_changed_nothing) {
  ASSERT_FALSE(writer->begin());
  ASSERT_EQ(code_of(writer->apply(first_login("openid-1", 1001))), ec::none);
  writer = std::move(*store->open_writer());
  EXPECT_EQ(code_of(reader->read(load_user{{1001}})), ec::not_found);
}

TEST_P(batch_contract, the_probe_works_and_changes_nothing_that_is_read) {
  make_user("openid-1", 1001);
  EXPECT_FALSE(writer->probe());
  EXPECT_FALSE(writer->probe());
  EXPECT_EQ(load({1001}).user.updated_at, morning);
}

TEST_P(batch_contract, what_was_committed_is_there_when_the_store_is_opened_again) {
  make_user("openid-1", 1001);
  add(sample_session({1001}, 1));
  writer.reset();
  reader.reset();
  store = store_kind_named(GetParam()).open(folder.path());
  reader = std::move(*store->open_reader());
  expect_same(load({1001}).sessions.at(0), sample_session({1001}, 1));
}

TEST_P(batch_contract, writers_of_several_threads_give_one_openid_one_user) {
  constexpr int threads = 4;
  std::vector<std::thread> running;
  std::vector<user_id> users(threads);
  for (int i = 0; i < threads; ++i)
    running.emplace_back([&, i] {
      const auto own = std::move(*store->open_writer());
      const auto made = weappd::write(*own, first_login("openid-1", 1001 + static_cast<std::uint64_t>(i)));
      if (made)
        users[static_cast<std::size_t>(i)] = made->user;
    });
  for (auto& thread : running)
    thread.join();
  EXPECT_NE(users[0], user_id{});
  EXPECT_EQ(std::vector<user_id>(threads, users[0]), users);
}
