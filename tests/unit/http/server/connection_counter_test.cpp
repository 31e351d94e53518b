#include "http/server/connection_counter.hpp"

#include <gtest/gtest.h>

namespace weappd::http::test {
namespace {

ip_address address(const char* text) {
  return boost::asio::ip::make_address(text);
}

TEST(connection_counter, welcomes_up_to_the_bound_of_all_and_again_when_one_has_gone) {
  connection_counter counter(2, 2);
  EXPECT_EQ(counter.open(address("192.0.2.1")), admission::welcome);
  EXPECT_EQ(counter.open(address("192.0.2.2")), admission::welcome);
  EXPECT_EQ(counter.open(address("192.0.2.3")), admission::refused);
  EXPECT_EQ(counter.count(), 2u);
  counter.close(address("192.0.2.3"), admission::refused);
  EXPECT_EQ(counter.count(), 2u);
  counter.close(address("192.0.2.1"), admission::welcome);
  EXPECT_EQ(counter.count(), 1u);
  EXPECT_EQ(counter.open(address("192.0.2.3")), admission::welcome);
}

TEST(connection_counter, bounds_each_address_and_leaves_the_others_alone) {
  connection_counter counter(10, 1);
  EXPECT_EQ(counter.open(address("192.0.2.1")), admission::welcome);
  EXPECT_EQ(counter.open(address("192.0.2.1")), admission::refused);
  EXPECT_EQ(counter.open(address("192.0.2.2")), admission::welcome);
  counter.close(address("192.0.2.1"), admission::welcome);
  EXPECT_EQ(counter.open(address("192.0.2.1")), admission::welcome);
}

TEST(connection_counter, takes_the_addresses_that_one_customer_has_for_one) {
  connection_counter counter(10, 1);
  EXPECT_EQ(counter.open(address("2001:db8:0:1::1")), admission::welcome);
  EXPECT_EQ(counter.open(address("2001:db8:0:1::2")), admission::refused);
  EXPECT_EQ(counter.open(address("2001:db8:0:2::1")), admission::welcome);
  EXPECT_EQ(counter.open(address("192.0.2.1")), admission::welcome);
  EXPECT_EQ(counter.open(address("::ffff:192.0.2.1")), admission::refused);
}

TEST(connection_counter, tells_only_so_many_at_the_same_time_that_they_are_too_many) {
  connection_counter counter(1, 1);
  const auto one = address("192.0.2.1");
  EXPECT_EQ(counter.open(one), admission::welcome);
  for (std::uint32_t i = 0; i < connection_counter::max_refused; ++i)
    EXPECT_EQ(counter.open(one), admission::refused);
  EXPECT_EQ(counter.open(one), admission::dropped);
  counter.close(one, admission::refused);
  EXPECT_EQ(counter.open(one), admission::refused);
  EXPECT_EQ(counter.open(one), admission::dropped);
}

} // namespace
} // namespace weappd::http::test
