#include "store_contract.hpp"

#include <algorithm>

using namespace weappd;
using namespace std::chrono_literals;

class ban_contract : public store_contract {
protected:
  std::vector<address_ban> all() {
    auto found = reader->read(load_bans{});
    EXPECT_EQ(code_of(found), ec::none);
    auto items = found ? std::move(found->items) : std::vector<address_ban>{};
    std::ranges::sort(items, {}, &address_ban::who);
    return items;
  }
  static address_ban sample(std::uint64_t number) {
    // Every bit of an address counts, also the one that makes a signed number negative.
    return {.who = {0x8000'0000'0000'0000 + number, ~number},
            .since = morning,
            .until = morning + 1ms * static_cast<int>(number),
            .times = static_cast<std::uint32_t>(number),
            .why = static_cast<ban_reason>(number % 3)};
  }
};
INSTANTIATE_TEST_SUITE_P(stores, ban_contract, ::testing::ValuesIn(store_kind_names()), name_of_kind);

TEST_P(ban_contract, an_empty_store_has_none) {
  EXPECT_TRUE(all().empty());
}

TEST_P(ban_contract, what_is_put_is_there_in_every_field_also_when_opened_again) {
  const std::vector<address_ban> some{sample(1), sample(2), sample(3)};
  ASSERT_EQ(code_of(write(save_bans{.put = some})), ec::none);
  EXPECT_EQ(all(), some);
  reader.reset();
  writer.reset();
  store = store_kind_named(GetParam()).open(folder.path());
  reader = std::move(*store->open_reader());
  EXPECT_EQ(all(), some);
}

TEST_P(ban_contract, a_later_ban_takes_the_place_of_the_earlier_one) {
  ASSERT_EQ(code_of(write(save_bans{.put = {sample(1), sample(2)}})), ec::none);
  auto longer = sample(1);
  longer.since += 1h;
  longer.until += 2h;
  longer.times = 7;
  longer.why = ban_reason::operators;
  ASSERT_EQ(code_of(write(save_bans{.put = {longer}})), ec::none);
  EXPECT_EQ(all(), (std::vector{longer, sample(2)}));
}

TEST_P(ban_contract, what_is_gone_is_gone_and_nobody_else) {
  ASSERT_EQ(code_of(write(save_bans{.put = {sample(1), sample(2), sample(3)}})), ec::none);
  ASSERT_EQ(code_of(write(save_bans{.put = {sample(4)}, .gone = {sample(2).who, sample(9).who}})), ec::none);
  EXPECT_EQ(all(), (std::vector{sample(1), sample(3), sample(4)}));
}

TEST_P(ban_contract, a_batch_that_is_rolled_back_changes_nothing) {
  ASSERT_EQ(code_of(write(save_bans{.put = {sample(1)}})), ec::none);
  ASSERT_FALSE(writer->begin());
  ASSERT_TRUE(writer->apply(save_bans{.put = {sample(2)}, .gone = {sample(1).who}}));
  writer->rollback();
  EXPECT_EQ(all(), std::vector{sample(1)});
}
