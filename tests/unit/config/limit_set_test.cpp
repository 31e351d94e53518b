#include "config/limit_set.hpp"

#include <gtest/gtest.h>

#include <set>

namespace weappd {
namespace {

using configured = std::map<std::string, limit_options>;

TEST(limit_set, numbers_policies_in_the_order_of_their_names) {
  const limit_set set(configured{{"b", {.limit = 1}}, {"a", {.limit = 2}}});
  ASSERT_EQ(set.all().size(), 2u);
  EXPECT_EQ(set.all()[0].name, "a");
  EXPECT_EQ(set.all()[0].id, 1u);
  EXPECT_EQ(set.all()[1].id, 2u);
}

TEST(limit_set, a_policy_keeps_its_number_unless_it_counts_in_another_way) {
  const limit_options plain{.limit = 5};
  const limit_set before(configured{{"a", plain}});
  const auto id_with = [&](const auto& change) {
    auto changed = plain;
    change(changed);
    return limit_set(configured{{"a", changed}}, before).all()[0].id;
  };
  EXPECT_EQ(id_with([](limit_options&) {}), 1u);
  EXPECT_EQ(id_with([](limit_options& o) { o.shadow = true; }), 1u);
  EXPECT_EQ(id_with([](limit_options& o) { o.match.routes = {"auth.login"}; }), 1u);
  EXPECT_EQ(id_with([](limit_options& o) { o.limit = 6; }), 2u);
  EXPECT_EQ(id_with([](limit_options& o) { o.window_s = 6; }), 2u);
  EXPECT_EQ(id_with([](limit_options& o) { o.burst = 6; }), 2u);
  EXPECT_EQ(id_with([](limit_options& o) { o.key = "user"; }), 2u);
  EXPECT_EQ(id_with([](limit_options& o) { o.max_delay_ms = 6; }), 2u);
  EXPECT_EQ(id_with([](limit_options& o) { o.algorithm = limit_algorithm::fixed_window; }), 2u);
}

TEST(limit_set, never_gives_a_number_twice) {
  limit_set set(configured{{"a", {.limit = 1}}});
  std::set<std::uint32_t> given{set.all()[0].id};
  for (std::uint32_t limit = 2; limit < 50; ++limit) {
    set = limit_set(configured{}, set);
    set = limit_set(configured{{"a", {.limit = limit % 2 + 1}}}, set);
    EXPECT_TRUE(given.insert(set.all()[0].id).second);
  }
}

} // namespace
} // namespace weappd
