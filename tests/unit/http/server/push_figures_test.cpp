#include "http/server/push_figures.hpp"

#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

#include <sstream>

namespace weappd::http::test {
namespace {

using std::chrono::milliseconds;

class push_figures_of : public ::testing::Test {
protected:
  bool has(const std::string& line) {
    std::ostringstream out;
    prometheus::TextSerializer{}.Serialize(out, registry.Collect());
    return ("\n" + out.str()).find("\n" + line + "\n") != std::string::npos;
  }
  prometheus::Registry registry;
  push_figures figures{registry, {"custom:a", "custom:b"}, 2};
};

TEST_F(push_figures_of, accepted_messages_are_counted_by_template) {
  figures.accepted("custom:a");
  figures.accepted("custom:a");
  figures.accepted("custom:gone");
  EXPECT_TRUE(has(R"(weappd_messages_accepted_total{template="custom:a"} 2)"));
  EXPECT_TRUE(has(R"(weappd_messages_accepted_total{template="custom:b"} 0)"));
  EXPECT_TRUE(has(R"(weappd_messages_accepted_total{template="other"} 1)"));
}

TEST_F(push_figures_of, attempts_are_counted_by_outcome_and_errcode_with_a_bounded_number_of_series) {
  figures.attempted("accepted", 0, milliseconds(20));
  figures.attempted("refused", 43101, milliseconds(20));
  for (std::int64_t errcode = 1'000; errcode < 1'100; ++errcode)
    figures.attempted("refused", errcode, milliseconds(20));
  figures.attempted("unknown", 0, milliseconds(5'000));
  EXPECT_TRUE(has(R"(weappd_message_attempts_total{errcode="0",outcome="accepted"} 1)"));
  EXPECT_TRUE(has(R"(weappd_message_attempts_total{errcode="43101",outcome="refused"} 1)"));
  EXPECT_TRUE(has(R"(weappd_message_attempts_total{errcode="other",outcome="refused"} 100)"));
  EXPECT_TRUE(has(R"(weappd_message_attempts_total{errcode="0",outcome="unknown"} 1)"));
  EXPECT_TRUE(has("weappd_message_attempt_seconds_count 103"));
}

TEST_F(push_figures_of, ends_are_counted_by_status_and_reason) {
  figures.finished(message_state::sent, fail_reason::none, milliseconds(40));
  figures.finished(message_state::failed, fail_reason::bad_openid, milliseconds(40));
  figures.finished(message_state::queued, fail_reason::none, milliseconds(40)); // no end
  EXPECT_TRUE(has(R"(weappd_messages_finished_total{reason="",status="sent"} 1)"));
  EXPECT_TRUE(has(R"(weappd_messages_finished_total{reason="bad_openid",status="failed"} 1)"));
  EXPECT_TRUE(has(R"(weappd_messages_finished_total{reason="",status="expired"} 0)"));
  EXPECT_TRUE(has("weappd_message_age_seconds_count 2"));
}

TEST_F(push_figures_of, queues_are_shown_by_shard) {
  figures.queued(1, 17);
  figures.queued(2, 99); // there is no such shard
  EXPECT_TRUE(has(R"(weappd_messages_queued{shard="0"} 0)"));
  EXPECT_TRUE(has(R"(weappd_messages_queued{shard="1"} 17)"));
  figures.expect(3);
  figures.queued(2, 5);
  EXPECT_TRUE(has(R"(weappd_messages_queued{shard="1"} 17)"));
  EXPECT_TRUE(has(R"(weappd_messages_queued{shard="2"} 5)"));
  figures.queued(max_pool_size, 1);
}

} // namespace
} // namespace weappd::http::test
