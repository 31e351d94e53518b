#include "http/server/trace_context.hpp"

#include <gtest/gtest.h>

namespace weappd::http {
namespace {

const std::string good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(trace_context, is_read_and_written_back) {
  const auto trace = parse_traceparent(good);
  ASSERT_TRUE(trace);
  EXPECT_EQ(trace->trace_id, "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(trace->parent_id, "00f067aa0ba902b7");
  EXPECT_EQ(trace->flags, 1);
  EXPECT_EQ(to_traceparent(*trace), good);
  EXPECT_EQ(trace_id_of(good), "4bf92f3577b34da6a3ce929d0e0e4736");
}

TEST(trace_context, of_a_later_version_is_read_as_far_as_we_know_it) {
  EXPECT_EQ(trace_id_of("cc" + good.substr(2)), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(trace_id_of("cc" + good.substr(2) + "-what-comes"), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(trace_id_of("cc" + good.substr(2) + "x"), "");
}

TEST(trace_context, that_is_invalid_counts_as_none) {
  const std::string zeros(32, '0');
  for (const auto& wrong :
       {std::string(), std::string("00-"), good.substr(0, 54), good + "-x", good + ", " + good,
        "ff" + good.substr(2), "0g" + good.substr(2), "00_" + good.substr(3), "00-" + zeros + good.substr(35),
        good.substr(0, 36) + zeros.substr(0, 16) + "-01", good.substr(0, 53) + "0g",
        std::string("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01")})
    EXPECT_FALSE(parse_traceparent(wrong)) << wrong;
}

} // namespace
} // namespace weappd::http
