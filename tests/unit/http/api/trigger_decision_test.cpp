#include "http/api/trigger_decision.hpp"

#include <gtest/gtest.h>

namespace weappd::http {
namespace {

using std::chrono::milliseconds;
using type = templates::event_value::type;
using list = std::vector<std::string>;

const timestamp noon_utc(milliseconds(1'795'608'000'000)); // 2026-11-25T12:00:00Z, 20:00 in China

template_options form() {
  template_options one;
  one.page = "pages/order";
  one.fields["character_string1"] = {};
  one.fields["thing4"] = {};
  return one;
}

templates::event_data event() {
  return {{"character_string1", {.kind = type::text, .text = "A-17", .number = 0}},
          {"thing4", {.kind = type::text, .text = "tea", .number = 0}},
          {"amount", {.kind = type::number, .text = "120", .number = 120}},
          {"vip", {.kind = type::truth, .text = "true", .number = 0}}};
}

trigger_sends sent(const trigger_options& trigger, timestamp now = noon_utc) {
  auto decided = decide(trigger, form(), event(), now);
  const auto* message = std::get_if<trigger_sends>(&decided);
  EXPECT_NE(message, nullptr);
  return message != nullptr ? *message : trigger_sends{};
}

list problems(const trigger_options& trigger, const templates::event_data& data) {
  auto decided = decide(trigger, form(), data, noon_utc);
  list words;
  if (const auto* misfits = std::get_if<trigger_misfits>(&decided))
    for (const auto& one : misfits->problems)
      words.push_back(one.field + ": " + std::string(one.word));
  return words;
}

TEST(trigger_decision, takes_of_an_event_what_the_template_takes) {
  const auto message = sent({});
  EXPECT_EQ(message.data, (field_values{{"character_string1", "A-17"}, {"thing4", "tea"}}));
  EXPECT_EQ(message.page, "pages/order");
  EXPECT_EQ(message.priority, message_priority::normal);
  EXPECT_EQ(message.send_at, noon_utc);
  EXPECT_FALSE(message.not_after);
  EXPECT_EQ(message.dedup_key, "");
}

TEST(trigger_decision, maps_texts_with_variables_of_the_event) {
  trigger_options trigger;
  trigger.data = {{"character_string1", "No {{character_string1}}"}, {"thing4", "{{amount}} yuan, {{vip}}"}};
  trigger.page = "pages/other";
  trigger.priority = push_priority::bulk;
  trigger.dedup_key = "order {{character_string1}}";
  const auto message = sent(trigger);
  EXPECT_EQ(message.data, (field_values{{"character_string1", "No A-17"}, {"thing4", "120 yuan, true"}}));
  EXPECT_EQ(message.page, "pages/other");
  EXPECT_EQ(message.priority, message_priority::bulk);
  EXPECT_EQ(message.dedup_key, "order A-17");
}

TEST(trigger_decision, drops_at_the_first_condition_that_does_not_hold_and_says_which) {
  trigger_options trigger;
  trigger.when = {"vip == true", "amount >= 121", "amount >= 500"};
  auto decided = decide(trigger, form(), event(), noon_utc);
  ASSERT_TRUE(std::holds_alternative<trigger_drops>(decided));
  EXPECT_EQ(std::get<trigger_drops>(decided).condition, "amount >= 121");
  trigger.when = {"vip == true", "amount >= 120"};
  (void)sent(trigger);
}

TEST(trigger_decision, drops_before_it_looks_at_the_data) {
  trigger_options trigger;
  trigger.when = {"vip == true"};
  EXPECT_TRUE(std::holds_alternative<trigger_drops>(decide(trigger, form(), {}, noon_utc)));
}

TEST(trigger_decision, names_what_the_event_lacks_and_what_does_not_fit) {
  EXPECT_EQ(problems({}, {}), (list{"data.character_string1: required", "data.thing4: required"}));
  trigger_options trigger;
  trigger.data = {{"character_string1", "{{number}}"}, {"thing4", "{{number}} {{name}}"}};
  trigger.dedup_key = "{{order}}";
  EXPECT_EQ(problems(trigger, event()),
            (list{"data.number: required", "data.name: required", "data.order: required"}));
  auto wrong = event();
  wrong["thing4"].text = std::string(21, 'x');
  EXPECT_EQ(problems({}, wrong), list{"data.thing4: too_long"});
}

TEST(trigger_decision, waits_for_its_delay_and_the_end_of_the_quiet_hours) {
  trigger_options trigger;
  trigger.delay_s = 3'600;
  trigger.expires_s = 7'200;
  EXPECT_EQ(sent(trigger).send_at, noon_utc + std::chrono::hours(1));
  EXPECT_EQ(sent(trigger).not_after, noon_utc + std::chrono::hours(2));
  trigger.quiet_hours = "21:00-08:00"; // from 13:00 to 00:00 UTC
  EXPECT_EQ(sent(trigger).send_at, noon_utc + std::chrono::hours(12));
  trigger.utc_offset_min = 0;
  EXPECT_EQ(sent(trigger).send_at, noon_utc + std::chrono::hours(1));
}

} // namespace
} // namespace weappd::http
