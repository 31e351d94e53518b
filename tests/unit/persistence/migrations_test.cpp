#include "persistence/migrations.hpp"

#include "../../contract/message_kit.hpp"
#include "persistence/sqlite_connection.hpp"

#include <SQLiteCpp/Database.h>

#include <array>
#include <stdexcept>
#include <thread>

using namespace weappd;
using namespace std::chrono_literals;

namespace {

constexpr migration first{1, "0001_one", "CREATE TABLE one (id INTEGER) STRICT; INSERT INTO one VALUES (1)"};
constexpr migration second{2, "0002_two", "CREATE TABLE two (id INTEGER) STRICT; INSERT INTO two VALUES (2)"};
constexpr migration broken{2, "0002_two",
                           "CREATE TABLE two (id INTEGER) STRICT; INSERT INTO nothing VALUES (2)"};
constexpr migration renamed{1, "0001_uno", "CREATE TABLE uno (id INTEGER) STRICT"};

class migrations : public ::testing::Test {
protected:
  SQLite::Database connect() {
    const auto file = folder / "store.db";
    SQLite::Database made(file.string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    return open_connection(file, sqlite_mode::read_write, 10s);
  }
  int version() { return database.execAndGet("SELECT max(version) FROM schema_version").getInt(); }

  temp_folder folder;
  SQLite::Database database = connect();
};

} // namespace

TEST_F(migrations, of_this_program_have_versions_from_one_without_gaps) {
  int expected = 0;
  for (const auto& step : all_migrations()) {
    EXPECT_EQ(step.version, ++expected);
    EXPECT_FALSE(step.sql.empty());
  }
  EXPECT_GE(expected, 1);
}

TEST_F(migrations, bring_a_new_database_to_the_last_step_in_order) {
  migrate(database, std::array{first, second});
  EXPECT_EQ(version(), 2);
  EXPECT_EQ(database.execAndGet("SELECT id FROM two").getInt(), 2);
}

TEST_F(migrations, take_only_the_steps_that_are_missing) {
  migrate(database, std::array{first});
  EXPECT_EQ(version(), 1);
  migrate(database, std::array{first, second});
  EXPECT_EQ(version(), 2);
  EXPECT_EQ(database.execAndGet("SELECT count(*) FROM one").getInt(), 1);
}

TEST_F(migrations, change_nothing_the_second_time) {
  migrate(database);
  const auto changes = database.getTotalChanges();
  migrate(database);
  EXPECT_EQ(database.getTotalChanges(), changes);
  EXPECT_EQ(version(), static_cast<int>(all_migrations().size()));
}

TEST_F(migrations, leave_nothing_of_a_step_that_fails_and_keep_those_before_it) {
  EXPECT_THROW(migrate(database, std::array{first, broken}), SQLite::Exception);
  EXPECT_EQ(version(), 1);
  EXPECT_FALSE(database.tableExists("two"));
  migrate(database, std::array{first, second});
  EXPECT_EQ(version(), 2);
}

TEST_F(migrations, keep_the_users_of_the_first_version_who_then_get_messages) {
  migrate(database, all_migrations().first(1));
  database.exec("INSERT INTO users (id, nickname, avatar_url, role, status, created_at, updated_at,"
                " last_login_at) VALUES (1001, 'old', '', 0, 0, 1, 2, 3)");
  const auto store = open_sqlite_in(folder.path());
  const auto reader = std::move(*store->open_reader());
  EXPECT_EQ(reader->read(load_user{{1001}})->user.nickname, "old");

  const auto writer = std::move(*store->open_writer());
  EXPECT_EQ(code_of(write(*writer, sample_message({1001}, 1))), ec::no_openid);
  EXPECT_EQ(code_of(write(*writer, answer_to({1001}, consent_answer::accept))), ec::none);
  EXPECT_EQ(reader->read(load_consents{{1001}})->items.at(0).credits, 1u);
}

TEST_F(migrations, know_the_messages_of_the_second_version_by_user) {
  migrate(database, all_migrations().first(2));
  database.exec(
      "INSERT INTO users (id, nickname, avatar_url, role, status, created_at, updated_at,"
      " last_login_at) VALUES (1001, '', '', 0, 0, 1, 2, 3), (1002, '', '', 0, 0, 1, 2, 3);"
      "INSERT INTO messages (id, user_id, state, reason, attempts, holds_credit, priority, created_at,"
      " updated_at, send_at, due_at, node, leased_until, app, template_name, sender, request_id,"
      " trace_id, platform_id, sealed_content, story)"
      " SELECT value, 1001 + value % 2, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 'demo', 't', '', '', '', '', x'',"
      " '' FROM json_each('[1, 2, 3]')");
  migrate(database);
  EXPECT_EQ(
      database.execAndGet("SELECT group_concat(user_id || '-' || id) FROM messages_of_users").getString(),
      "1001-2,1002-1,1002-3");
  EXPECT_EQ(database.execAndGet("SELECT count(*) FROM messages_to_index").getInt(), 0);
}

TEST_F(migrations, know_what_the_sixth_version_was_sending) {
  migrate(database, all_migrations().first(6));
  database.exec(
      "INSERT INTO users (id, nickname, avatar_url, role, status, created_at, updated_at,"
      " last_login_at) VALUES (1001, '', '', 0, 0, 1, 2, 3);"
      "INSERT INTO messages (id, user_id, state, reason, attempts, holds_credit, priority, created_at,"
      " updated_at, send_at, due_at, first_attempt_at, node, leased_until, app, template_name, sender,"
      " request_id, trace_id, platform_id, sealed_content, story, leases)"
      " SELECT value, 1001, value % 2, 0, 2, 0, 1, 1, 50 + value, 1, 1, 40, 0, 0, 'demo', 't', '', '', '',"
      " '', x'', '', 3 FROM json_each('[1, 2]');"
      "INSERT INTO message_counts VALUES (0, 't', 1), (1, 't', 1)");
  const auto store = open_sqlite_in(folder.path());
  const auto writer = std::move(*store->open_writer());
  const auto reader = std::move(*store->open_reader());
  const auto found = reader->read(load_unfinished{})->entries;
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].state, message_state::sending);
  EXPECT_EQ(found[0].attempts, 2u);
  EXPECT_EQ(found[0].lease, 3u);
  EXPECT_EQ(found[1].state, message_state::queued);
  EXPECT_EQ(found[1].attempts, 2u);
  const auto end = [&](std::uint32_t lease) {
    auto what = settled(1, message_state::queued);
    what.lease = lease;
    EXPECT_TRUE(write(*writer, settle_messages{{what}}));
    return reader->read(load_unfinished{})->entries.at(0);
  };
  EXPECT_EQ(end(2).state, message_state::sending); // not the one that is under way
  const auto again = end(3);
  EXPECT_EQ(again.state, message_state::queued);
  EXPECT_EQ(again.attempts, 2u);
  EXPECT_EQ(again.first_attempt_at, timestamp(std::chrono::milliseconds(40)));
}

