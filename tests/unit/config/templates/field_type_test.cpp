#include "config/templates/field_type.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weappd::templates {
namespace {

/// The same code point many times.
std::string times(std::size_t count, std::string_view what) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i)
    out += what;
  return out;
}

struct rule {
  std::string_view field;
  std::vector<std::string> fitting;
  std::vector<std::string> too_long;
  std::vector<std::string> invalid_characters;
  std::vector<std::string> wrong_format;
};

void PrintTo(const rule& one, std::ostream* out) {
  *out << one.field;
}

const std::vector<rule> rules{
    {"thing1",
     {"x", "订单 #1, 已付款!🎉", times(20, "元"), times(20, "🎉")},
     {times(21, "a")},
     {"a\nb", "\xff"},
     {}},
    {"number2",
     {"0", "10.5", std::string(32, '1')},
     {std::string(33, '1')},
     {"1,000", "-1", "一", "1 ", "1e3"},
     {".", ".5", "5.", "1..2", "1.2.3"}},
    {"letter3", {"a", "Z", std::string(32, 'x')}, {std::string(33, 'x')}, {"a1", "a b", "é", "字"}, {}},
    {"symbol4", {"!", "%$#@!", "，。！？、", "→★￥"}, {"!!!!!!"}, {"a", "1", "中", "! !", "Ａ", "é"}, {}},
    {"character_string5",
     {"SN-2019_10/01", "a b", std::string(32, '~')},
     {std::string(33, 'a')},
     {"订单1", "é", "…", "a\tb"},
     {}},
    {"amount6",
     {"1", "¥100", "￥99.90", "$1", "€12", "100元", "¥0.01元", "1234567890", "¥12345678.90"},
     {"12345678901", "¥123456789.12"},
     {"a", "一百元", "1元元", "1USD"},
     {"¥", "元", "¥¥1", "1.", ".1", "1.2.3", "1,000", "-1", "1 元", "1¥"}},
    {"phone_number7",
     {"1", "+86-0766-66888866", "(020)12345"},
     {"+86-0766-668888660"},
     {"1a", "一", "1 2"},
     {"+", "--"}},
    {"car_number8",
     {"粤A8Z888挂", "A", "粤", "AB12345C", "粤B12345"},
     {"粤A8Z8888挂"},
     {"粤A-123", "粤A 123"},
     {"粤粤123", "A粤1"}},
    {"name9",
     {"张三", times(10, "张"), std::string(20, 'x'), "John O'Neil", "José", "买买提·吐尔逊", "张三 Li"},
     {times(11, "张"), std::string(21, 'x'), "张" + std::string(10, 'x')},
     {"张3", "R2"},
     {}},
    {"phrase10", {"已付款", times(5, "好")}, {times(6, "好")}, {"ok", "好1", "好！", "好 "}, {}},
};

class field_rule : public testing::TestWithParam<rule> {};

TEST_P(field_rule, accepts_and_refuses_as_the_platform_does) {
  const auto& given = GetParam();
  const auto type = field_type_of(given.field);
  ASSERT_TRUE(type);
  const auto expect = [&](const std::vector<std::string>& texts, std::string_view problem) {
    for (const auto& text : texts)
      EXPECT_EQ(check_text(type, text), problem) << text;
  };
  expect(given.fitting, "");
  expect(given.too_long, "too_long");
  expect(given.invalid_characters, "invalid_characters");
  expect(given.wrong_format, "wrong_format");
  expect({""}, "required");
}

INSTANTIATE_TEST_SUITE_P(table, field_rule, testing::ValuesIn(rules),
                         [](const auto& one) { return std::string(one.param.field); });

TEST(field_type, is_the_name_without_its_number) {
  EXPECT_EQ(field_type_of("thing1"), field_type::thing);
  EXPECT_EQ(field_type_of("thing01"), field_type::thing);
  EXPECT_EQ(field_type_of("character_string12"), field_type::character_string);
  EXPECT_EQ(field_type_of("enum3"), field_type::enum_);
  EXPECT_EQ(field_type_of("enum_string3"), field_type::enum_string);
  for (const auto* name : {"", "1", "thing", "Thing1", "things1", "thing1a", "thing_1", "first", "keyword1"})
    EXPECT_FALSE(field_type_of(name)) << name;
}

