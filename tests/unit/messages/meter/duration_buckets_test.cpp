#include "messages/meter/duration_buckets.hpp"

#include <gtest/gtest.h>

namespace weappd {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

TEST(duration_buckets, tell_a_duration_to_an_eighth) {
  for (std::int64_t ns = 256; ns < nanoseconds(60s).count(); ns += ns / 37) {
    const auto shown = duration_of(bucket_of(nanoseconds(ns))).count();
    EXPECT_LE(std::abs(shown - ns) * 8, ns) << ns << " is shown as " << shown;
  }
}

TEST(duration_buckets, never_go_back_and_have_an_end) {
  std::size_t last = 0;
  for (std::int64_t ns = 0; ns < nanoseconds(200s).count(); ns += 1 + ns / 50) {
    const auto bucket = bucket_of(nanoseconds(ns));
    EXPECT_TRUE(bucket == last || bucket == last + 1) << ns;
    EXPECT_LT(bucket, duration_bucket_count);
    last = bucket;
  }
  EXPECT_EQ(last, duration_bucket_count - 1);
  EXPECT_EQ(bucket_of(nanoseconds::max()), last);
  EXPECT_EQ(bucket_of(-1s), 0u);
}

TEST(duration_counts, tell_quantiles) {
  duration_counts counts;
  EXPECT_EQ(counts.quantile(0.5), 0ns);
  counts.add(bucket_of(1ms), 98);
  counts.add(bucket_of(1s), 2);
  EXPECT_EQ(counts.quantile(0.5), duration_of(bucket_of(1ms)));
  EXPECT_EQ(counts.quantile(0.98), duration_of(bucket_of(1ms)));
  EXPECT_EQ(counts.quantile(0.99), duration_of(bucket_of(1s)));
  duration_counts others;
  others.add(bucket_of(1us), 1'000);
  counts.add(others);
  EXPECT_EQ(counts.count(), 1'100u);
  EXPECT_EQ(counts.quantile(0.5), duration_of(bucket_of(1us)));
}

} // namespace
} // namespace weappd
