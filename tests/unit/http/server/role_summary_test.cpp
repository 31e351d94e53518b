#include "http/server/role_summary.hpp"

#include "http/server/role_figures.hpp"

#include <prometheus/text_serializer.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <sstream>

namespace weappd::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

/// Actors of a supervisor, without actors.
struct role_summaries : testing::Test {
  /// A child that was given so many messages and worked on all but `left`, each for 10 ms.
  child_info child(const std::string& name, int messages, int left = 0) {
    child_info one;
    one.name = name;
    one.meter = std::make_shared<actor_meter>(now);
    for (int i = 0; i < messages; ++i)
      one.meter->arrive([this] { return now; });
    auto at = now;
    for (int i = 0; i < messages - left; ++i) {
      one.meter->begin([&] { return at; });
      at += 10ms;
      one.meter->end(0, [&] { return at; });
    }
    return one;
  }

  std::string rendered() {
    std::ostringstream out;
    prometheus::TextSerializer{}.Serialize(out, registry.Collect());
    return out.str();
  }

  actor_meter::moment now = 1h;
  prometheus::Registry registry;
  role_figures figures{registry};
};

TEST_F(role_summaries, keep_what_workers_did_whose_places_are_gone) {
  child_list all{.children = {child("reader/0", 100), {}}};
  all.children[1].name = "reader/1";
  all.children[1].restarts = 3;
  all.children[1].before = {.handled = 1'000, .shed = 5, .busy = 2s};
  all.children[1].retired = true;
  const auto readers = summarise(all, now + 5s).at(0);
  EXPECT_EQ(readers.instances, 1u);
  EXPECT_EQ(readers.restarts, 3u);
  EXPECT_EQ(readers.totals.handled, 1'100u);
}

TEST_F(role_summaries, add_up_the_actors_of_a_role_in_the_order_of_their_start) {
  child_list all{.children = {child("reader/0", 100), child("writer", 0), child("reader/1", 200, 50)}};
  all.children[2].restarts = 3;
  all.children[2].before = {.handled = 1'000, .shed = 5, .busy = 2s};
  const auto roles = summarise(all, now + 5s);
  ASSERT_EQ(roles.size(), 2u);
  const auto& readers = roles[0];
  EXPECT_EQ(readers.role, "reader");
  EXPECT_EQ(readers.instances, 2u);
  EXPECT_EQ(readers.running, 0u) << "no handles";
  EXPECT_EQ(readers.measured, 2u);
  EXPECT_EQ(readers.restarts, 3u);
  EXPECT_EQ(readers.queued, 50u);
  EXPECT_EQ(readers.totals.handled, 1'250u);
  EXPECT_EQ(readers.totals.shed, 5u);
  EXPECT_NEAR(readers.busiest, 0.3, 0.001) << "1.5 of 5 seconds";
  EXPECT_NEAR(readers.busy, (0.2 + 0.3) / 2, 0.001);
  EXPECT_NEAR(readers.handled_per_s, 50, 0.1);
  EXPECT_EQ(roles[1].role, "writer");
  EXPECT_EQ(roles[1].busy, 0.0);
}

TEST_F(role_summaries, say_nothing_of_what_was_not_measured) {
  child_list all;
  all.children.emplace_back().name = "theirs";
  const auto roles = summarise(all, now);
  EXPECT_EQ(roles[0].measured, 0u);
  figures.tell(roles);
  EXPECT_THAT(rendered(), HasSubstr("weappd_role_instances{role=\"theirs\"} 0"));
  EXPECT_THAT(rendered(), Not(HasSubstr("weappd_role_queued{role=\"theirs\"}")));
}

TEST_F(role_summaries, become_metrics_whose_counters_never_fall) {
  child_list all{.children = {child("reader/0", 100)}};
  figures.tell(summarise(all, now + 2s));
  figures.tell(summarise(all, now + 2s));
  EXPECT_THAT(rendered(), HasSubstr("weappd_role_handled_total{role=\"reader\"} 100\n"));
  EXPECT_THAT(rendered(), HasSubstr("weappd_role_busy_seconds_total{role=\"reader\"} 1\n"));
  EXPECT_THAT(rendered(), HasSubstr("weappd_role_service_seconds{quantile=\"0.99\",role=\"reader\"} 0.009"));
  all.children[0].before = all.children[0].meter->totals(); // it has died
  all.children[0].meter = nullptr;
  figures.tell(summarise(all, now + 2s));
  EXPECT_THAT(rendered(), HasSubstr("weappd_role_handled_total{role=\"reader\"} 100\n"));
  all.children[0].meter = child("reader/0", 11).meter;
  figures.tell(summarise(all, now + 2s));
  EXPECT_THAT(rendered(), HasSubstr("weappd_role_handled_total{role=\"reader\"} 111\n"));
}

} // namespace
} // namespace weappd::http
