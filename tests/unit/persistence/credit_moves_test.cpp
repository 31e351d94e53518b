#include "persistence/credit_moves.hpp"

#include "../../contract/message_kit.hpp"
#include "persistence/migrations.hpp"
#include "persistence/sqlite_connection.hpp"
#include "persistence/sqlite_ledger.hpp"

#include <SQLiteCpp/Database.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>

using namespace weappd;
using namespace std::chrono_literals;

namespace {

using ledger_key = std::pair<std::uint64_t, std::string>; ///< user and template

/// The ledger on a database, beside a map in which every move is made at once.
class credit_moves_test : public ::testing::Test {
protected:
  static constexpr std::uint64_t users = 3'000;
  static constexpr auto segment_size = static_cast<std::int64_t>(credit_moves::segment_size);

  SQLite::Database connect() {
    const auto file = folder / "store.db";
    SQLite::Database made(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    made.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
    migrate(made, all_migrations());
    return made;
  }

  void SetUp() override {
    begin();
    for (std::uint64_t user = 1; user <= users; ++user)
      database.exec("INSERT INTO users (id, nickname, avatar_url, role, status, created_at, updated_at,"
                    " last_login_at) VALUES (" +
                    std::to_string(user) + ", '', '', 0, 0, 1, 2, 3)");
    commit();
  }

  void begin() {
    database.exec("BEGIN");
    before = model;
  }
  void commit() {
    ledger->flush();
    database.exec("COMMIT");
  }
  void roll_back() {
    database.exec("ROLLBACK");
    ledger->discard();
    model = before;
  }
  void fail_to_commit() {
    ledger->flush();
    roll_back();
  }
  void restart() { ledger.emplace(database); }

  void give(user_id user, const std::string& of, std::uint32_t credits) {
    auto entry = ledger->find(user, of).value_or(consent_entry{});
    entry.last = consent_answer::accept;
    entry.client_count += credits;
    ledger->put(user, of, entry, morning);
    auto& wanted = model[{user.value, of}];
    wanted.last = consent_answer::accept;
    wanted.client_count += credits;
  }
  void deny(user_id user, const std::string& of) {
    auto entry = *ledger->find(user, of);
    entry.deny(entry.given());
    ledger->put(user, of, entry, morning);
    auto& wanted = model.at({user.value, of});
    wanted.deny(wanted.given());
  }
  void reserve(user_id user, const std::string& of) {
    ledger->reserve(user, of, morning);
    ++model.at({user.value, of}).reserved;
  }
  void spend(user_id user, const std::string& of) {
    ledger->spend(user, of, morning);
    auto& wanted = model.at({user.value, of});
    --wanted.reserved;
    wanted.used = std::min(wanted.used + 1, wanted.given());
  }
  void refund(user_id user, const std::string& of) {
    ledger->refund(user, of, morning);
    --model.at({user.value, of}).reserved;
  }

  /// A credit is reserved for each of many users.
  void reserve_in_groups(int groups, int size) {
    for (int i = 0; i < groups; ++i) {
      begin();
      for (int j = 0; j < size; ++j, ++turn)
        reserve({1 + turn * 7'919 % users}, order_paid);
      commit();
      longest = std::max(longest, noted());
    }
  }
  void give_all(std::uint32_t credits) {
    begin();
    for (std::uint64_t user = 1; user <= users; ++user)
      give({user}, order_paid, credits);
    commit();
  }

  void give_five_and_reserve_one() {
    begin();
    give({1}, order_paid, 5);
    commit();
    begin();
    reserve({1}, order_paid);
    commit();
  }

  std::int64_t number(const std::string& query) { return database.execAndGet(query).getInt64(); }
  std::int64_t noted() { return number("SELECT coalesce(sum(length(moves)), 0) FROM credit_moves") / 16; }
  std::int64_t counted_in() { return number("SELECT count(*) FROM consents WHERE moved_to > 0"); }

  void expect_known() {
    for (const auto& [key, wanted] : model) {
      const auto found = ledger->find({key.first}, key.second);
      ASSERT_TRUE(found) << key.first;
      ASSERT_EQ(found->reserved, wanted.reserved) << key.first << ' ' << key.second;
      ASSERT_EQ(found->used, wanted.used) << key.first << ' ' << key.second;
      ASSERT_EQ(found->client_count, wanted.client_count) << key.first << ' ' << key.second;
    }
  }
  void expect_read() {
    for (const auto& [key, wanted] : model) {
      const auto read = reader->read(load_consents{{key.first}});
      ASSERT_TRUE(read);
      const auto found = std::ranges::find(read->items, key.second, &consent_balance::template_name);
      ASSERT_NE(found, read->items.end()) << key.first << ' ' << key.second;
      ASSERT_EQ(found->credits, wanted.credits()) << key.first << ' ' << key.second;
    }
  }

  temp_folder folder;
  std::map<ledger_key, consent_entry> model;
  std::map<ledger_key, consent_entry> before; ///< the transaction
  SQLite::Database database = connect();
  std::optional<sqlite_ledger> ledger{std::in_place, database};
  std::unique_ptr<store_reader> reader = std::move(*open_sqlite_in(folder.path())->open_reader());
  std::uint64_t turn = 0;
  std::int64_t longest = 0;
};

} // namespace

TEST_F(credit_moves_test, a_few_moves_wait_and_count_all_the_same) {
  give_all(5);
  reserve_in_groups(10, 2);
  EXPECT_EQ(noted(), 20);
  EXPECT_EQ(counted_in(), 0);
  expect_known();
  expect_read();
}

TEST_F(credit_moves_test, the_list_stays_short) {
  give_all(100);
  for (int i = 0; i < 5; ++i) {
    reserve_in_groups(50, 256);
    expect_known();
  }
  expect_read();
  EXPECT_EQ(counted_in(), static_cast<std::int64_t>(users));
  EXPECT_LT(longest, segment_size + segment_size / 2);
}

TEST_F(credit_moves_test, a_transaction_writes_a_row_for_each_template_and_none_without_moves) {
  begin();
  give({1}, "a", 9);
  give({1}, "b", 9);
  commit();
  EXPECT_EQ(number("SELECT count(*) FROM credit_moves"), 0);
  begin();
  for (int i = 0; i < 3; ++i) {
    reserve({1}, "a");
    reserve({1}, "b");
  }
  spend({1}, "b");
  commit();
  EXPECT_EQ(number("SELECT count(*) FROM credit_moves"), 2);
  EXPECT_EQ(noted(), 2);
  expect_read();
}

TEST_F(credit_moves_test, a_row_that_is_written_whole_has_what_was_moved_before_and_not_what_comes_after) {
  give_five_and_reserve_one();
  begin();
  reserve({1}, order_paid);
  give({1}, order_paid, 1);
  reserve({1}, order_paid);
  commit();
  expect_known();
  expect_read();
  restart();
  expect_known();
}

TEST_F(credit_moves_test, a_user_whom_the_ledger_does_not_know_is_passed_over) {
  give_all(100);
  begin();
  ledger->refund({1}, "custom:unknown", morning);
  commit();
  reserve_in_groups(200, 256);
  EXPECT_FALSE(ledger->find({1}, "custom:unknown"));
  expect_known();
}

TEST_F(credit_moves_test, a_row_of_the_list_that_nobody_writes_makes_the_ledger_unavailable) {
  give_all(1);
  database.exec("INSERT INTO credit_moves VALUES (1, 'custom:order_paid', x'0102')");
  restart();
  for (int again = 0; again < 2; ++again)
    EXPECT_THROW(ledger->find({1}, order_paid), bad_row);
  EXPECT_EQ(code_of(reader->read(load_consents{{1}})), ec::storage_unavailable);
}

// The rest of its transaction may well be committed.
TEST_F(credit_moves_test, a_row_that_cannot_be_written_lacks_what_it_lacked) {
  give_five_and_reserve_one();
  begin();
  reserve({1}, order_paid);
  database.exec("CREATE TEMP TRIGGER broken BEFORE UPDATE ON consents BEGIN SELECT RAISE(ABORT, 'no'); END");
  EXPECT_THROW(ledger->put({1}, order_paid, *ledger->find({1}, order_paid), morning), SQLite::Exception);
  database.exec("DROP TRIGGER broken");
  commit();
  expect_known();
  restart();
  expect_known();
}

// Numbers must not come again, or a row would seem to have what it lacks.
TEST_F(credit_moves_test, the_newest_row_of_the_list_stays) {
  give_all(100);
  do {
    ASSERT_LT(turn, 1'000'000u);
    reserve_in_groups(1, 1'000);
  } while (number("SELECT min(seq) FROM credit_moves") == 1);
  EXPECT_GT(number("SELECT count(*) FROM credit_moves"), 0);
  EXPECT_EQ(number("SELECT max(moved_to) <= max(seq) FROM consents, credit_moves"), 1);
  restart();
  expect_known();
  reserve_in_groups(3, 64);
  restart();
  expect_known();
  expect_read();
}

// Everything at once, in the middle of each other; a seed that fails is named.
TEST_F(credit_moves_test, nothing_is_lost_or_counted_twice_whatever_happens) {
  give_all(50);
  for (std::uint32_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto below = [&random](std::uint32_t end) { return random() % end; };
    for (int step = 0; step < 80; ++step) {
      begin();
      const auto moves = 1 + below(200);
      for (std::uint32_t i = 0; i < moves; ++i) {
        const user_id user{1 + below(users)};
        const std::string of = below(8) == 0 ? "custom:other" : order_paid;
        const auto known = model.find({user.value, of});
        if (known == model.end())
          give(user, of, 20);
        else if (const auto what = below(10); known->second.reserved > 0 && what < 4)
          spend(user, of);
        else if (known->second.reserved > 0 && what < 5)
          refund(user, of);
        else if (what < 9)
          reserve(user, of);
        else if (below(4) == 0)
          deny(user, of);
        else
          give(user, of, 3);
      }
      if (below(6) != 0)
        commit();
      else if (below(2) == 0)
        roll_back();
      else
        fail_to_commit();
      if (below(12) == 0)
        restart();
    }
    expect_known();
  }
  expect_read();
  EXPECT_GT(number("SELECT min(seq) FROM credit_moves"), 1)
      << "all of the list were counted in at least once";
}
