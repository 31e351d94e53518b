#include "config/reload_plan.hpp"

#include "config/load.hpp"
#include "config/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weappd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

options demo() {
  return load_options({}, true).values;
}

TEST(reload_plan, nothing_has_changed) {
  const auto plan = plan_reload(demo(), demo());
  EXPECT_THAT(plan.at_reload, IsEmpty());
  EXPECT_THAT(plan.at_start, IsEmpty());
  EXPECT_FALSE(plan.applies("limits"));
}

TEST(reload_plan, tells_what_is_applied_from_what_waits_for_a_start) {
  auto next = demo();
  next.limits.at("login").limit += 1;
  next.log.level = "debug";
  next.http.port = 9'000;
  next.pools.login_desk = 9;
  const auto plan = plan_reload(demo(), next);
  EXPECT_THAT(plan.at_reload, ElementsAre("limits.login.limit", "log.level"));
  EXPECT_THAT(plan.at_start, ElementsAre("http.port", "pools.login_desk"));
  EXPECT_TRUE(plan.applies("limits"));
  EXPECT_FALSE(plan.applies("limit"));
  EXPECT_FALSE(plan.applies("http"));
}

TEST(reload_plan, finds_waits_that_are_too_long_for_the_deadline_that_stays) {
  auto now = demo();
  now.http.handler_timeout_ms = 1'000;
  auto next = demo();
  next.http.handler_timeout_ms = 20'000; // from the next start on
  next.challenge.kind = challenge_kind::captcha;
  next.challenge.captcha.timeout_ms = 999;
  auto& bucket = next.limits["slow"];
  bucket.algorithm = limit_algorithm::leaky_bucket;
  bucket.max_delay_ms = 999;
  EXPECT_THAT(problems_until_restart(now, next), IsEmpty());
  next.challenge.captcha.timeout_ms = bucket.max_delay_ms = 1'000;
  const auto problems = problems_until_restart(now, next);
  ASSERT_EQ(problems.size(), 2u);
  EXPECT_EQ(problems[0].path, "challenge.captcha.timeout_ms");
  EXPECT_EQ(problems[0].text,
            "1000 is not less than http.handler_timeout_ms, which stays 1000 until the next start");
  EXPECT_EQ(problems[1].path, "limits.slow.max_delay_ms");
  next.challenge.kind = challenge_kind::proof_of_work;
  bucket.algorithm = limit_algorithm::gcra;
  EXPECT_THAT(problems_until_restart(now, next), IsEmpty()) << "nobody waits";
}

TEST(reload_plan, names_an_entry_that_comes_or_goes_once) {
  auto next = demo();
  next.limits["search"].limit = 5;
  next.limits.erase("login");
  next.apps["second"];
  const auto plan = plan_reload(demo(), next);
  EXPECT_THAT(plan.at_reload, testing::UnorderedElementsAre("limits.login", "limits.search"));
  EXPECT_THAT(plan.at_start, ElementsAre("apps.second"));
}

TEST(reload_plan, finds_what_changed_in_a_map_of_a_map) {
  auto now = demo();
  auto next = demo();
  auto& [name, form] = *next.templates.begin();
  form.fields.begin()->second.text = "{{changed}}";
  const auto plan = plan_reload(now, next);
  EXPECT_THAT(plan.at_start,
              ElementsAre("templates." + name + ".fields." + form.fields.begin()->first + ".text"));
  EXPECT_THAT(plan.at_reload, IsEmpty());
}

TEST(reload_plan, sees_that_a_secret_is_another_one_and_does_not_show_it) {
  auto next = demo();
  next.apps.at("demo").app_secret = secret("canary-of-a-secret");
  const auto plan = plan_reload(demo(), next);
  EXPECT_THAT(plan.at_start, ElementsAre("apps.demo.secret", "apps.demo.secret_file"));
}

TEST(reload_plan, names_a_file_whose_content_changed_once) {
  auto plan = plan_reload(demo(), demo());
  plan.note_content("http.tls.certificate_file");
  plan.note_content("http.tls.certificate_file");
  EXPECT_THAT(plan.at_reload, ElementsAre("http.tls.certificate_file"));
}

TEST(reload_plan, every_limit_is_applied_and_no_listener) {
  for (const auto& row : schema()) {
    const bool of_limits = row.path.starts_with("limits.");
    EXPECT_TRUE(row.at_reload || !of_limits) << row.path;
    EXPECT_FALSE(row.at_reload && (row.path.ends_with(".port") || row.path.starts_with("store.")))
        << row.path;
  }
}

} // namespace
} // namespace weappd
