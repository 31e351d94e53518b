#include "persistence/sqlite_writer.hpp"

#include "../../contract/message_kit.hpp"
#include "faulty_disk.hpp"
#include "persistence/store_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <chrono>

using namespace weappd;
using namespace std::chrono_literals;

namespace {

class sqlite_writer_on_a_faulty_disk : public ::testing::Test {
protected:
  template <class What>
  auto write(const What& what) {
    return weappd::write(*writer, what);
  }
  bool is_there(user_id user) { return code_of(reader->read(load_user{user})) == ec::none; }

  faulty_disk disk;
  temp_folder folder;
  store_backend_ptr store = open_sqlite_in(folder.path());
  std::unique_ptr<store_writer> writer = std::move(*store->open_writer());
  std::unique_ptr<store_reader> reader = std::move(*store->open_reader());
};

/// A user whose row fills many pages.
save_user large_change(user_id user) {
  save_user what;
  what.user.id = user;
  what.user.nickname = std::string(200'000, 'n');
  return what;
}

} // namespace

using on_a_faulty_disk = sqlite_writer_on_a_faulty_disk;

TEST_F(on_a_faulty_disk, a_batch_is_synced_once_however_many_operations_it_has) {
  ASSERT_TRUE(write(first_login("openid-0", 100))); // the first use of the log syncs its header besides
  const auto before = disk.syncs();
  ASSERT_FALSE(writer->begin());
  for (std::uint64_t i = 1; i <= 20; ++i)
    ASSERT_TRUE(writer->apply(first_login("openid-" + std::to_string(i), i)));
  EXPECT_EQ(disk.syncs(), before);
  ASSERT_FALSE(writer->commit());
  EXPECT_EQ(disk.syncs(), before + 1);
}

TEST_F(on_a_faulty_disk, a_known_identity_is_resolved_without_touching_the_disk) {
  ASSERT_TRUE(write(first_login_across("demo", "openid-1", "union", 1)));
  const auto writes = disk.writes();
  const auto syncs = disk.syncs();
  ASSERT_TRUE(write(first_login_across("demo", "openid-1", "union", 2)));
  ASSERT_TRUE(write(first_login("openid-1", 3)));
  EXPECT_EQ(disk.writes(), writes);
  EXPECT_EQ(disk.syncs(), syncs);
}

TEST_F(on_a_faulty_disk, a_full_disk_fails_the_batch_and_changes_nothing_and_then_it_works_again) {
  disk.fill_up();
  const auto failed = write(first_login("openid-1", 1));
  ASSERT_EQ(code_of(failed), ec::storage_unavailable);
  EXPECT_NE(detail_of(failed.error()).find("full"), std::string::npos);
  EXPECT_FALSE(is_there({1}));
  EXPECT_EQ(code_of(writer->probe()), ec::storage_unavailable);

  disk.repair();
  EXPECT_FALSE(writer->probe());
  EXPECT_EQ(code_of(write(first_login("openid-1", 1))), ec::none);
  EXPECT_TRUE(is_there({1}));
}

TEST_F(on_a_faulty_disk, reads_go_on_while_the_disk_is_full) {
  ASSERT_TRUE(write(first_login("openid-1", 1)));
  disk.fill_up();
  EXPECT_EQ(code_of(write(first_login("openid-2", 2))), ec::storage_unavailable);
  EXPECT_TRUE(is_there({1}));
}

TEST_F(on_a_faulty_disk, a_failing_sync_fails_the_batch_and_changes_nothing_and_then_it_works_again) {
  ASSERT_TRUE(write(first_login("openid-0", 100)));
  disk.break_syncs();
  ASSERT_EQ(code_of(write(first_login("openid-1", 1))), ec::storage_unavailable);
  EXPECT_FALSE(is_there({1}));
  disk.repair();
  EXPECT_EQ(code_of(write(first_login("openid-1", 2))), ec::none);
  EXPECT_FALSE(is_there({1}));
  EXPECT_TRUE(is_there({2}));
}

TEST_F(on_a_faulty_disk, failing_writes_fail_the_batch_and_then_it_works_again) {
  disk.break_writes();
  ASSERT_EQ(code_of(write(first_login("openid-1", 1))), ec::storage_unavailable);
  disk.repair();
  EXPECT_EQ(code_of(write(first_login("openid-1", 1))), ec::none);
}

// More than SQLite's page cache holds, so that the disk is written to, and fails, in the middle of the batch.
// Where exactly does not matter: each operation that was answered well in a batch that was committed must be
// there, and nothing else.
TEST_F(on_a_faulty_disk, a_disk_that_fills_up_in_the_middle_of_a_batch_leaves_no_half_of_it) {
  constexpr std::uint64_t users = 40;
  for (std::uint64_t i = 1; i <= users; ++i)
    ASSERT_TRUE(write(first_login("openid-" + std::to_string(i), i)));

  for (const std::size_t after : {0u, 1u, 10u, 100u, 500u}) {
    ASSERT_FALSE(writer->begin());
    disk.fill_up(after);
    std::vector<bool> worked;
    for (std::uint64_t i = 1; i <= users; ++i)
      worked.push_back(code_of(writer->apply(large_change({i}))) == ec::none);
    const bool committed = !writer->commit();
    disk.repair();
    EXPECT_FALSE(committed && std::count(worked.begin(), worked.end(), true) == static_cast<long>(users));

    for (std::uint64_t i = 1; i <= users; ++i) {
      const auto loaded = reader->read(load_user{{i}});
      ASSERT_TRUE(loaded);
      EXPECT_EQ(!loaded->user.nickname.empty(), committed && worked[i - 1])
          << "user " << i << " after " << after;
    }
    for (std::uint64_t i = 1; i <= users; ++i) { // empty again for the next round
      save_user small;
      small.user.id = {i};
      ASSERT_TRUE(write(small));
    }
  }
}

TEST_F(on_a_faulty_disk, messages_that_arrive_together_share_a_sync) {
  ASSERT_TRUE(write(first_login("openid-1", 1)));
  const auto before = disk.syncs();
  ASSERT_FALSE(writer->begin());
  for (std::uint64_t id = 1; id <= 20; ++id)
    ASSERT_TRUE(writer->apply(sample_message({1}, id)));
  EXPECT_EQ(disk.syncs(), before);
  ASSERT_FALSE(writer->commit());
  EXPECT_EQ(disk.syncs(), before + 1);
}

TEST_F(on_a_faulty_disk, on_a_full_disk_no_message_is_added_and_nothing_is_half_done) {
  ASSERT_TRUE(write(first_login("openid-1", 1)));
  ASSERT_TRUE(write(answer_to({1}, consent_answer::accept)));
  auto what = needing_credit({1}, 1);
  what.guard = {"order.paid", "order 7", morning + 1h};
  what.answers = answers_under(1);
  disk.fill_up();
  EXPECT_EQ(code_of(write(what)), ec::storage_unavailable);
  EXPECT_EQ(code_of(reader->read(load_message{{1}})), ec::not_found);
  EXPECT_EQ(reader->read(list_messages{})->total, 0u);
  EXPECT_EQ(reader->read(load_consents{{1}})->items.at(0).credits, 1u);
  EXPECT_FALSE(reader->read(find_answer{filled<keyed_hash>(1)})->kept);

  disk.repair();
  const auto added = write(what);
  ASSERT_EQ(code_of(added), ec::none);
  EXPECT_FALSE(added->duplicate);
  EXPECT_EQ(reader->read(load_consents{{1}})->items.at(0).credits, 0u);
  EXPECT_EQ(reader->read(list_messages{})->total, 1u);
  EXPECT_TRUE(reader->read(find_answer{filled<keyed_hash>(1)})->kept);
}

// As above, with operations that have no savepoint: a failure in their middle takes the whole batch with it.
TEST_F(on_a_faulty_disk, a_disk_that_fills_up_among_messages_leaves_no_half_of_one) {
  constexpr std::uint64_t messages = 60;
  ASSERT_TRUE(write(first_login("openid-1", 1)));
  record_consents consents = answer_to({1}, consent_answer::accept);
  consents.answers.assign(1'000, consents.answers[0]);
  ASSERT_TRUE(write(consents));
  std::uint64_t there = 0;
  std::uint64_t id = 0;
  for (const std::size_t after : {0u, 1u, 10u, 100u, 500u}) {
    ASSERT_FALSE(writer->begin());
    disk.fill_up(after);
    std::uint64_t worked = 0;
    for (std::uint64_t i = 0; i < messages; ++i) {
      auto what = needing_credit({1}, ++id);
      what.draft.data = {{"thing1", std::string(200'000, 'x')}};
      what.guard = {"order.paid", std::to_string(id), morning + 1h};
      worked += writer->apply(what) ? 1 : 0;
    }
    const bool committed = !writer->commit();
    disk.repair();
    EXPECT_FALSE(committed && worked == messages);
    there += committed ? worked : 0;
    EXPECT_EQ(reader->read(list_messages{})->total, there);
    EXPECT_EQ(reader->read(load_unfinished{})->entries.size(), there);
    EXPECT_EQ(reader->read(load_consents{{1}})->items.at(0).credits, 1'000 - there);
  }
  EXPECT_EQ(code_of(write(needing_credit({1}, ++id))), ec::none);
}

TEST_F(on_a_faulty_disk, a_file_that_somebody_else_has_locked_is_unavailable_until_it_is_free) {
  auto options = options_in(folder.path());
  options.busy_timeout_ms = 1;
  const auto impatient = *open_sqlite_store(options, test_keys(), test_random());
  const auto late = std::move(*impatient->open_writer());
  ASSERT_FALSE(writer->begin());
  EXPECT_EQ(code_of(late->begin()), ec::storage_unavailable);
  EXPECT_EQ(code_of(late->apply(first_login("openid-1", 1))), ec::storage_unavailable);
  EXPECT_EQ(code_of(late->commit()), ec::storage_unavailable);
  writer->rollback();
  EXPECT_EQ(code_of(weappd::write(*late, first_login("openid-1", 1))), ec::none);
}

TEST_F(on_a_faulty_disk, the_store_actor_is_down_while_the_disk_is_full_and_recovers_by_itself) {
  caf::actor_system_config config;
  caf::actor_system system(config);
  const auto actor = spawn_store_writer(system, store, {});
  caf::scoped_actor self(system);
  const auto status = [&] {
    status_report out;
    self->request(actor, caf::infinite, get_status{})
        .receive([&](status_report& report) { out = std::move(report); }, [](const caf::error&) {});
    return out;
  };
  const auto log_in = [&](std::uint64_t user) {
    ec out = ec::none;
    self->request(actor, caf::infinite, first_login("openid-" + std::to_string(user), user))
        .receive([](identity_resolved) {}, [&](const caf::error& error) { out = code_of(error); });
    return out;
  };

  EXPECT_EQ(log_in(1), ec::none);
  EXPECT_EQ(status().state, health::ok);
  disk.fill_up();
  EXPECT_EQ(log_in(2), ec::storage_unavailable);
  EXPECT_EQ(status().state, health::down);
  EXPECT_NE(status().detail.find("full"), std::string::npos);
  disk.repair();

  // Nobody writes: it is the question for the status that finds out.
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (status().state != health::ok)
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  EXPECT_EQ(log_in(2), ec::none);
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
}
