#include "message_kit.hpp"

using namespace weappd;
using namespace std::chrono_literals;

using answer_contract = message_contract;
INSTANTIATE_TEST_SUITE_P(stores, answer_contract, ::testing::ValuesIn(store_kind_names()), name_of_kind);

namespace {

keep_answer keeping(std::uint8_t name, std::string body, timestamp at = morning) {
  return {answers_under(name).slot, answer_of(201, std::move(body)), at};
}

} // namespace

TEST_P(answer_contract, an_answer_is_found_as_it_was_kept) {
  const auto body = std::string("{\"code\":200,\0\"\xe5\xb0\x8f\"}", 17);
  ASSERT_TRUE(write(keeping(1, body)));
  const auto found = kept(1);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->fingerprint, filled<keyed_hash>(2));
  EXPECT_EQ(found->answer.status, 201);
  EXPECT_EQ(found->answer.body.reveal(), body);
  EXPECT_EQ(found->at, morning);
  EXPECT_FALSE(kept(2));
}

TEST_P(answer_contract, an_answer_without_a_body_is_kept) {
  ASSERT_TRUE(write(keeping(1, "")));
  EXPECT_TRUE(kept(1)->answer.body.empty());
}

TEST_P(answer_contract, a_second_answer_is_a_conflict_and_changes_nothing) {
  ASSERT_TRUE(write(keeping(1, "first")));
  auto second = keeping(1, "second", morning + 24h - 1ms);
  second.slot.fingerprint = filled<keyed_hash>(9);
  EXPECT_EQ(code_of(write(second)), ec::conflict);
  EXPECT_EQ(kept(1)->answer.body.reveal(), "first");
  EXPECT_EQ(kept(1)->fingerprint, filled<keyed_hash>(2));
}

TEST_P(answer_contract, of_two_in_one_batch_the_first_is_kept) {
  ASSERT_FALSE(writer->begin());
  const auto first = writer->apply(keeping(1, "first"));
  const auto second = writer->apply(keeping(1, "second"));
  const auto other = writer->apply(keeping(5, "other"));
  ASSERT_FALSE(writer->commit());
  EXPECT_EQ(code_of(first), ec::none);
  EXPECT_EQ(code_of(second), ec::conflict);
  EXPECT_EQ(code_of(other), ec::none);
  EXPECT_EQ(kept(1)->answer.body.reveal(), "first");
  EXPECT_TRUE(kept(5));
}

TEST_P(answer_contract, a_name_whose_time_is_over_may_be_used_anew) {
  auto brief = keeping(1, "first");
  brief.slot.keep = 60s;
  ASSERT_TRUE(write(brief));
  EXPECT_EQ(code_of(write(keeping(1, "second", morning + 59s))), ec::conflict);
  EXPECT_TRUE(kept(1)); // until somebody forgets it
  ASSERT_TRUE(write(keeping(1, "second", morning + 60s)));
  EXPECT_EQ(kept(1)->answer.body.reveal(), "second");
  EXPECT_EQ(kept(1)->at, morning + 60s);
}
