#include "config/schema.hpp"

#include "config/option_value.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <variant>

namespace weappd {
namespace {

using form = given_value::form;

TEST(schema, names_each_option_once_and_each_member_once) {
  options values;
  std::set<std::string_view> paths;
  std::set<const void*> members;
  for (const auto& row : schema()) {
    EXPECT_TRUE(paths.insert(row.path).second) << row.path;
    EXPECT_FALSE(row.sentence.empty()) << row.path;
    EXPECT_EQ(row.sentence.back(), '.') << row.path;
    const auto where = row.find(values, {"x", "x"});
    if (const auto* from_file = std::get_if<secret_from_file>(&where)) {
      EXPECT_TRUE(from_file->target == &values.apps["x"].app_secret ||
                  from_file->target == &values.admin.token ||
                  from_file->target == &values.challenge.captcha.service_secret);
      continue;
    }
    const auto* member = std::visit(
        [](auto found) -> const void* {
          if constexpr (std::is_pointer_v<decltype(found)>)
            return found;
          else if constexpr (std::is_same_v<decltype(found), choice>)
            return found.member();
          else
            return nullptr;
        },
        where);
    EXPECT_TRUE(members.insert(member).second) << row.path << " shares its member with another option";
  }
}

/// The limits of the type of a member that holds an integer.
struct type_limits {
  std::int64_t least = 1;
  std::int64_t most = 0;
};
struct limits_of {
  template <class T>
  type_limits operator()(T* /*member*/) const {
    if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>)
      return {std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
    else
      return {};
  }
  type_limits operator()(const secret_from_file& /*unused*/) const { return {}; }
  type_limits operator()(const choice& /*unused*/) const { return {}; }
};

TEST(schema, each_range_is_within_the_type_and_holds_the_default) {
  int integers = 0;
  for (const auto& row : schema()) {
    options values;
    const auto where = row.find(values, {"login", "x"});
    const auto type = std::visit(limits_of{}, where);
    if (type.least > type.most)
      continue;
    ++integers;
    EXPECT_LT(row.range.least, row.range.most) << row.path;
    EXPECT_GE(row.range.least, type.least) << row.path;
    EXPECT_LE(row.range.most, type.most) << row.path;
    const auto standard = std::stoll(written(where));
    EXPECT_GE(standard, row.range.least) << row.path;
    EXPECT_LE(standard, row.range.most) << row.path;
  }
  EXPECT_GT(integers, 50);
}

/// Texts that must be given.
const std::set<std::string_view> has_no_default{"apps.<key>.app_id", "clients.<id>.secret_hash",
                                                "templates.<name>.template_id", "triggers.<name>.event",
                                                "triggers.<name>.template"};

TEST(schema, each_text_has_a_check_that_accepts_its_default_and_words_that_say_what_it_accepts) {
  for (const auto& row : schema()) {
    options values;
    const auto where = row.find(values, {"x", "x"});
    const auto* text = std::get_if<std::string*>(&where);
    if (text == nullptr)
      continue;
    EXPECT_NE(allowed_of(row), "") << row.path;
    if (has_no_default.contains(row.path))
      continue;
    EXPECT_EQ(set_value(row, where, {.kind = form::quoted, .text = **text, .items = {}}), "") << row.path;
  }
}

TEST(schema, a_number_is_accepted_at_both_ends_of_its_range_and_not_beyond) {
  for (const auto& row : schema()) {
    options values;
    const auto where = row.find(values, {"login", "x"});
    if (type_of(row) != "integer")
      continue;
    const auto set = [&](std::int64_t n) {
      return set_value(row, where, {.kind = form::plain, .text = std::to_string(n), .items = {}});
    };
    EXPECT_EQ(set(row.range.least), "") << row.path;
    EXPECT_EQ(written(where), std::to_string(row.range.least)) << row.path;
    EXPECT_EQ(set(row.range.most), "") << row.path;
    EXPECT_EQ(written(where), std::to_string(row.range.most)) << row.path;
    EXPECT_EQ(set(row.range.least - 1), "is out of range") << row.path;
    EXPECT_EQ(set(row.range.most + 1), "is out of range") << row.path;
    EXPECT_EQ(written(where), std::to_string(row.range.most)) << row.path << " keeps its last good value";
  }
}

TEST(schema, each_choice_is_set_by_its_name_and_by_no_other) {
  int choices = 0;
  for (const auto& row : schema()) {
    options values;
    const auto where = row.find(values, {"x", "x"});
    if (!std::holds_alternative<choice>(where))
      continue;
    ++choices;
    ASSERT_GE(row.range.choices.size(), 2u) << row.path;
    for (const auto name : row.range.choices) {
      EXPECT_EQ(set_value(row, where, {.kind = form::plain, .text = std::string(name), .items = {}}), "");
      EXPECT_EQ(written(where), name) << row.path;
    }
    EXPECT_EQ(set_value(row, where, {.kind = form::plain, .text = "x", .items = {}}),
              "is not one of the choices");
    EXPECT_EQ(set_value(row, where, {.kind = form::list, .text = "", .items = {}}), "is not a text");
    EXPECT_EQ(written(where), row.range.choices.back()) << row.path << " keeps its last good value";
  }
  EXPECT_EQ(choices, 16);
}

TEST(schema, every_map_makes_and_names_its_entries) {
  for (const auto& map : schema_maps()) {
    options values;
    ASSERT_LE(places_of(map, values).size(), 1u) << map.path;
    const bool is_inner = map.path.find('<') != std::string_view::npos;
    const entry_names above = is_inner ? entry_names{"x"} : entry_names{};
    auto names = above;
    names.emplace_back("y");
    map.make(values, names);
    map.make(values, names);
    EXPECT_THAT(map.names(values, above), testing::Contains("y")) << map.path;
    EXPECT_THAT(places_of(map, values), testing::ElementsAre(above)) << map.path;
    EXPECT_FALSE(map.is_name("")) << map.path;
    EXPECT_TRUE(is_group(generalise(map.path))) << map.path;
  }
}

TEST(schema, knows_options_groups_and_entries) {
  for (const auto* option : {"http.port", "default_app", "apps.demo.app_id", "clients.c.scopes",
                             "templates.custom:x.fields.thing1.text", "triggers.t.data.amount2"})
    EXPECT_NE(find_row(generalise(option)), nullptr) << option;
  for (const auto* other : {"http", "apps.demo.app_id.x", "templates.custom:x.fields.thing1",
                            "triggers.t.data", "triggers.t.data.a.b"})
    EXPECT_EQ(find_row(generalise(other)), nullptr) << other;
  for (const auto* group :
       {"http", "apps", "apps.demo", "limits", "limits.login", "templates.custom:x",
        "templates.custom:x.fields", "templates.custom:x.fields.thing1", "triggers.t.data"})
    EXPECT_TRUE(is_group(generalise(group))) << group;
  for (const auto* other : {"", "http.port", "default_app", "apps.demo.app_id", "poolz", "http.",
                            "apps.a.b.c", "templates.custom:x.fields.thing1.text", "triggers.t.data.amount2"})
    EXPECT_FALSE(is_group(generalise(other))) << other;
}

TEST(schema, takes_names_out_of_a_path_and_puts_them_back) {
  const auto one = generalise("limits.login.burst");
  EXPECT_EQ(one.general, "limits.<name>.burst");
  EXPECT_THAT(one.names, testing::ElementsAre("login"));
  const auto two = generalise("templates.custom:x.fields.thing1.fit");
  EXPECT_EQ(two.general, "templates.<name>.fields.<field>.fit");
  EXPECT_THAT(two.names, testing::ElementsAre("custom:x", "thing1"));
  EXPECT_EQ(two.maps.back()->path, "templates.<name>.fields");
  EXPECT_EQ(particular(two.general, two.names), "templates.custom:x.fields.thing1.fit");
  EXPECT_EQ(particular(two.general, {"custom:x"}), "templates.custom:x.fields.<field>.fit");
  EXPECT_EQ(particular("http.port", {"x"}), "http.port");
}

TEST(schema, finds_what_was_meant) {
  EXPECT_EQ(nearest_path("poolz"), "pools");
  EXPECT_EQ(nearest_path("http.prot"), "http.port");
  EXPECT_EQ(nearest_path("metricz.port"), "metrics.port");
  EXPECT_EQ(nearest_path("port"), "http.port");
  EXPECT_EQ(nearest_path("apps.demo.appid"), "apps.demo.app_id");
  EXPECT_EQ(nearest_path("limits.login.brust"), "limits.login.burst");
  EXPECT_EQ(nearest_path("templates.custom:x.tempalte_id"), "templates.custom:x.template_id");
  EXPECT_EQ(nearest_path("templates.custom:x.fields.thing1.colour"),
            "templates.custom:x.fields.thing1.color");
  EXPECT_EQ(nearest_path("triggers.t.tempalte"), "triggers.t.template");
  EXPECT_EQ(nearest_path("pools.rate_limitter"), "pools.rate_limiter");
  EXPECT_NE(nearest_path(std::string(100'000, 'x')), "");
}

} // namespace
} // namespace weappd
