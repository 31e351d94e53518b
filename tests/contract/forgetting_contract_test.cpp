#include "message_kit.hpp"

using namespace weappd;
using namespace std::chrono_literals;

class forgetting_contract : public message_contract {
protected:
  forgotten forget(forget_old what) {
    const auto out = write(what);
    EXPECT_EQ(code_of(out), ec::none);
    return out ? *out : forgotten{};
  }
  /// A message that ended at that time.
  void finished(std::uint64_t id, timestamp at, message_state state = message_state::sent) {
    accept(sample_message(user, id));
    send(id, settled(id, state, credit_outcome::keep, at));
  }
};
INSTANTIATE_TEST_SUITE_P(stores, forgetting_contract, ::testing::ValuesIn(store_kind_names()), name_of_kind);

TEST_P(forgetting_contract, with_nothing_to_forget_nothing_is_forgotten) {
  const auto out = forget({morning, morning, 1'000});
  EXPECT_EQ(out.rows, 0u);
  EXPECT_FALSE(out.more);
}

TEST_P(forgetting_contract, messages_that_ended_before_are_forgotten_whatever_their_age) {
  finished(1, morning + 1h);
  finished(2, morning - 1ms);
  finished(3, morning);
  accept(sample_message(user, 4, morning - 1h)); // old, and not at its end
  lease({4});
  accept(sample_message(user, 5, morning - 1h));
  accept(sample_message(user, 6));
  const auto out = forget({morning, morning, 1'000});
  EXPECT_EQ(out.rows, 1u);
  EXPECT_FALSE(out.more);
  EXPECT_FALSE(is_there(2));
  for (const std::uint64_t id : {1, 3, 4, 5, 6})
    EXPECT_TRUE(is_there(id)) << id;
  EXPECT_EQ(total(), 5u);
}

TEST_P(forgetting_contract, every_end_is_forgotten_and_counted) {
  std::uint64_t id = 0;
  for (const auto state :
       {message_state::sent, message_state::failed, message_state::expired, message_state::cancelled})
    finished(++id, morning - 1h, state);
  EXPECT_EQ(accept(needing_credit(user, ++id, true)).state, message_state::failed);
  accept(sample_message(user, ++id));
  EXPECT_EQ(forget({morning, morning + 1ms, 1'000}).rows, 5u);
  EXPECT_EQ(total(), 1u);
  EXPECT_EQ(total({.state = message_state::sent, .to = {}, .template_name = {}}), 0u);
}

TEST_P(forgetting_contract, a_message_that_begins_anew_is_not_at_its_end) {
  finished(1, morning - 1h, message_state::failed);
  accept(sample_message(user, 2));
  ASSERT_TRUE(write(requeue_message{{1}, consent_need::none, morning}));
  EXPECT_EQ(forget({morning, morning, 1'000}).rows, 0u);
  EXPECT_TRUE(is_there(1));
}

TEST_P(forgetting_contract, at_most_max_rows_of_each_are_forgotten_the_oldest_first) {
  finished(1, morning - 1h);
  finished(2, morning - 3h);
  finished(3, morning - 2h);
  accept(sample_message(user, 4));
  auto out = forget({morning, morning, 2});
  EXPECT_EQ(out.rows, 2u);
  EXPECT_TRUE(out.more);
  EXPECT_TRUE(is_there(1));
  out = forget({morning, morning, 2});
  EXPECT_EQ(out.rows, 1u);
  EXPECT_FALSE(out.more);
}

TEST_P(forgetting_contract, the_newest_id_is_known_for_ever) {
  finished(8, morning - 1h);
  finished(9, morning - 1h);
  forget({morning, morning, 1'000});
  EXPECT_EQ(reader->read(get_newest_message{})->id, message_id{9});
  EXPECT_FALSE(is_there(8));
}

TEST_P(forgetting_contract, answers_are_forgotten_when_their_time_is_over) {
  for (std::uint8_t name = 1; name <= 3; ++name)
    ASSERT_TRUE(
        write(keep_answer{answers_under(name).slot, answer_of(200, "body"), morning + name * 1min - 24h}));
  const auto out = forget({morning + 2min, {}, 1'000});
  EXPECT_EQ(out.rows, 2u);
  EXPECT_FALSE(kept(1));
  EXPECT_FALSE(kept(2));
  EXPECT_TRUE(kept(3));
}

TEST_P(forgetting_contract, answers_and_guards_are_bounded_as_well) {
  for (std::uint8_t i = 1; i <= 3; ++i) {
    auto what = sample_message(user, i, morning - 48h);
    what.guard = {"order.paid", std::to_string(i), morning - 24h};
    what.answers = answers_under(static_cast<std::uint8_t>(10 * i));
    accept(what);
  }
  auto out = forget({morning, {}, 2});
  EXPECT_EQ(out.rows, 4u); // two of each
  EXPECT_TRUE(out.more);
  out = forget({morning, {}, 2});
  EXPECT_EQ(out.rows, 2u);
  EXPECT_FALSE(out.more);
}

TEST_P(forgetting_contract, a_guard_outlives_its_message) {
  auto what = sample_message(user, 1);
  what.guard = {"order.paid", "order 7", morning + 1h};
  accept(what);
  send(1, settled(1, message_state::sent));
  accept(sample_message(user, 2));
  ASSERT_EQ(forget({morning, morning + 1ms, 1'000}).rows, 1u);
  what.draft.id = {3};
  const auto again = accept(what);
  EXPECT_TRUE(again.duplicate);
  EXPECT_EQ(again.id, message_id{1});
}
