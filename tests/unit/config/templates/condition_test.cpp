#include "config/templates/condition.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weappd::templates {
namespace {

const event_data data{
    {"amount", {.kind = event_value::type::number, .text = "100", .number = 100}},
    {"status", {.kind = event_value::type::text, .text = "paid", .number = 0}},
    {"note", {.kind = event_value::type::text, .text = "a, b", .number = 0}},
    {"digits", {.kind = event_value::type::text, .text = "100", .number = 0}},
    {"vip", {.kind = event_value::type::truth, .text = "true", .number = 0}},
    {"word", {.kind = event_value::type::text, .text = "true", .number = 0}},
};

bool holds(const std::string& text) {
  const auto parsed = condition::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed && parsed->holds(data);
}

TEST(condition, holds) {
  for (const auto* text : {"amount == 100",
                           "amount==100",
                           "amount == 100.0",
                           "amount != 99",
                           "amount < 100.5",
                           "amount <= 100",
                           "amount > -1",
                           "amount >= 100",
                           "amount>=100",
                           "  amount  >=  100  ",
                           "amount in [1, 100]",
                           "status == paid",
                           "status == \"paid\"",
                           "status != done",
                           "status in [paid, done]",
                           "status in[paid]",
                           "status in [ done , \"paid\" ]",
                           "note == \"a, b\"",
                           "note in [x, \"a, b\", y]",
                           "digits == 100",
                           "digits == \"100\"",
                           "vip == true",
                           "vip != false",
                           "word == true",
                           "word == \"true\"",
                           "vip exists",
                           "status exists",
                           "amount != paid",
                           "vip != \"true\""})
    EXPECT_TRUE(holds(text)) << text;
}

TEST(condition, does_not_hold) {
  for (const auto* text :
       {"amount == 101", "amount == \"100\"", "amount == paid", "amount != 100", "amount < 100",
        "amount <= 99.9", "amount > 100", "amount >= 101", "amount in [1, 2]", "status == done",
        "status == Paid", "status in [done]", "status != paid", "digits >= 100", "vip == false",
        "vip == \"true\"", "vip > 0", "status < 5"})
    EXPECT_FALSE(holds(text)) << text;
}

TEST(condition, on_a_name_that_is_missing_does_not_hold) {
  for (const auto* text : {"coupon exists", "coupon == 1", "coupon != 1", "coupon < 1", "coupon in [1]"})
    EXPECT_FALSE(holds(text)) << text;
}

TEST(condition, knows_its_name) {
  EXPECT_EQ(condition::parse("amount>=100")->name(), "amount");
}

TEST(condition, that_is_not_one_is_refused) {
  for (const auto* text : {"",
                           " ",
                           "amount",
                           "== 1",
                           "amount ==",
                           "amount = 1",
                           "amount === 1",
                           "amount => 1",
                           "amount < paid",
                           "amount < \"1\"",
                           "amount < true",
                           "amount >= 1.",
                           "amount >= 1e3",
                           "amount == a b",
                           "1amount == 1",
                           "a.b == 1",
                           "amount in",
                           "amount in []",
                           "amount in [",
                           "amount in [1",
                           "amount in 1",
                           "amount in [1,]",
                           "amount in [,1]",
                           "amount in [[1]]",
                           "amount exists 1",
                           "amount missing",
                           "amount == \"a",
                           "amount == a\"b",
                           "amount == \"a\"b\"",
                           "amount == [1]",
                           "!amount",
                           "amount == 1 2",
                           "amount in [1] 2",
                           "amount in [\"a\" b]"})
    EXPECT_FALSE(is_condition(text)) << text;
}

TEST(conditions, all_hold_or_they_do_not) {
  EXPECT_TRUE(all_hold({}, data));
  EXPECT_TRUE(all_hold({"amount >= 100", "status == paid"}, data));
  EXPECT_FALSE(all_hold({"amount >= 100", "status == done"}, data));
  EXPECT_FALSE(all_hold({"amount >= 100", "nonsense"}, data));
}

} // namespace
} // namespace weappd::templates
