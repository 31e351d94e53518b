#include "message_kit.hpp"
#include "persistence/store_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <latch>
#include <set>
#include <thread>

using namespace weappd;
using namespace std::chrono_literals;

namespace {

/// Longer than any answer takes; a test that meets it has failed.
constexpr auto patience = 30s;

class store_actor_contract : public ::testing::TestWithParam<std::string> {
protected:
  store_actor_contract()
      : store(store_kind_named(GetParam()).open(folder.path())),
        writer(spawn_store_writer(system, store, {})), reader(spawn_store_reader(system, store)) {}
  ~store_actor_contract() override {
    caf::anon_send_exit(writer, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(reader, caf::exit_reason::user_shutdown);
  }

  template <class Answer, class Handle, class What>
  caf::expected<Answer> ask(const Handle& whom, What what) {
    caf::scoped_actor self(system);
    caf::expected<Answer> out = make_error(ec::internal_error);
    self->request(whom, patience, std::move(what))
        .receive([&](Answer& answer) { out = std::move(answer); },
                 [&](caf::error& error) { out = std::move(error); });
    return out;
  }

  temp_folder folder;
  caf::actor_system_config config;
  caf::actor_system system{config};
  store_backend_ptr store;
  store_writer_actor writer;
  store_reader_actor reader;
};

} // namespace

INSTANTIATE_TEST_SUITE_P(stores, store_actor_contract, ::testing::ValuesIn(store_kind_names()), name_of_kind);

TEST_P(store_actor_contract, sixty_four_threads_that_bring_one_new_openid_get_one_user) {
  constexpr std::size_t count = 64;
  std::latch start(count);
  std::vector<caf::expected<identity_resolved>> answers(count, make_error(ec::internal_error));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i)
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      answers[i] = ask<identity_resolved>(writer, first_login("openid-1", 1001 + i));
    });
  for (auto& thread : threads)
    thread.join();

  std::set<user_id> users;
  int created = 0;
  for (const auto& answer : answers) {
    ASSERT_EQ(code_of(answer), ec::none);
    users.insert(answer->user);
    created += answer->created ? 1 : 0;
  }
  EXPECT_EQ(users.size(), 1u);
  EXPECT_EQ(created, 1);
  const auto newest = ask<newest_user>(reader, get_newest_user{});
  ASSERT_TRUE(newest);
  EXPECT_EQ(newest->user, *users.begin());
}

TEST_P(store_actor_contract, a_read_sees_every_write_that_was_answered_before) {
  const auto user = ask<identity_resolved>(writer, first_login("openid-1", 1001));
  ASSERT_TRUE(user);
  for (std::uint8_t number = 1; number <= 50; ++number) {
    const add_session what{
        sample_session(user->user, number, morning + std::chrono::milliseconds(number)), secret("key"), {}};
    ASSERT_EQ(code_of(ask<stored>(writer, what)), ec::none);
    const auto seen = ask<user_snapshot>(reader, load_user{user->user});
    ASSERT_TRUE(seen);
    ASSERT_EQ(seen->sessions.size(), number);
    expect_same(seen->sessions.back(), what.session);
  }
}

TEST_P(store_actor_contract, every_kind_of_write_reaches_the_store) {
  const auto made = ask<identity_resolved>(writer, first_login("openid-1", 1001));
  ASSERT_TRUE(made);
  const auto first = sample_session(made->user, 1);
  const auto second = sample_session(made->user, 2, morning + 1ms);
  ASSERT_TRUE(ask<stored>(writer, add_session{first, secret("key"), {}}));
  ASSERT_TRUE(ask<stored>(writer, add_session{second, secret("key"), {}}));
  auto rotated = first;
  rotated.refresh_hash = filled<keyed_hash>(5);
  ASSERT_TRUE(ask<stored>(writer, rotate_refresh_token{rotated, first.refresh_hash}));
  ASSERT_TRUE(ask<stored>(writer, touch_sessions{made->user, {{first.id, morning + 1h}}}));
  ASSERT_TRUE(ask<stored>(writer, remove_sessions{made->user, {second.id}}));
  auto user = ask<user_snapshot>(reader, load_user{made->user})->user;
  user.nickname = "new";
  ASSERT_TRUE(ask<stored>(writer, save_user{user}));

  const auto seen = ask<user_snapshot>(reader, load_user{made->user});
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->user.nickname, "new");
  ASSERT_EQ(seen->sessions.size(), 1u);
  EXPECT_EQ(seen->sessions[0].refresh_hash, rotated.refresh_hash);
  EXPECT_EQ(seen->sessions[0].last_seen_at, morning + 1h);
}

TEST_P(store_actor_contract, every_kind_of_write_and_read_about_messages_reaches_the_store) {
  const auto user = ask<identity_resolved>(writer, first_login("openid-1", 1001))->user;
  const auto balances = ask<consent_balances>(writer, answer_to(user, consent_answer::accept));
  ASSERT_TRUE(balances);
  EXPECT_EQ(balances->items.at(0).credits, 1u);
  ASSERT_EQ(ask<message_accepted>(writer, needing_credit(user, 1))->id, message_id{1});
  EXPECT_EQ(ask<unfinished_messages>(reader, load_unfinished{})->entries.size(), 1u);
  ASSERT_EQ(ask<messages_leased>(writer, lease_of({{1}}))->messages.size(), 1u);
  auto end = settled(1, message_state::failed, credit_outcome::refund);
  end.lease = 1;
  end.mark = user_mark::bad_openid;
  ASSERT_TRUE(ask<stored>(writer, settle_messages{{end}}));
  EXPECT_EQ(ask<message_record>(reader, load_message{{1}})->state, message_state::failed);
  ASSERT_EQ(ask<requeued>(writer, requeue_message{{1}, consent_need::none, morning})->entry.to, user);
  ASSERT_TRUE(ask<stored>(writer, clear_marks{user, {}}));
  EXPECT_EQ(ask<message_accepted>(writer, sample_message(user, 2))->state, message_state::queued);
  ASSERT_TRUE(ask<stored>(writer, keep_answer{answers_under(1).slot, answer_of(200, "body"), morning}));
  EXPECT_TRUE(ask<answer_found>(reader, find_answer{filled<keyed_hash>(1)})->kept);
  EXPECT_EQ(ask<forgotten>(writer, forget_old{morning + 24h, {}, 10})->rows, 1u);
  EXPECT_EQ(ask<message_page>(reader, list_messages{})->total, 2u);
  EXPECT_EQ(ask<consent_balances>(reader, load_consents{user})->items.at(0).credits, 1u);
  EXPECT_EQ(ask<newest_message>(reader, get_newest_message{})->id, message_id{2});
}

TEST_P(store_actor_contract, errors_of_operations_reach_the_asker) {
  EXPECT_EQ(code_of(ask<user_snapshot>(reader, load_user{{9}})), ec::not_found);
  EXPECT_EQ(code_of(ask<stored>(writer, add_session{sample_session({9}, 1), secret("key"), {}})),
            ec::not_found);
  EXPECT_EQ(ask<status_report>(writer, get_status{})->state, health::ok);
  EXPECT_EQ(ask<status_report>(reader, get_status{})->state, health::ok);
}
