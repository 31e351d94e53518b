#include "actors/housekeeper.hpp"

#include "messages/error.hpp"
#include "tests/kit/actors/fake_parts.hpp"

#include <gtest/gtest.h>

namespace weappd {
namespace {

using namespace std::chrono_literals;

struct housekeeper_test : ::testing::Test {
  world w;
  fake_parts parts{w};
  memory_store& store = *parts.store;
  housekeeper_actor keeper = w.spawn(housekeeper, w.services());

  void add_message(std::uint64_t id, message_state state, timestamp at) {
    auto& row = store.messages[{id}];
    row.record.draft.id = {id};
    row.record.state = state;
    row.record.updated_at = at;
  }
  void add_answer(std::uint8_t name, timestamp at) {
    keyed_hash slot;
    slot.bytes.fill(name);
    store.answers[slot] = {slot, {}, at};
  }
  health status() { return w.ask<status_report>(keeper, get_status{})->state; }
  [[nodiscard]] int steps() const { return store.count("forget_old"); }
};

TEST_F(housekeeper_test, forgets_what_is_over_and_keeps_what_is_not) {
  const auto keep = std::chrono::days(w.config().push.keep_days);
  add_message(1, message_state::sent, w.now() - keep - 1h);
  add_message(2, message_state::failed, w.now() - keep + 1h);
  add_message(3, message_state::queued, w.now() - keep - 1h);
  add_answer(1, w.now() - 24h - 1min);
  add_answer(2, w.now() - 23h);
  store.guards[{"trigger", "gone"}] = {{1}, w.now()};
  store.guards[{"trigger", "in force"}] = {{1}, w.now() + 1h};
  EXPECT_EQ(steps(), 0);
  w.advance(tidy_interval);
  EXPECT_EQ(store.messages.size(), 2u);
  EXPECT_FALSE(store.messages.contains({1}));
  EXPECT_EQ(store.answers.size(), 1u);
  EXPECT_EQ(store.guards.size(), 1u);
  EXPECT_EQ(w.events().named("store.tidied").at(0).fields.at("rows"), "3");
}

TEST_F(housekeeper_test, works_in_bounded_steps_with_a_pause_after_each) {
  for (std::uint64_t id = 1; id <= 3 * tidy_rows + 1; ++id)
    add_message(id, message_state::sent, w.now() - 31 * 24h);
  w.advance(tidy_interval);
  EXPECT_EQ(steps(), 1);
  EXPECT_EQ(store.messages.size(), 2 * tidy_rows + 1);
  w.advance(tidy_pause - 1ms);
  EXPECT_EQ(steps(), 1);
  w.advance(1ms);
  EXPECT_EQ(steps(), 2);
  w.advance(1s);
  EXPECT_EQ(store.messages.size(), 0u);
  EXPECT_EQ(steps(), 4);
  w.advance(tidy_interval - 2s);
  EXPECT_EQ(steps(), 4);
  w.advance(2s);
  EXPECT_EQ(steps(), 5);
}

TEST_F(housekeeper_test, never_has_two_steps_under_way) {
  store.delay = 5s;
  for (std::uint64_t id = 1; id <= 2 * tidy_rows; ++id)
    add_message(id, message_state::sent, w.now() - 31 * 24h);
  w.advance(tidy_interval + 4s);
  EXPECT_EQ(steps(), 1);
  w.advance(1s + tidy_pause);
  EXPECT_EQ(steps(), 2);
}

TEST_F(housekeeper_test, a_store_that_fails_is_left_alone_until_the_next_look) {
  add_message(1, message_state::sent, w.now() - 31 * 24h);
  store.failure = ec::storage_unavailable;
  w.advance(tidy_interval + 1min);
  EXPECT_EQ(steps(), 1);
  EXPECT_EQ(status(), health::degraded);
  w.advance(tidy_interval);
  EXPECT_EQ(w.events().named("store.tidy_failed").size(), 1u);
  store.failure = ec::none;
  w.advance(tidy_interval);
  EXPECT_EQ(store.messages.size(), 0u);
  EXPECT_EQ(status(), health::ok);
}

TEST_F(housekeeper_test, a_writer_that_died_and_came_back_is_found) {
  w.kill(w.directory().store_writer.get());
  w.advance(tidy_interval);
  EXPECT_EQ(status(), health::degraded);
  parts.start_store(w);
  w.advance(tidy_interval);
  EXPECT_EQ(status(), health::ok);
}

} // namespace
} // namespace weappd
