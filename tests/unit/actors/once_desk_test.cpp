#include "actors/once_desk.hpp"

#include "messages/error.hpp"
#include "tests/kit/actors/error_of.hpp"
#include "tests/kit/actors/fake_parts.hpp"

#include <gtest/gtest.h>

namespace weappd {
namespace {

using namespace std::chrono_literals;

once_slot slot_of(std::uint8_t name, std::uint8_t request = 1) {
  once_slot slot;
  slot.name.bytes.fill(name);
  slot.fingerprint.bytes.fill(request);
  return slot;
}

struct once_desk_test : ::testing::Test {
  world w;
  fake_parts parts{w};
  memory_store& store = *parts.store;
  once_desk_actor desk = w.spawn(once_desk, w.services());

  caf::expected<once_verdict> begin(const once_slot& slot) {
    return w.ask<once_verdict>(desk, begin_once{slot});
  }
  /// May it run?
  bool runs(const once_slot& slot) {
    const auto verdict = begin(slot);
    return verdict && !verdict->replay;
  }
  caf::expected<done> finish(const once_slot& slot, std::optional<kept_answer> answer) {
    return w.ask<done>(desk, end_once{slot, std::move(answer)});
  }
  static kept_answer answer(const char* text = "body") { return {201, secret(text)}; }
};

TEST_F(once_desk_test, a_request_runs_once_and_its_answer_is_given_again) {
  ASSERT_TRUE(runs(slot_of(1)));
  ASSERT_TRUE(finish(slot_of(1), answer()));
  const auto again = begin(slot_of(1));
  ASSERT_TRUE(again && again->replay);
  EXPECT_EQ(again->replay->status, 201);
  EXPECT_EQ(again->replay->body.reveal(), "body");
  EXPECT_TRUE(begin(slot_of(1))->replay); // giving it again does not occupy the slot
}

TEST_F(once_desk_test, an_answer_outlives_the_desk) {
  ASSERT_TRUE(runs(slot_of(1)));
  ASSERT_TRUE(finish(slot_of(1), answer()));
  w.kill(desk);
  desk = w.spawn(once_desk, w.services());
  EXPECT_TRUE(begin(slot_of(1))->replay);
}

TEST_F(once_desk_test, the_same_key_is_refused_while_the_first_request_runs) {
  ASSERT_TRUE(runs(slot_of(1)));
  EXPECT_EQ(error_of(begin(slot_of(1))), ec::idempotency_in_progress);
  EXPECT_TRUE(runs(slot_of(2)));
}

TEST_F(once_desk_test, of_two_at_the_same_moment_one_runs) {
  store.delay = 10ms;
  auto first = w.send<once_verdict>(desk, begin_once{slot_of(1)});
  auto second = w.send<once_verdict>(desk, begin_once{slot_of(1)});
  w.advance(10ms);
  EXPECT_TRUE(first.take());
  EXPECT_EQ(error_of(second.take()), ec::idempotency_in_progress);
  EXPECT_EQ(store.count("find_answer"), 1);
}

TEST_F(once_desk_test, the_same_key_for_another_request_is_a_mistake_while_it_runs_and_afterwards) {
  ASSERT_TRUE(runs(slot_of(1)));
  EXPECT_EQ(error_of(begin(slot_of(1, 2))), ec::idempotency_mismatch);
  ASSERT_TRUE(finish(slot_of(1), answer()));
  EXPECT_EQ(error_of(begin(slot_of(1, 2))), ec::idempotency_mismatch);
  EXPECT_TRUE(begin(slot_of(1))->replay); // the mistake left nothing behind
}

TEST_F(once_desk_test, with_nothing_to_keep_the_key_is_free_at_once) {
  ASSERT_TRUE(runs(slot_of(1)));
  ASSERT_TRUE(finish(slot_of(1), std::nullopt));
  EXPECT_EQ(store.count("keep_answer"), 0);
  EXPECT_TRUE(runs(slot_of(1, 2)));
}

TEST_F(once_desk_test, done_is_said_when_the_answer_is_durable_and_the_slot_is_held_until_then) {
  ASSERT_TRUE(runs(slot_of(1)));
  store.delay = 4s;
  w.advance(13s);
  auto ending = w.send<done>(desk, end_once{slot_of(1), answer()});
  w.advance(3s);
  EXPECT_FALSE(ending.arrived());
  EXPECT_EQ(error_of(begin(slot_of(1))), ec::idempotency_in_progress);
  w.advance(1s);
  EXPECT_TRUE(ending.take());
}

TEST_F(once_desk_test, an_answer_that_the_handler_kept_itself_stays) {
  ASSERT_TRUE(runs(slot_of(1)));
  ASSERT_TRUE(store.keep({slot_of(1), answer("the handler's"), w.now()}));
  EXPECT_TRUE(finish(slot_of(1), answer("ours")));
  EXPECT_EQ(begin(slot_of(1))->replay->body.reveal(), "the handler's");
}

TEST_F(once_desk_test, a_store_that_cannot_keep_is_told_and_the_key_is_free_again) {
  ASSERT_TRUE(runs(slot_of(1)));
  store.failure = ec::storage_unavailable;
  EXPECT_EQ(error_of(finish(slot_of(1), answer())), ec::storage_unavailable);
  EXPECT_EQ(error_of(begin(slot_of(1))), ec::storage_unavailable);
  store.failure = ec::none;
  EXPECT_TRUE(runs(slot_of(1)));
}

TEST_F(once_desk_test, an_answer_is_given_for_a_day_and_then_the_request_runs_again) {
  ASSERT_TRUE(runs(slot_of(1)));
  ASSERT_TRUE(finish(slot_of(1), answer("first")));
  w.advance(24h);
  EXPECT_TRUE(begin(slot_of(1))->replay);
  w.advance(1s);
  ASSERT_TRUE(runs(slot_of(1, 2)));
  ASSERT_TRUE(finish(slot_of(1, 2), answer("second")));
  EXPECT_EQ(begin(slot_of(1, 2))->replay->body.reveal(), "second");
}

TEST_F(once_desk_test, a_slot_whose_runner_is_gone_is_free_after_a_while) {
  ASSERT_TRUE(runs(slot_of(1)));
  w.advance(15s - 1ms);
  EXPECT_EQ(error_of(begin(slot_of(1))), ec::idempotency_in_progress);
  w.advance(1ms);
  EXPECT_TRUE(runs(slot_of(1)));
}

TEST_F(once_desk_test, a_runner_that_comes_back_too_late_does_not_free_the_slot_of_another_request) {
  ASSERT_TRUE(runs(slot_of(1)));
  w.advance(15s);
  ASSERT_TRUE(runs(slot_of(1, 2)));
  EXPECT_TRUE(finish(slot_of(1), std::nullopt));
  EXPECT_EQ(error_of(begin(slot_of(1, 2))), ec::idempotency_in_progress);
}

TEST_F(once_desk_test, more_slots_than_it_may_hold_are_refused_until_some_are_free) {
  for (std::size_t i = 0; i < max_running_slots; ++i) {
    auto slot = slot_of(0);
    slot.name.bytes[0] = static_cast<std::uint8_t>(i >> 8);
    slot.name.bytes[1] = static_cast<std::uint8_t>(i);
    w.tell(desk, begin_once{slot});
  }
  w.run();
  EXPECT_EQ(error_of(begin(slot_of(255))), ec::overloaded);
  w.advance(15s);
  EXPECT_TRUE(runs(slot_of(255)));
}

TEST_F(once_desk_test, who_waits_when_the_store_or_the_desk_dies_is_answered) {
  store.delay = 1s;
  auto asker = w.send<once_verdict>(desk, begin_once{slot_of(1)});
  w.run();
  for (std::size_t i = 0; i < w.directory().store_readers.size(); ++i)
    w.kill(w.directory().store_readers[i].get());
  w.advance(10s);
  EXPECT_NE(error_of(asker.take()), ec::none);
  parts.start_store(w);
  auto other = w.send<once_verdict>(desk, begin_once{slot_of(1)});
  w.run();
  w.kill(desk);
  EXPECT_EQ(error_of(other.take()), ec::overloaded);
  w.advance(1s);
}

} // namespace
} // namespace weappd
