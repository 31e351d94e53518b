#include "http/tls/handshake_watch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include <string>
#include <vector>

namespace weappd::http::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

class told_events final : public event_log {
public:
  void write(event_level, std::string_view event, std::initializer_list<field> fields) override {
    std::string line(event);
    for (const auto& [name, value] : fields)
      line.append(" ").append(name).append("=").append(value);
    lines.push_back(line);
  }
  std::vector<std::string> lines;
};

struct set_clock final : wall_clock {
  [[nodiscard]] timestamp now() const override { return time; }
  timestamp time{std::chrono::hours(500'000)};
};

struct handshake_watch_of_a_server : ::testing::Test {
  prometheus::Registry registry;
  told_events events;
  set_clock clock;
  handshake_watch watch{registry, events, clock};

  std::string metrics() { return prometheus::TextSerializer().Serialize(registry.Collect()); }
};

TEST_F(handshake_watch_of_a_server, tells_of_failures_once_in_a_second) {
  for (int i = 0; i < 100; ++i)
    watch.failed("no shared cipher");
  EXPECT_THAT(events.lines, ElementsAre("tls.handshake_failed reason=no shared cipher failures=1"));
  clock.time += 999ms;
  watch.timed_out();
  EXPECT_EQ(events.lines.size(), 1U);
  clock.time += 1ms;
  watch.failed("http request");
  ASSERT_EQ(events.lines.size(), 2U);
  EXPECT_EQ(events.lines[1], "tls.handshake_failed reason=http request failures=101") << "none is forgotten";
}

TEST_F(handshake_watch_of_a_server, is_not_silenced_by_a_clock_that_is_set_back) {
  watch.failed("first");
  clock.time -= 24h;
  watch.failed("second");
  EXPECT_EQ(events.lines.size(), 2U);
}

TEST_F(handshake_watch_of_a_server, counts_each_by_its_end) {
  watch.done(false);
  watch.done(true);
  watch.done(true);
  watch.failed("x");
  watch.timed_out();
  watch.abandoned();
  for (const auto* line : {"outcome=\"full\"} 1", "outcome=\"resumed\"} 2", "outcome=\"failed\"} 1",
                           "outcome=\"timed_out\"} 1", "outcome=\"abandoned\"} 1"})
    EXPECT_THAT(metrics(), HasSubstr(line));
}

TEST_F(handshake_watch_of_a_server, says_nothing_of_a_client_that_hung_up) {
  watch.abandoned();
  EXPECT_TRUE(events.lines.empty());
}

} // namespace
} // namespace weappd::http::test
