#include "persistence/store_actor.hpp"

#include "messages/meter/metered_actor.hpp"

#include "scripted_store.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/exit_reason.hpp>
#include <caf/response_handle.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <optional>
#include <vector>

using namespace weappd;
using namespace std::chrono_literals;

namespace {

save_user change_of(std::uint64_t user) {
  save_user what;
  what.user.id = {user};
  return what;
}

class store_actor_test : public ::testing::Test {
protected:
  ~store_actor_test() override {
    script.open_gate(); // else a test that failed would wait here for ever
    if (writer)
      caf::anon_send_exit(writer, caf::exit_reason::user_shutdown);
  }

  void start(std::uint32_t max_batch = 512, std::chrono::milliseconds background_wait = 1h) {
    store_options options;
    options.max_batch = max_batch;
    writer = spawn_store_writer(system, store, options, background_wait);
  }

  // Requests that are sent in a row are in the mailbox, in this order, before the first answer is looked at.
  auto send(std::uint64_t user) { return self->request(writer, 30s, change_of(user)); }
  template <class Handle>
  static ec outcome(Handle&& handle) {
    ec out = ec::none;
    handle.receive([](stored) {}, [&](const caf::error& error) { out = code_of(error); });
    return out;
  }
  template <class Whom>
  status_report status(const Whom& whom) {
    status_report out{health::degraded, "no answer"};
    self->request(whom, 30s, get_status{})
        .receive([&](status_report& report) { out = std::move(report); }, [](const caf::error&) {});
    return out;
  }
  /// Sends a write and waits until its commit has begun; the gate must be closed.
  auto send_and_hold(std::uint64_t user) {
    auto held = send(user);
    script.wait_for_commits(1);
    return held;
  }

  store_script script;
  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::scoped_actor self{system};
  store_backend_ptr store = std::make_shared<scripted_store>(script);
  store_writer_actor writer;
};

} // namespace

TEST_F(store_actor_test, writes_that_arrive_while_another_batch_is_committed_share_one_transaction) {
  start();
  script.close_gate();
  auto first = send_and_hold(1);
  std::vector<decltype(first)> others;
  for (std::uint64_t user = 2; user <= 101; ++user)
    others.push_back(send(user));
  script.open_gate();

  EXPECT_EQ(outcome(first), ec::none);
  for (auto& other : others)
    EXPECT_EQ(outcome(other), ec::none);
  EXPECT_EQ(script.batches(), (std::vector<std::size_t>{1, 100}));
}

TEST_F(store_actor_test, a_batch_is_not_larger_than_max_batch) {
  start(10);
  script.close_gate();
  auto first = send_and_hold(1);
  std::vector<decltype(first)> others;
  for (std::uint64_t user = 2; user <= 26; ++user)
    others.push_back(send(user));
  script.open_gate();

  EXPECT_EQ(outcome(first), ec::none);
  for (auto& other : others)
    EXPECT_EQ(outcome(other), ec::none);
  EXPECT_EQ(script.batches(), (std::vector<std::size_t>{1, 10, 10, 5}));
}

TEST_F(store_actor_test, what_no_client_waits_for_comes_after_the_writes_of_requests) {
  start();
  script.close_gate();
  auto first = send_and_hold(1);
  auto settled = self->request(writer, 30s, settle_messages{});
  auto others = std::vector{send(2)};
  others.push_back(send(3));
  script.open_gate();
  EXPECT_EQ(outcome(first), ec::none);
  for (auto& other : others)
    EXPECT_EQ(outcome(other), ec::none);
  EXPECT_EQ(outcome(settled), ec::none);
  EXPECT_EQ(script.batches(), (std::vector<std::size_t>{1, 2, 1}));
}

TEST_F(store_actor_test, what_no_client_waits_for_does_not_wait_for_ever) {
  start(512, 0ms);
  script.close_gate();
  auto first = send_and_hold(1);
  auto settled = self->request(writer, 30s, settle_messages{});
  auto other = send(2);
  script.open_gate();
  EXPECT_EQ(outcome(first), ec::none);
  EXPECT_EQ(outcome(other), ec::none);
  EXPECT_EQ(outcome(settled), ec::none);
  EXPECT_EQ(script.batches(), (std::vector<std::size_t>{1, 2}));
}

TEST_F(store_actor_test, nothing_is_answered_before_the_commit) {
  start();
  script.close_gate();
  auto held = send_and_hold(1);
  EXPECT_FALSE(self->has_next_message());
  script.open_gate();
  EXPECT_EQ(outcome(held), ec::none);
}

TEST_F(store_actor_test, a_commit_that_fails_fails_every_write_of_its_batch) {
  start();
  script.close_gate();
  auto first = send_and_hold(1);
  auto second = send(2);
  auto third = send(3);
  script.fail_commits(true);
  script.open_gate();
  EXPECT_EQ(outcome(first), ec::storage_unavailable);
  EXPECT_EQ(outcome(second), ec::storage_unavailable);
  EXPECT_EQ(outcome(third), ec::storage_unavailable);

  script.fail_commits(false);
  EXPECT_EQ(outcome(send(4)), ec::none);
}

