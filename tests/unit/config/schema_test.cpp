#include "config/schema.hpp"

#include "config/option_value.hpp"

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
    const auto where = row.find(values, "x");
    if (const auto* from_file = std::get_if<secret_from_file>(&where)) {
      EXPECT_EQ(from_file->target, &values.apps["x"].app_secret);
      continue;
    }
    const auto* member = std::visit(
        [](auto found) -> const void* {
          if constexpr (std::is_pointer_v<decltype(found)>)
            return found;
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
};

TEST(schema, each_range_is_within_the_type_and_holds_the_default) {
  int integers = 0;
  for (const auto& row : schema()) {
    options values;
    const auto where = row.find(values, "login");
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
  EXPECT_GT(integers, 40);
}

TEST(schema, each_text_has_a_check_that_accepts_its_default_and_words_that_say_what_it_accepts) {
  for (const auto& row : schema()) {
    options values;
    const auto where = row.find(values, "x");
    const auto* text = std::get_if<std::string*>(&where);
    if (text == nullptr)
      continue;
    EXPECT_NE(allowed_of(row), "") << row.path;
    if (row.path.starts_with("apps.")) // has none
      continue;
    EXPECT_EQ(set_value(row, where, {.kind = form::quoted, .text = **text, .items = {}}), "") << row.path;
  }
}

TEST(schema, a_number_is_accepted_at_both_ends_of_its_range_and_not_beyond) {
  for (const auto& row : schema()) {
    options values;
    const auto where = row.find(values, "login");
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

TEST(schema, knows_options_groups_and_entries) {
  EXPECT_NE(find_row(generalise("http.port")), nullptr);
  EXPECT_NE(find_row(generalise("default_app")), nullptr);
  EXPECT_NE(find_row(generalise("apps.demo.app_id")), nullptr);
  EXPECT_EQ(find_row(generalise("http")), nullptr);
  EXPECT_EQ(find_row(generalise("apps.demo.app_id.x")), nullptr);
  for (const auto* group : {"http", "apps", "apps.demo", "limits", "limits.login"})
    EXPECT_TRUE(is_group(generalise(group))) << group;
  for (const auto* other :
       {"", "http.port", "default_app", "apps.demo.app_id", "poolz", "http.", "apps.a.b.c"})
    EXPECT_FALSE(is_group(generalise(other))) << other;
  EXPECT_EQ(generalise("limits.login.burst").entry, "login");
  EXPECT_EQ(generalise("limits.login.burst").general, "limits.<name>.burst");
}

TEST(schema, finds_what_was_meant) {
  EXPECT_EQ(nearest_path("poolz"), "pools");
  EXPECT_EQ(nearest_path("http.prot"), "http.port");
  EXPECT_EQ(nearest_path("metricz.port"), "metrics.port");
  EXPECT_EQ(nearest_path("port"), "http.port");
  EXPECT_EQ(nearest_path("apps.demo.appid"), "apps.demo.app_id");
  EXPECT_EQ(nearest_path("limits.login.brust"), "limits.login.burst");
  EXPECT_EQ(nearest_path("pools.rate_limitter"), "pools.rate_limiter");
  EXPECT_NE(nearest_path(std::string(100'000, 'x')), "");
}

} // namespace
} // namespace weappd
