#include "http/server/filter_desk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <prometheus/text_serializer.h>

#include <string>
#include <vector>

namespace weappd::http {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

struct filter_lines final : event_log {
  void write(event_level, std::string_view event, std::initializer_list<field> fields) override {
    std::string line(event);
    for (const auto& [name, value] : fields)
      line.append(" ").append(name).append("=").append(value);
    lines.push_back(std::move(line));
  }
  std::vector<std::string> lines;
};

struct filter_at_work : testing::Test {
  filter_at_work() {
    configured.builtin = false;
    configured.rules["cats"] = {.pattern = "cat"};
  }
  bool refuses(const filter_desk& desk, const std::string& text) {
    return desk.refuses(*desk.copy(), {.target = &target, .parameter = text}, "id");
  }
  std::string metrics() { return prometheus::TextSerializer().Serialize(registry.Collect()); }

  const route target{.name = "a.read", .pattern = "/api/{a}"};
  filter_options configured;
  prometheus::Registry registry;
  filter_figures figures{registry};
  filter_lines log;
};

TEST_F(filter_at_work, a_shadow_counts_and_tells_but_refuses_nothing) {
  filter_desk desk(configured, figures, log);
  EXPECT_FALSE(refuses(desk, "a dog"));
  EXPECT_THAT(log.lines, IsEmpty());
  EXPECT_FALSE(refuses(desk, "my secret cat"));
  EXPECT_THAT(log.lines, ElementsAre("filter.would_refuse rule=cats where=path route=a.read request_id=id "
                                     "matches=1"))
      << "and nothing of the text";
  EXPECT_THAT(metrics(), HasSubstr("weappd_filter_matches_total{mode=\"shadow\",rule=\"cats\"} 1"));
}

TEST_F(filter_at_work, a_rule_that_enforces_refuses_whatever_the_others_say) {
  configured.rules["animals"] = {.pattern = "cat|dog", .mode = rule_mode::enforce};
  filter_desk desk(configured, figures, log);
  EXPECT_TRUE(refuses(desk, "a cat"));
  EXPECT_TRUE(refuses(desk, "a dog"));
  EXPECT_FALSE(refuses(desk, "a bird"));
  EXPECT_THAT(metrics(), HasSubstr("weappd_filter_matches_total{mode=\"enforce\",rule=\"animals\"} 2"));
  EXPECT_THAT(metrics(), HasSubstr("weappd_filter_matches_total{mode=\"shadow\",rule=\"cats\"} 1"));
}

TEST_F(filter_at_work, what_was_not_looked_at_is_counted) {
  configured.max_bytes = 1'024;
  filter_desk desk(configured, figures, log);
  EXPECT_FALSE(refuses(desk, std::string(1'024, 'x') + "cat"));
  EXPECT_THAT(metrics(), HasSubstr("weappd_filter_unseen_total 1"));
}

TEST_F(filter_at_work, a_change_is_seen_by_its_version_and_counts_go_on) {
  filter_desk desk(configured, figures, log);
  const auto before = desk.copy();
  const auto version = desk.version();
  EXPECT_FALSE(refuses(desk, "cat"));
  configured.rules["cats"].mode = rule_mode::enforce;
  configured.rules["dogs"] = {.pattern = "dog"};
  desk.change(configured);
  EXPECT_NE(desk.version(), version);
  EXPECT_TRUE(refuses(desk, "cat"));
  EXPECT_FALSE(desk.refuses(*before, {.target = &target, .parameter = "cat"}, "id"))
      << "a request under way keeps the rules that it came under";
  EXPECT_THAT(metrics(), HasSubstr("weappd_filter_matches_total{mode=\"shadow\",rule=\"cats\"} 2"));
  configured.mode = filter_mode::off;
  configured.rules.clear();
  desk.change(configured);
  EXPECT_EQ(desk.copy(), nullptr) << "nothing to look for";
}

TEST(filter_report, tells_of_the_first_and_then_of_many_at_once) {
  filter_report report;
  EXPECT_EQ(report.add(seconds(100)), 1u);
  for (int i = 0; i < 1'000; ++i)
    EXPECT_EQ(report.add(seconds(101)), 0u);
  EXPECT_EQ(report.add(std::chrono::milliseconds(109'999)), 0u);
  EXPECT_EQ(report.add(seconds(110)), 1'002u);
  EXPECT_EQ(report.add(seconds(111)), 0u);
}

} // namespace
} // namespace weappd::http