TEST_F(migrations, note_the_keys_of_the_eighth_version_if_they_are_those_of_its_users) {
  ASSERT_TRUE(write(**open_sqlite_in(folder.path())->open_writer(), first_login("openid-1", 1)));
  const auto of_the_eighth_version = "DROP TABLE key_checks; DELETE FROM schema_version WHERE version > 8";
  const auto open_with = [&](const key_set& keys) {
    return code_of(open_sqlite_store(options_in(folder.path()), keys, test_random()));
  };
  auto other = test_keys();
  other.lookup = keyring({key_of("l2", '2')}, "l2");

  database.exec(of_the_eighth_version);
  EXPECT_EQ(open_with(other), ec::storage_unavailable);
  EXPECT_EQ(open_with(test_keys({"k2"})), ec::storage_unavailable);
  EXPECT_EQ(version(), 8) << "what is refused is left to the program of before";
  EXPECT_EQ(open_with(test_keys({"k2", "k1"})), ec::none);
  EXPECT_EQ(database.execAndGet("SELECT group_concat(purpose || key_id) FROM key_checks").getString(),
            "0l1,1k1,1k2");
  EXPECT_EQ(open_with(other), ec::storage_unavailable);
}

/// As persistence/README.md says.
TEST_F(migrations, let_a_lost_key_of_the_eighth_version_be_given_up) {
  ASSERT_TRUE(write(**open_sqlite_in(folder.path())->open_writer(), first_login("openid-1", 1)));
  database.exec("DROP TABLE key_checks; DELETE FROM schema_version WHERE version > 8");
  const auto open_without_it = [&] {
    return code_of(open_sqlite_store(options_in(folder.path()), test_keys({"k2"}), test_random()));
  };
  EXPECT_EQ(open_without_it(), ec::storage_unavailable);
  database.exec("UPDATE identities SET sealed_openid = x''"
                " WHERE substr(sealed_openid, 3, length('k1')) = CAST('k1' AS BLOB)");
  EXPECT_EQ(open_without_it(), ec::none);
}

TEST_F(migrations, refuse_a_newer_database_in_words_an_operator_understands) {
  migrate(database, std::array{first, second});
  try {
    migrate(database, std::array{first});
    FAIL() << "a newer database was accepted";
  } catch (const std::runtime_error& refusal) {
    EXPECT_STREQ(refusal.what(),
                 "the database has schema version 2 (0002_two), this program knows versions up to 1: "
                 "start a newer program");
  }
  EXPECT_EQ(version(), 2);
}

TEST_F(migrations, refuse_a_database_with_another_past) {
  migrate(database, std::array{first});
  EXPECT_THROW(migrate(database, std::array{renamed, second}), std::runtime_error);
  EXPECT_EQ(version(), 1);
}

TEST_F(migrations, are_done_once_by_several_at_the_same_time) {
  std::vector<std::thread> threads;
  std::vector<std::string> failures(4);
  for (auto& failure : failures)
    threads.emplace_back([&] {
      try {
        auto own = connect();
        migrate(own);
      } catch (const std::exception& thrown) {
        failure = thrown.what();
      }
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(failures, std::vector<std::string>(4));
  EXPECT_EQ(database.execAndGet("SELECT count(*) FROM schema_version").getInt(),
            static_cast<int>(all_migrations().size()));
}
