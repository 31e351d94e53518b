#include "config/templates/compose.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace weappd::templates {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

field_options with_text(std::string text, fit_rule fit = fit_rule::refuse) {
  return {.text = std::move(text), .fit = fit, .color = {}, .choices = {}};
}

template_options order_paid() {
  template_options which;
  which.fields["amount2"] = {};
  which.fields["character_string1"] = with_text("NO-{{number}}");
  which.fields["thing4"] = with_text("{{shop}} {{number}}", fit_rule::truncate);
  return which;
}

TEST(compose, gives_the_texts_in_the_order_of_the_fields) {
  const auto made = compose(order_paid(), {{"number", "17"}, {"amount2", "¥1"}, {"shop", "茶"}});
  EXPECT_THAT(made.problems, IsEmpty());
  EXPECT_THAT(made.fields, ElementsAre(Pair("amount2", "¥1"), Pair("character_string1", "NO-17"),
                                       Pair("thing4", "茶 17")));
}

TEST(compose, shortens_where_the_field_says_so) {
  const auto made =
      compose(order_paid(), {{"number", "17"}, {"amount2", "1"}, {"shop", std::string(30, 'x')}});
  EXPECT_THAT(made.problems, IsEmpty());
  EXPECT_EQ(made.fields.back().second, std::string(19, 'x') + "…");
}

TEST(compose, says_everything_that_is_wrong_under_the_name_of_who_is_at_fault) {
  const auto made = compose(order_paid(), {{"number", "十七"}, {"amount2", ""}, {"thing4", "x"}, {"a", "x"}});
  EXPECT_THAT(made.problems,
              ElementsAre(member_problem{"amount2", "required"},
                          member_problem{"character_string1", "invalid_characters"},
                          member_problem{"shop", "required"}, member_problem{"a", "unknown_field"},
                          member_problem{"thing4", "unknown_field"}));
}

TEST(compose, tells_a_variable_that_is_missing_once) {
  EXPECT_THAT(compose(order_paid(), {{"amount2", "1"}, {"shop", "s"}}).problems,
              ElementsAre(member_problem{"number", "required"}));
}

TEST(compose, lets_a_variable_be_empty_if_the_text_is_not) {
  auto which = order_paid();
  EXPECT_THAT(compose(which, {{"amount2", "1"}, {"shop", "s"}, {"number", ""}}).problems, IsEmpty());
  which.fields["character_string1"].text = "{{number}}";
  EXPECT_THAT(compose(which, {{"amount2", "1"}, {"shop", "s"}, {"number", ""}}).problems,
              ElementsAre(member_problem{"character_string1", "required"}));
}

TEST(compose, knows_the_choices_of_a_field) {
  template_options which;
  which.fields["enum1"].choices = {"a", "b"};
  EXPECT_THAT(compose(which, {{"enum1", "b"}}).problems, IsEmpty());
  EXPECT_THAT(compose(which, {{"enum1", "c"}}).problems,
              ElementsAre(member_problem{"enum1", "wrong_format"}));
}

TEST(compose, bounds_each_value_before_it_is_used) {
  auto which = order_paid();
  which.fields["thing4"].text.clear();
  const auto with = [&](std::size_t size) {
    return compose(which, {{"number", "1"}, {"amount2", "1"}, {"thing4", std::string(size, 'x')}}).problems;
  };
  EXPECT_THAT(with(4'096), IsEmpty());
  EXPECT_THAT(with(4'097), ElementsAre(member_problem{"thing4", "too_long"}));
}

TEST(compose, takes_any_line_for_a_field_of_no_known_type) {
  template_options which;
  which.fields["first"] = {};
  EXPECT_THAT(compose(which, {{"first", "anything 元"}}).fields, ElementsAre(Pair("first", "anything 元")));
}

TEST(members_of, are_fields_without_a_text_and_the_variables_of_the_others) {
  EXPECT_THAT(members_of(order_paid()), ElementsAre("amount2", "number", "shop"));
  auto which = order_paid();
  which.fields["thing5"] = with_text("no variable");
  EXPECT_THAT(members_of(which), ElementsAre("amount2", "number", "shop"));
}

} // namespace
} // namespace weappd::templates
