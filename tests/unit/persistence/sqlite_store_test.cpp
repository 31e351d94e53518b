#include "persistence/sqlite_store.hpp"

#include "../../contract/message_kit.hpp"
#include "config/crypto/sealed_box.hpp"
#include "persistence/sqlite_message_statements.hpp"
#include "persistence/sqlite_statements.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include <openssl/evp.h>

using namespace weappd;
namespace fs = std::filesystem;

namespace {

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string base64(std::string_view text) {
  std::string out(4 * ((text.size() + 2) / 3), '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                  reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  return out;
}

/// `text` itself, in hexadecimal, and in the three ways in which base64 can show it, which depend on where it
/// begins.
std::vector<std::string> disguises(const std::string& text) {
  static constexpr auto digits = "0123456789abcdef";
  std::string hex;
  for (const auto c : text) {
    hex += digits[static_cast<unsigned char>(c) >> 4];
    hex += digits[static_cast<unsigned char>(c) & 15];
  }
  std::vector<std::string> out{text, hex};
  for (std::size_t shift = 0; shift < 3; ++shift) {
    const auto whole = base64(std::string(shift, '\0') + text);
    out.push_back(whole.substr(4, (shift + text.size()) / 3 * 4 - 4)); // without what the neighbours change
  }
  return out;
}

fs::perms mode_of(const fs::path& path) {
  return fs::status(path).permissions() & fs::perms::all;
}

constexpr auto private_file = fs::perms::owner_read | fs::perms::owner_write;

class sqlite_store_test : public ::testing::Test {
protected:
  fs::path file() const { return folder / "store.db"; }
  SQLite::Database raw() { return SQLite::Database(file().string(), SQLite::OPEN_READWRITE, 5000); }
  /// One user with a phone number and a login.
  void fill(store_writer& writer, std::uint64_t user, const std::string& who) {
    ASSERT_TRUE(write(writer, first_login_across("demo", who, who + "-union", user)));
    const auto session = sample_session({user}, static_cast<std::uint8_t>(user));
    ASSERT_TRUE(write(writer, add_session{session, secret(who + "-key"), {}}));
    save_user change;
    change.user.id = {user};
    change.user.phone = phone_number(who + "-phone");
    ASSERT_TRUE(write(writer, change));
    auto message = sample_message({user}, user);
    message.draft.page = who + "-page";
    message.draft.data = {{"thing1", who + "-field"}};
    message.guard = {"order.paid", who + "-guard", morning + std::chrono::hours(1)};
    message.answers = answers_under(static_cast<std::uint8_t>(10 * user));
    message.answers->queued.body = secret(who + "-answer");
    ASSERT_TRUE(write(writer, message));
  }

  temp_folder folder;
};

} // namespace

TEST_F(sqlite_store_test, folder_and_files_are_made_for_the_owner_alone) {
  auto options = options_in(folder / "new" / "deeper");
  fs::create_directory(folder / "new");
  const auto store = *open_sqlite_store(options, test_keys(), test_random());
  const auto writer = std::move(*store->open_writer());
  ASSERT_TRUE(write(*writer, first_login("openid-1", 1)));
  EXPECT_EQ(mode_of(folder / "new" / "deeper"), fs::perms::owner_all);
  EXPECT_EQ(mode_of(options.path), private_file);
  EXPECT_EQ(mode_of(options.path + "-wal"), private_file);
  EXPECT_EQ(mode_of(options.path + "-shm"), private_file);
}

TEST_F(sqlite_store_test, a_file_that_others_could_read_is_closed_to_them) {
  open_sqlite_in(folder.path());
  fs::permissions(file(), fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  open_sqlite_in(folder.path());
  EXPECT_EQ(mode_of(file()), private_file);
}

TEST_F(sqlite_store_test, opening_again_changes_nothing) {
  fill(**open_sqlite_in(folder.path())->open_writer(), 1, "openid-1");
  const auto before = bytes_of(file());
  open_sqlite_in(folder.path());
  EXPECT_EQ(bytes_of(file()), before);
  EXPECT_GT(before.size(), 0u);
}

TEST_F(sqlite_store_test, a_relative_path_stays_where_it_was_when_the_working_directory_changes) {
  const auto home = fs::current_path();
  fs::current_path(folder.path());
  store_options options;
  options.path = "var/store.db";
  const auto store = open_sqlite_store(options, test_keys(), test_random());
  fs::current_path(home);
  ASSERT_TRUE(store);
  EXPECT_TRUE((*store)->open_writer());
  EXPECT_TRUE(fs::exists(folder / "var" / "store.db"));
}

TEST_F(sqlite_store_test, a_database_that_is_newer_than_the_program_is_refused) {
  open_sqlite_in(folder.path());
  raw().exec("INSERT INTO schema_version (version, name) VALUES (9999, '9999_from_the_future')");
  const auto opened = open_sqlite_store(options_in(folder.path()), test_keys(), test_random());
  ASSERT_EQ(code_of(opened), ec::storage_unavailable);
  EXPECT_NE(detail_of(opened.error()).find("start a newer program"), std::string::npos);
}

TEST_F(sqlite_store_test, what_is_not_a_database_is_refused_and_left_alone) {
  const std::string text(5000, 'x');
  std::ofstream(file()) << text;
  EXPECT_EQ(code_of(open_sqlite_store(options_in(folder.path()), test_keys(), test_random())),
            ec::storage_unavailable);
  EXPECT_EQ(bytes_of(file()), text);
}

TEST_F(sqlite_store_test, a_place_where_nothing_can_be_made_is_an_error_in_words) {
  std::ofstream(folder / "file") << "x";
  const auto opened = open_sqlite_store(options_in(folder / "file"), test_keys(), test_random());
  ASSERT_EQ(code_of(opened), ec::storage_unavailable);
  EXPECT_FALSE(detail_of(opened.error()).empty());
  store_options nowhere;
  nowhere.path.clear();
  EXPECT_EQ(code_of(open_sqlite_store(nowhere, test_keys(), test_random())), ec::storage_unavailable);
}

TEST_F(sqlite_store_test, a_reader_can_be_there_before_any_writer) {
  const auto reader = std::move(*open_sqlite_in(folder.path())->open_reader());
  EXPECT_EQ(reader->read(get_newest_user{})->user, user_id{0});
}

TEST_F(sqlite_store_test, what_must_not_be_read_is_nowhere_in_the_files) {
  const std::string canary = "canary-7Yk2pQ9vXr";
  const auto store = open_sqlite_in(folder.path());
  const auto writer = std::move(*store->open_writer());
  fill(*writer, 1, canary);
  ASSERT_TRUE(write(*writer, first_login("openid-2", 2)));
  save_user visible;
  visible.user.id = {2};
  visible.user.nickname = "visible-nickname";
  ASSERT_TRUE(write(*writer, visible));

  // Both places: the log that is being written, and the database after everything has moved there.
  const auto log = bytes_of(file().string() + "-wal");
  raw().exec("PRAGMA wal_checkpoint(TRUNCATE)");
  const auto database = bytes_of(file());
  for (const auto* bytes : {&log, &database}) {
    EXPECT_NE(bytes->find("visible-nickname"), std::string::npos) << "the test looks in the wrong place";
    for (const auto& disguise : disguises(canary))
      EXPECT_EQ(bytes->find(disguise), std::string::npos);
  }
}

TEST_F(sqlite_store_test, new_rows_use_the_active_key_and_old_rows_open_with_a_retired_one) {
  fill(**open_sqlite_in(folder.path(), test_keys({"k1"}))->open_writer(), 1, "openid-1");
  {
    const auto rotated = open_sqlite_in(folder.path(), test_keys({"k2", "k1"}));
    const auto writer = std::move(*rotated->open_writer());
    const auto known = write(*writer, first_login("openid-1", 9));
    ASSERT_TRUE(known);
    EXPECT_EQ(known->user, user_id{1});
    fill(*writer, 2, "openid-2");
    const auto reader = std::move(*rotated->open_reader());
    EXPECT_EQ(reader->read(load_user{{1}})->user.phone.reveal(), "openid-1-phone");
    EXPECT_EQ(reader->read_identity({1}, {"demo"})->session_key.reveal(), "openid-1-key");
  }
  const auto key_of_user = [&](int id) {
    auto database = raw();
    SQLite::Statement row(database, "SELECT sealed_phone FROM users WHERE id = ?");
    row.bind(1, id);
    row.executeStep();
    return crypto::sealed_box::key_id_of(row.getColumn(0).getString());
  };
  EXPECT_EQ(key_of_user(1), "k1");
  EXPECT_EQ(key_of_user(2), "k2");
}

TEST_F(sqlite_store_test, a_row_whose_key_was_given_up_is_unavailable_and_the_others_are_not) {
  fill(**open_sqlite_in(folder.path(), test_keys({"k1"}))->open_writer(), 1, "openid-1");
  raw().exec("DELETE FROM key_checks WHERE purpose = 1 AND key_id = 'k1'"); // as persistence/README.md says
  const auto store = open_sqlite_in(folder.path(), test_keys({"k2"}));
  fill(**store->open_writer(), 2, "openid-2");
  const auto reader = std::move(*store->open_reader());
  EXPECT_EQ(code_of(reader->read(load_user{{1}})), ec::storage_unavailable);
  EXPECT_EQ(code_of(reader->read_identity({1}, {"demo"})), ec::storage_unavailable);
  EXPECT_EQ(code_of(reader->read(load_user{{2}})), ec::none);
}

TEST_F(sqlite_store_test, a_box_that_was_changed_or_moved_is_unavailable_and_its_detail_shows_nothing) {
  const auto store = open_sqlite_in(folder.path());
  fill(**store->open_writer(), 1, "openid-1");
  fill(**store->open_writer(), 2, "openid-2");
  fill(**store->open_writer(), 3, "openid-3");
  raw().exec("UPDATE users SET sealed_phone = (SELECT sealed_phone FROM users WHERE id = 2) WHERE id = 1;"
             "UPDATE users SET sealed_phone = x'00' WHERE id = 3;"
             "UPDATE session_keys SET sealed_session_key ="
             " (SELECT sealed_session_key FROM session_keys WHERE user_id = 1) WHERE user_id = 2");
  const auto reader = std::move(*store->open_reader());
  const auto moved = reader->read(load_user{{1}});
  ASSERT_EQ(code_of(moved), ec::storage_unavailable);
  EXPECT_NE(detail_of(moved.error()).find("users.sealed_phone"), std::string::npos);
  EXPECT_EQ(detail_of(moved.error()).find("openid-"), std::string::npos);
  EXPECT_EQ(code_of(reader->read(load_user{{3}})), ec::storage_unavailable);
  EXPECT_EQ(code_of(reader->read_identity({2}, {"demo"})), ec::storage_unavailable);
  EXPECT_EQ(code_of(reader->read(load_user{{2}})), ec::none);
}

TEST_F(sqlite_store_test, boxes_of_messages_and_answers_open_in_their_own_rows_alone) {
  const auto store = open_sqlite_in(folder.path());
  fill(**store->open_writer(), 1, "openid-1");
  fill(**store->open_writer(), 2, "openid-2");
  raw().exec("UPDATE messages SET sealed_content = (SELECT sealed_content FROM messages WHERE id = 2)"
             " WHERE id = 1;"
             "UPDATE kept_answers SET sealed_body = (SELECT sealed_body FROM kept_answers WHERE id = 2)"
             " WHERE id = 1");
  const auto reader = std::move(*store->open_reader());
  const auto moved = reader->read(load_message{{1}});
  ASSERT_EQ(code_of(moved), ec::storage_unavailable);
  EXPECT_NE(detail_of(moved.error()).find("messages.sealed_content"), std::string::npos);
  EXPECT_EQ(code_of(reader->read(find_answer{filled<keyed_hash>(10)})), ec::storage_unavailable);
  EXPECT_EQ(code_of(reader->read(load_message{{2}})), ec::none);
  EXPECT_EQ(reader->read(find_answer{filled<keyed_hash>(20)})->kept->answer.body.reveal(), "openid-2-answer");
}

TEST_F(sqlite_store_test, messages_that_cannot_be_read_or_addressed_do_not_hold_up_the_others) {
  const auto store = open_sqlite_in(folder.path());
  const auto writer = std::move(*store->open_writer());
  for (std::uint64_t user = 1; user <= 4; ++user)
    fill(*writer, user, "openid-" + std::to_string(user));
  raw().exec("UPDATE messages SET sealed_content = x'00' WHERE id = 1;"
             "DELETE FROM identities WHERE user_id = 2;"
             "UPDATE identities SET sealed_openid = x'00' WHERE user_id = 3");
  const auto leased = write(*writer, lease_of({{1}, {2}, {3}, {4}}));
  ASSERT_EQ(code_of(leased), ec::none);
  ASSERT_EQ(leased->messages.size(), 1u);
  EXPECT_EQ(leased->messages[0].id, message_id{4});
  EXPECT_EQ(numbers(leased->no_openid), (std::vector<std::uint64_t>{2, 3}));

  const auto reader = std::move(*store->open_reader());
  EXPECT_EQ(reader->read(load_message{{2}})->state, message_state::queued);
  list_messages failed;
  failed.state = message_state::failed;
  failed.limit = 0; // the page itself cannot be read
  EXPECT_EQ(reader->read(failed)->total, 1u);
}

TEST_F(sqlite_store_test, who_is_locked_or_marked_is_that_also_when_the_openid_is_gone) {
  const auto store = open_sqlite_in(folder.path());
  const auto writer = std::move(*store->open_writer());
  fill(*writer, 1, "openid-1");
  fill(*writer, 2, "openid-2");
  raw().exec("UPDATE users SET status = 1 WHERE id = 1;"
             "INSERT INTO user_marks (user_id, app, mark, marked_at) VALUES (2, 'demo', 1, 0);"
             "DELETE FROM identities");
  const auto leased = write(*writer, lease_of({{1}, {2}}));
  ASSERT_EQ(code_of(leased), ec::none);
  EXPECT_EQ(numbers(leased->cancelled), std::vector<std::uint64_t>{1});
  ASSERT_EQ(leased->failed.size(), 1u);
  EXPECT_EQ(leased->failed[0].second, fail_reason::not_following);
  EXPECT_TRUE(leased->no_openid.empty());
}

TEST_F(sqlite_store_test, a_batch_goes_on_after_a_row_that_nobody_writes) {
  const auto store = open_sqlite_in(folder.path());
  const auto writer = std::move(*store->open_writer());
  fill(*writer, 1, "openid-1");
  fill(*writer, 2, "openid-2");
  raw().exec("UPDATE messages SET state = 99 WHERE id = 1");
  ASSERT_FALSE(writer->begin());
  EXPECT_EQ(code_of(writer->apply(lease_of({{1}}))), ec::storage_unavailable);
  EXPECT_EQ(code_of(writer->apply(lease_of({{2}}))), ec::none);
  ASSERT_FALSE(writer->commit());
  EXPECT_EQ((*store->open_reader())->read(load_message{{2}})->state, message_state::sending);
}

TEST_F(sqlite_store_test, a_message_whose_second_write_fails_takes_its_batch_with_it) {
  const auto store = open_sqlite_in(folder.path());
  const auto writer = std::move(*store->open_writer());
  fill(*writer, 1, "openid-1");
  raw().exec("CREATE TRIGGER refuse BEFORE INSERT ON duplicate_guards"
             " BEGIN SELECT RAISE(ABORT, 'refused'); END");
  auto guarded = sample_message({1}, 51);
  guarded.guard = {"order.paid", "key", morning + std::chrono::hours(1)};
  ASSERT_FALSE(writer->begin());
  EXPECT_EQ(code_of(writer->apply(sample_message({1}, 50))), ec::none);
  EXPECT_EQ(code_of(writer->apply(guarded)), ec::internal_error);
  EXPECT_EQ(code_of(writer->apply(sample_message({1}, 52))), ec::storage_unavailable);
  EXPECT_EQ(code_of(writer->commit()), ec::storage_unavailable);
  const auto reader = std::move(*store->open_reader());
  EXPECT_EQ(reader->read(list_messages{})->total, 1u);
  for (const std::uint64_t id : {50, 51, 52})
    EXPECT_EQ(code_of(reader->read(load_message{{id}})), ec::not_found);

  raw().exec("DROP TRIGGER refuse");
  EXPECT_EQ(code_of(write(*writer, guarded)), ec::none);
}

TEST_F(sqlite_store_test, a_row_with_values_that_nobody_writes_is_unavailable) {
  const auto store = open_sqlite_in(folder.path());
  for (std::uint64_t user = 1; user <= 4; ++user)
    fill(**store->open_writer(), user, "openid-" + std::to_string(user));
  raw().exec("UPDATE users SET role = 7 WHERE id = 1; UPDATE users SET status = -1 WHERE id = 2;"
             "PRAGMA ignore_check_constraints = ON;"
             "UPDATE sessions SET refresh_hash = x'0102' WHERE user_id = 3");
  const auto reader = std::move(*store->open_reader());
  for (std::uint64_t user = 1; user <= 3; ++user)
    EXPECT_EQ(code_of(reader->read(load_user{{user}})), ec::storage_unavailable);
  EXPECT_EQ(code_of(reader->read(load_user{{4}})), ec::none);
}

TEST_F(sqlite_store_test, no_statement_walks_through_a_whole_table) {
  open_sqlite_in(folder.path());
  auto database = raw();
  std::vector<std::string> statements(sqlite_statements::all.begin(), sqlite_statements::all.end());
  statements.insert(statements.end(), sqlite_message_statements::all.begin(),
                    sqlite_message_statements::all.end());
  for (const auto& statement : statements) {
    SQLite::Statement plan(database, "EXPLAIN QUERY PLAN " + statement);
    while (plan.executeStep()) {
      const auto step = plan.getColumn(3).getString();
      // Only lists of what waits to be taken over, which have a bounded length, may be walked through.
      EXPECT_TRUE(step.substr(0, 4) != "SCAN" || step == "SCAN messages_to_index" ||
                  step == "SCAN credit_moves")
          << statement << ": " << step;
      // All users of an app are as good as all users.
      EXPECT_EQ(step.find("(app=?)"), std::string::npos) << statement << ": " << step;
    }
  }
}

TEST_F(sqlite_store_test, every_list_walks_by_the_index_that_its_plan_counts_on) {
  open_sqlite_in(folder.path());
  auto database = raw();
  using sql = sqlite_message_statements;
  for (const auto& [statement, index] : {std::pair(sql::list_all, "INTEGER PRIMARY KEY"),
                                         {sql::list_all_oldest, "INTEGER PRIMARY KEY"},
                                         {sql::list_state, "messages_by_state"},
                                         {sql::list_state_oldest, "messages_by_state"},
                                         {sql::list_user, "messages_of_users"},
                                         {sql::list_user_oldest, "messages_of_users"},
                                         {sql::list_template, "messages_by_template"},
                                         {sql::list_template_oldest, "messages_by_template"},
                                         {sql::list_leases, "SEARCH l USING INTEGER PRIMARY KEY"},
                                         {sql::list_leases_oldest, "SEARCH l USING INTEGER PRIMARY KEY"},
                                         {sql::load_unfinished, "messages_by_state"},
                                         {sql::forget_messages, "messages_by_end"}}) {
    SQLite::Statement plan(database, std::string("EXPLAIN QUERY PLAN ") + statement);
    std::string steps;
    while (plan.executeStep())
      steps += plan.getColumn(3).getString() + "\n";
    EXPECT_NE(steps.find(index), std::string::npos) << statement << ":\n" << steps;
    EXPECT_EQ(steps.find("USE TEMP B-TREE"), std::string::npos) << "it sorts: " << statement << ":\n"
                                                                << steps;
  }
}

TEST_F(sqlite_store_test, messages_do_not_wait_for_their_index_for_ever) {
  const auto store = open_sqlite_in(folder.path());
  const auto writer = std::move(*store->open_writer());
  constexpr std::uint64_t users = 100;
  for (std::uint64_t user = 1; user <= users; ++user)
    ASSERT_TRUE(write(*writer, first_login("openid-" + std::to_string(user), user)));
  std::uint64_t id = 0;
  for (int batch = 0; batch < 50; ++batch) {
    ASSERT_FALSE(writer->begin());
    for (int i = 0; i < 500; ++i, ++id)
      ASSERT_TRUE(writer->apply(sample_message({1 + id % users}, id + 1)));
    ASSERT_FALSE(writer->commit());
  }
  EXPECT_LT(raw().execAndGet("SELECT count(*) FROM messages_to_index").getInt(), 20'000);
  const auto reader = std::move(*store->open_reader());
  const auto page = reader->read(list_messages{.state = {}, .to = user_id{7}, .template_name = {}});
  ASSERT_TRUE(page);
  EXPECT_EQ(page->total, id / users);
  ASSERT_FALSE(page->items.empty());
  EXPECT_EQ(page->items.front().draft.id, message_id{id - users + 7});
}
