#include "persistence/message_user_index.hpp"

#include "../../contract/message_kit.hpp"
#include "persistence/migrations.hpp"
#include "persistence/sqlite_connection.hpp"

#include <SQLiteCpp/Database.h>

#include <optional>

using namespace weappd;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t users = 1'000;

class message_user_index_test : public ::testing::Test {
protected:
  SQLite::Database connect() {
    const auto file = folder / "store.db";
    SQLite::Database made(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    made.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
    migrate(made, all_migrations());
    return made;
  }

  void begin() { database.exec("BEGIN"); }
  void commit() {
    index->advance();
    database.exec("COMMIT");
  }
  void roll_back() {
    database.exec("ROLLBACK");
    index->discard();
  }
  void add(int count) {
    for (int i = 0; i < count; ++i, ++next)
      index->added({next}, user_of(next));
  }
  /// Many transactions of so many messages each.
  void add_in_groups(int groups, int size) {
    for (int i = 0; i < groups; ++i) {
      begin();
      add(size);
      commit();
      longest = std::max(longest, waiting());
    }
  }
  static user_id user_of(std::uint64_t id) { return {1 + id * 7'919 % users}; }

  std::int64_t number(const std::string& query) { return database.execAndGet(query).getInt64(); }
  std::int64_t waiting() { return number("SELECT count(*) FROM messages_to_index"); }
  std::int64_t indexed() { return number("SELECT count(*) FROM messages_of_users"); }
  /// As a reader sees it.
  std::int64_t known() {
    return number("SELECT count(*) FROM (SELECT user_id, id FROM messages_of_users"
                  " UNION SELECT user_id, id FROM messages_to_index)");
  }

  temp_folder folder;
  SQLite::Database database = connect();
  std::optional<message_user_index> index{std::in_place, database};
  std::uint64_t next = 1;
  std::int64_t longest = 0;
};

constexpr auto segment_size = static_cast<std::int64_t>(message_user_index::segment_size);

} // namespace

TEST_F(message_user_index_test, a_few_messages_wait) {
  add_in_groups(10, 1);
  EXPECT_EQ(waiting(), 10);
  EXPECT_EQ(indexed(), 0);
}

TEST_F(message_user_index_test, the_list_stays_short_and_nothing_is_missing_at_any_time) {
  for (int i = 0; i < 20; ++i) {
    add_in_groups(40, 64);
    EXPECT_EQ(known(), static_cast<std::int64_t>(next - 1));
  }
  EXPECT_GT(indexed(), segment_size);
  EXPECT_LT(longest, segment_size + segment_size / 3);
}

TEST_F(message_user_index_test, what_was_taken_over_belongs_to_its_user) {
  add_in_groups(600, 64);
  ASSERT_GT(indexed(), 0);
  EXPECT_EQ(number("SELECT count(*) FROM messages_of_users WHERE user_id != 1 + id * 7919 % 1000"), 0);
}

TEST_F(message_user_index_test, a_transaction_that_is_lost_in_the_middle_loses_nothing_else) {
  add_in_groups(257, 64); // begins to take over
  const auto before = indexed();
  for (int i = 0; i < 10; ++i) {
    begin();
    add(64);
    index->advance();
    roll_back();
    next -= 64;
    EXPECT_EQ(known(), static_cast<std::int64_t>(next - 1));
    add_in_groups(2, 64);
  }
  add_in_groups(40, 64);
  EXPECT_GT(indexed(), before);
  EXPECT_EQ(known(), static_cast<std::int64_t>(next - 1));
}

TEST_F(message_user_index_test, a_restart_in_the_middle_goes_on) {
  add_in_groups(270, 64);
  ASSERT_GT(indexed(), 0);
  ASSERT_GT(waiting(), 0);
  index.emplace(database);
  add_in_groups(60, 64);
  EXPECT_LT(waiting(), segment_size);
  EXPECT_EQ(known(), static_cast<std::int64_t>(next - 1));
}

TEST_F(message_user_index_test, catching_up_is_done_in_bounded_parts) {
  add_in_groups(10, 500);
  begin();
  EXPECT_FALSE(index->catch_up(1'000));
  EXPECT_FALSE(indexed() == 5'000);
  int parts = 1;
  while (!index->catch_up(1'000))
    ASSERT_LT(++parts, 20);
  commit();
  EXPECT_EQ(waiting(), 0);
  EXPECT_EQ(indexed(), 5'000);
}

TEST_F(message_user_index_test, messages_that_come_while_others_are_taken_over_are_not_struck_off_with_them) {
  add_in_groups(1, 100);
  begin();
  ASSERT_FALSE(index->catch_up(100)); // in the index, and still on the list
  add(1);
  while (!index->catch_up(100))
    ;
  commit();
  EXPECT_EQ(indexed(), 101);
}

TEST_F(message_user_index_test, a_message_that_goes_leaves_nothing_behind) {
  add_in_groups(1, 3);
  begin();
  ASSERT_TRUE(index->catch_up(1'000));
  index->removed({2}, user_of(2));
  commit();
  EXPECT_EQ(indexed(), 2);
  EXPECT_EQ(known(), 2);
}
