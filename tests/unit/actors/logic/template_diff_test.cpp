#include "actors/logic/template_diff.hpp"

#include "tests/kit/actors/world.hpp"

#include <gtest/gtest.h>

namespace weappd {
namespace {

using kind = template_difference::kind;

struct template_diff_test : ::testing::Test {
  options config = world_options();
  std::vector<platform_template> there{
      {"tmpl-ticket-ready", true, {"thing1", "date2"}},
      {"of-nobody", false, {"thing9"}},
      {"tmpl-order-paid", false, {"thing4", "time3", "amount2", "character_string1"}}};
  std::vector<template_difference> diff() { return diff_templates(config, {"demo"}, there); }
};

TEST_F(template_diff_test, equal_templates_do_not_differ_whatever_the_order_of_their_fields) {
  EXPECT_EQ(diff(), std::vector<template_difference>{});
}

TEST_F(template_diff_test, a_template_that_the_platform_does_not_have_is_named) {
  there.pop_back();
  EXPECT_EQ(diff(), (std::vector<template_difference>{{kind::missing_template, "custom:order_paid", ""}}));
  EXPECT_NE(sentence_of(diff()[0]).find("custom:order_paid"), std::string::npos);
}

TEST_F(template_diff_test, another_life_is_a_difference) {
  there[0].long_term = false;
  there[2].long_term = true;
  EXPECT_EQ(diff(), (std::vector<template_difference>{{kind::wrong_life, "custom:order_paid", ""},
                                                      {kind::wrong_life, "custom:ticket_ready", ""}}));
}

TEST_F(template_diff_test, missing_and_extra_fields_are_named_and_case_counts) {
  there[0].fields = {"Thing1", "date2"};
  EXPECT_EQ(diff(), (std::vector<template_difference>{{kind::missing_field, "custom:ticket_ready", "Thing1"},
                                                      {kind::extra_field, "custom:ticket_ready", "thing1"}}));
  EXPECT_NE(sentence_of(diff()[0]).find("Thing1"), std::string::npos);
  EXPECT_NE(sentence_of(diff()[1]).find("no field thing1"), std::string::npos);
}

TEST_F(template_diff_test, templates_of_other_apps_and_kinds_are_not_looked_at) {
  config.templates["custom:ticket_ready"].app = "another";
  config.templates["custom:order_paid"].kind = template_kind::template_;
  there.clear();
  EXPECT_EQ(diff(), std::vector<template_difference>{});
}

TEST_F(template_diff_test, a_template_without_an_app_is_the_default_apps) {
  config.templates["custom:order_paid"].app.clear();
  there.pop_back();
  EXPECT_EQ(diff().size(), 1u);
}

} // namespace
} // namespace weappd
