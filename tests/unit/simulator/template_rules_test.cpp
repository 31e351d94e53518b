#include "simulator/template_rules.hpp"

#include "simulator/date_text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weappd::simulator {
namespace {

using nlohmann::json;

std::string times(int n, const std::string& text) {
  std::string out;
  for (int i = 0; i < n; ++i)
    out += text;
  return out;
}

struct rule_case {
  std::string field;
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

class template_rules_test : public testing::TestWithParam<rule_case> {};

TEST_P(template_rules_test, the_kind_decides_what_a_field_may_hold) {
  const auto& each = GetParam();
  for (const auto& text : each.good)
    EXPECT_TRUE(may_hold(each.field, text, {})) << each.field << ' ' << text;
  for (const auto& text : each.bad)
    EXPECT_FALSE(may_hold(each.field, text, {})) << each.field << ' ' << text;
}

INSTANTIATE_TEST_SUITE_P(
    all_kinds, template_rules_test,
    testing::Values(rule_case{"thing1",
                              {"a", "订单 #1 已付!", times(20, "字"), times(20, "😀")},
                              {times(21, "字"), times(21, "a")}},
                    rule_case{"thing01", {times(20, "a")}, {times(21, "a")}},
                    rule_case{"number2",
                              {"0", "12.50", times(32, "1")},
                              {times(33, "1"), "1.", ".5", "1.2.3", "-1", "1 2", "一"}},
                    rule_case{"letter3", {"Abc", times(32, "z")}, {times(33, "z"), "a1", "a b", "字"}},
                    rule_case{"symbol4", {"!", "★☆!?,", "，。"}, {"!!!!!!", "a", "1", "字", "! !"}},
                    rule_case{"character_string5", {"A-1_b/2", times(32, "x")}, {times(33, "x"), "A字"}},
                    rule_case{"amount6",
                              {"¥100", "￥1234567890.55", "$0.5", "100元", "€1", "100", "¥1元"},
                              {"¥12345678901", "¥", "元", "¥¥1", "1,000", "100.", "人民币1", "1美元"}},
                    rule_case{"phone_number7",
                              {"+86-0766-66888866", "13800138000", "(020) 1234"},
                              {times(18, "1"), "+-", "1380013800a", "一三八"}},
                    rule_case{"car_number8",
                              {"粤A8Z888挂", "A8Z888", "粤A12345"},
                              {"粤A8Z8888挂", "粤粤A8888", "A-1", "A 1"}},
                    rule_case{"name9",
                              {"张三", times(10, "字"), times(20, "a"), "Anne-Marie O'Neil", "张Anna"},
                              {times(11, "字"), times(21, "a"), "张" + times(10, "a"), "R2"}},
                    rule_case{"phrase10", {"配送中", times(5, "字")}, {times(6, "字"), "ok", "配送!"}},
                    rule_case{"keyword1", {times(200, "字"), "1"}, {"a\nb"}},
                    rule_case{"first", {"hello"}, {"\x7f"}}));

TEST(template_rules_test, no_kind_takes_control_characters) {
  for (const std::string field : {"thing1", "symbol1", "character_string1", "name1", "enum1"})
    for (const std::string text : {"\n", "a\tb", "\x1f", "\x7f", "\xc2\x85", "\xe2\x80\xa8"})
      EXPECT_FALSE(may_hold(field, text, {})) << field;
}

TEST(template_rules_test, an_enum_field_takes_its_choices_alone) {
  for (const std::string field : {"enum1", "enum_string2"}) {
    EXPECT_TRUE(may_hold(field, "one", {"one", "two"}));
    EXPECT_FALSE(may_hold(field, "One", {"one", "two"}));
    EXPECT_TRUE(may_hold(field, "any", {}));
  }
}

TEST(template_rules_test, the_example_of_each_kind_keeps_its_rule) {
  for (const std::string kind : {"thing", "number", "letter", "symbol", "character_string", "time", "date",
                                 "amount", "phone_number", "car_number", "name", "phrase", "enum", "other"})
    EXPECT_TRUE(may_hold(kind + "1", sample_of(kind + "1").example, {})) << kind;
}

TEST(template_rules_test, the_kind_is_the_name_without_its_number) {
  EXPECT_EQ(kind_of_field("thing12"), "thing");
  EXPECT_EQ(kind_of_field("character_string1"), "character_string");
  EXPECT_EQ(kind_of_field("first"), "first");
  EXPECT_EQ(kind_of_field("12"), "");
}

TEST(check_data_test, the_texts_come_in_the_order_of_the_template) {
  const template_definition of{.id = "t", .fields = {"thing2", "thing1"}};
  const auto checked = check_data(
      of, {{"thing1", {{"value", "one"}}}, {"thing2", {{"value", "two"}}}, {"more", {{"value", ""}}}});
  EXPECT_EQ(checked.problem, "");
  EXPECT_EQ(checked.texts, (std::vector<std::string>{"two", "one"}));
}

TEST(check_data_test, the_first_wrong_field_is_named_in_the_words_of_wechat) {
  const template_definition of{.id = "t", .fields = {"thing4", "enum1"}, .choices = {{"enum1", {"a"}}}};
  const auto problem = [&of](const json& data) { return check_data(of, data).problem; };
  EXPECT_EQ(problem({{"enum1", {{"value", "a"}}}}), "argument invalid! data.thing4.value is empty");
  EXPECT_EQ(problem({{"thing4", "text"}}), "argument invalid! data.thing4.value is empty");
  EXPECT_EQ(problem({{"thing4", json::object()}}), "argument invalid! data.thing4.value is empty");
  EXPECT_EQ(problem({{"thing4", {{"value", ""}}}}), "argument invalid! data.thing4.value is empty");
  EXPECT_EQ(problem({{"thing4", {{"value", 7}}}}), "argument invalid! data.thing4.value invalid");
  EXPECT_EQ(problem({{"thing4", {{"value", std::string(21, 'a')}}}}),
            "argument invalid! data.thing4.value invalid");
  EXPECT_EQ(problem({{"thing4", {{"value", "ok"}}}, {"enum1", {{"value", "b"}}}}),
            "argument invalid! data.enum1.value invalid");
  EXPECT_EQ(problem(json()), "argument invalid! data is empty");
  EXPECT_EQ(problem(json::array()), "argument invalid! data is empty");
}

TEST(date_text_test, a_time_is_of_24_hours_with_or_without_a_date_or_an_end) {
  for (const std::string text :
       {"15:01", "15:01:30", "0:00", "2019年10月1日 15:01", "2019年10月1日15:01", "2019-10-01 15:01:30",
        "10月1日 15:01", "15:01~16:30", "2019年10月1日 15:01~16:30", "2019-10-01 15:01 ~ 2019-10-02 16:30"})
    EXPECT_TRUE(is_time_text(text)) << text;
  for (const std::string text : {"", "24:00", "15:60", "15:1", "15:01:60", "15", "15:01 PM", "2019年10月1日",
                                 "15:01~", "~15:01", "15:01~16:30~17:00", "15:01-16:30", "2019-02-30 15:01",
                                 " 15:01", "15:01~2019-10-01", "下午3点", "99999999999:01"})
    EXPECT_FALSE(is_time_text(text)) << text;
}

TEST(date_text_test, a_date_has_one_of_the_forms_of_wechat_with_or_without_a_time_or_an_end) {
  for (const std::string text :
       {"2019年10月1日", "2019年10月", "10月1日", "2019-10-01", "2019/10/1", "2019.10.01", "2019-10", "10-01",
        "10/1", "2019年10月1日 15:01", "2019-10-01~2019-10-07", "2019年10月1日 ~ 10月7日",
        "2019-10-01 15:01~16:00", "02-29", "2024-02-29", "2019-10-01 15:01~2019-10-02"})
    EXPECT_TRUE(is_date_text(text)) << text;
  for (const std::string text :
       {"", "2019", "2019-13-01", "2019-00-10", "2019-02-29", "2019-10-32", "2019-10/01", "2019-10-01-02",
        "19-10-01", "20191001", "15:01", "2019-10-01~", "2019-10-01~16:00", "2019年10月1", "10月", "today",
        "2019-10-01 ", "02019-10-01"})
    EXPECT_FALSE(is_date_text(text)) << text;
}

} // namespace
} // namespace weappd::simulator