TEST(field_type, has_the_name_that_fields_begin_with) {
  for (const auto* name : {"thing", "number", "letter", "symbol", "character_string", "time", "date",
                           "amount", "phone_number", "car_number", "name", "phrase", "enum", "enum_string"}) {
    const auto type = field_type_of(name + std::string("1"));
    ASSERT_TRUE(type) << name;
    EXPECT_EQ(to_string(*type), name);
  }
}

TEST(field_type, of_choices_knows_no_other_text) {
  const std::vector<std::string> choices{"已付款", "paid"};
  for (const auto type : {field_type::enum_, field_type::enum_string}) {
    EXPECT_TRUE(has_choices(type));
    EXPECT_EQ(check_text(type, "paid", choices), "");
    EXPECT_EQ(check_text(type, "已付款", choices), "");
    EXPECT_EQ(check_text(type, "Paid", choices), "wrong_format");
    EXPECT_EQ(check_text(type, "", choices), "required");
    EXPECT_EQ(check_text(type, "paid"), "wrong_format");
  }
  EXPECT_FALSE(has_choices(field_type::thing));
  EXPECT_FALSE(has_choices(std::nullopt));
}

TEST(field_type, unknown_is_any_line_of_200) {
  EXPECT_EQ(check_text(std::nullopt, times(200, "元")), "");
  EXPECT_EQ(check_text(std::nullopt, times(201, "元")), "too_long");
  EXPECT_EQ(check_text(std::nullopt, "a\nb"), "invalid_characters");
  EXPECT_EQ(check_text(std::nullopt, ""), "required");
}

TEST(field_type, a_time_and_a_date_are_judged_by_their_form) {
  EXPECT_EQ(check_text(field_type::time, "15:01"), "");
  EXPECT_EQ(check_text(field_type::time, "2019-10-01"), "wrong_format");
  EXPECT_EQ(check_text(field_type::date, "2019-10-01"), "");
  EXPECT_EQ(check_text(field_type::date, "15:01"), "wrong_format");
  EXPECT_EQ(check_text(field_type::date, "2019-10-01\n"), "invalid_characters");
}

TEST(shorten, keeps_what_fits_and_cuts_what_does_not_to_exactly_the_limit) {
  EXPECT_EQ(shorten(field_type::thing, times(20, "元")), times(20, "元"));
  EXPECT_EQ(shorten(field_type::thing, times(21, "元")), times(19, "元") + "…");
  EXPECT_EQ(shorten(field_type::thing, "a" + times(25, "🎉")), "a" + times(18, "🎉") + "…");
  EXPECT_EQ(shorten(field_type::character_string, std::string(33, 'a')), std::string(29, 'a') + "...");
  EXPECT_EQ(shorten(std::nullopt, times(201, "é")), times(199, "é") + "…");
  for (const auto type : {std::optional(field_type::thing), std::optional(field_type::character_string),
                          std::optional<field_type>()})
    EXPECT_EQ(check_text(type, shorten(type, std::string(1'000, 'x'))), "");
}

TEST(shorten, leaves_alone_what_would_mean_something_else) {
  EXPECT_TRUE(can_shorten(field_type::thing));
  EXPECT_TRUE(can_shorten(std::nullopt));
  for (const auto type : {field_type::number, field_type::amount, field_type::date, field_type::phone_number,
                          field_type::enum_, field_type::phrase}) {
    EXPECT_FALSE(can_shorten(type));
    EXPECT_EQ(shorten(type, std::string(40, '1')), std::string(40, '1'));
  }
  const auto broken = std::string(40, 'a') + "\xff";
  EXPECT_EQ(shorten(field_type::thing, broken), broken);
}

} // namespace
} // namespace weappd::templates