TEST_F(store_actor_test, an_operation_that_fails_is_answered_alone) {
  start();
  script.fail_operation({3}, ec::not_found);
  script.close_gate();
  auto first = send_and_hold(1);
  auto second = send(2);
  auto third = send(3);
  script.open_gate();
  EXPECT_EQ(outcome(first), ec::none);
  EXPECT_EQ(outcome(second), ec::none);
  EXPECT_EQ(outcome(third), ec::not_found);
  EXPECT_EQ(status(writer).state, health::ok);
}

TEST_F(store_actor_test, an_operation_that_fails_for_the_disk_makes_the_store_down) {
  start();
  script.fail_commits(true); // so that the probe does not find it well again
  script.fail_operation({1}, ec::storage_unavailable);
  EXPECT_EQ(outcome(send(1)), ec::storage_unavailable);
  EXPECT_EQ(status(writer).state, health::down);
}

TEST_F(store_actor_test, it_is_down_with_the_reason_until_a_write_works_again) {
  start();
  EXPECT_EQ(status(writer).state, health::ok);
  script.fail_commits(true);
  EXPECT_EQ(outcome(send(1)), ec::storage_unavailable);
  const auto down = status(writer);
  EXPECT_EQ(down.state, health::down);
  EXPECT_EQ(down.detail, "the probe fails");
  script.fail_commits(false);
  EXPECT_EQ(outcome(send(1)), ec::none);
  EXPECT_EQ(status(writer).state, health::ok);
  EXPECT_EQ(status(writer).detail, "");
}

TEST_F(store_actor_test, while_it_is_down_it_probes_at_most_once_a_second) {
  start();
  script.fail_commits(true);
  EXPECT_EQ(outcome(send(1)), ec::storage_unavailable);
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 200; ++i)
    EXPECT_EQ(status(writer).state, health::down);
  const auto seconds =
      std::chrono::ceil<std::chrono::seconds>(std::chrono::steady_clock::now() - begin).count();
  EXPECT_GE(script.probes(), 1);
  EXPECT_LE(script.probes(), 1 + seconds);
}

TEST_F(store_actor_test, while_it_is_well_its_status_costs_no_write) {
  start();
  EXPECT_EQ(outcome(send(1)), ec::none);
  EXPECT_EQ(status(writer).state, health::ok);
  EXPECT_EQ(script.probes(), 0);
}

TEST_F(store_actor_test, a_store_that_cannot_be_opened_is_tried_again_by_the_next_write) {
  start();
  script.fail_opening(true);
  EXPECT_EQ(outcome(send(1)), ec::storage_unavailable);
  EXPECT_EQ(status(writer).detail, "cannot be opened");
  script.fail_opening(false);
  EXPECT_EQ(outcome(send(1)), ec::none);
  EXPECT_EQ(status(writer).state, health::ok);
}

TEST_F(store_actor_test, one_write_too_many_is_refused_in_words_that_mean_nothing_was_written) {
  script.close_gate();
  start();
  auto held = send_and_hold(1);
  meter_of(caf::actor_cast<caf::actor>(writer))->limit(1);
  auto waiting = send(2);
  EXPECT_EQ(outcome(send(3)), ec::storage_unavailable);
  script.open_gate();
  EXPECT_EQ(outcome(held), ec::none);
  EXPECT_EQ(outcome(waiting), ec::none);
}

TEST_F(store_actor_test, what_arrived_before_an_exit_message_is_still_written) {
  start();
  script.close_gate();
  auto first = send_and_hold(1);
  auto second = send(2);
  caf::anon_send_exit(writer, caf::exit_reason::user_shutdown);
  script.open_gate();
  EXPECT_EQ(outcome(first), ec::none);
  EXPECT_EQ(outcome(second), ec::none);
  EXPECT_EQ(script.batches(), (std::vector<std::size_t>{1, 1}));
}

TEST_F(store_actor_test, killed_it_answers_what_it_holds) {
  start();
  script.close_gate();
  auto first = send_and_hold(1);
  auto second = send(2); // taken from the mailbox before the kill, and not yet in a batch
  caf::anon_send_exit(writer, caf::exit_reason::kill);
  auto third = send(3); // never taken
  script.open_gate();
  EXPECT_EQ(outcome(first), ec::none);
  EXPECT_EQ(outcome(second), ec::storage_unavailable);
  EXPECT_EQ(outcome(third), ec::overloaded);
  EXPECT_EQ(script.batches(), (std::vector<std::size_t>{1}));
}

TEST_F(store_actor_test, a_reader_that_cannot_be_opened_is_tried_again_by_the_next_read) {
  const auto reader = spawn_store_reader(system, store);
  const auto read = [&] {
    ec out = ec::none;
    self->request(reader, 30s, get_newest_user{})
        .receive([](newest_user) {}, [&](const caf::error& error) { out = code_of(error); });
    return out;
  };
  script.fail_opening(true);
  EXPECT_EQ(read(), ec::storage_unavailable);
  EXPECT_EQ(status(reader).state, health::down);
  EXPECT_EQ(status(reader).detail, "cannot be opened");
  script.fail_opening(false);
  EXPECT_EQ(status(reader).state, health::ok);
  EXPECT_EQ(read(), ec::none);
}
