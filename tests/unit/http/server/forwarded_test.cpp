#include "http/server/forwarded.hpp"

#include <gtest/gtest.h>

namespace weappd::http {
namespace {

ip_address address(const char* text) {
  return boost::asio::ip::make_address(text);
}

std::string client_behind(const char* peer, std::string_view forwarded_for,
                          const std::vector<std::string>& trusted = {"10.0.0.0/8", "2001:db8::/32"}) {
  return client_address(address(peer), forwarded_for, parse_blocks(trusted)).to_string();
}

TEST(forwarded, is_ignored_unless_the_peer_is_a_trusted_proxy) {
  EXPECT_EQ(client_behind("192.0.2.9", "198.51.100.1"), "192.0.2.9");
  EXPECT_EQ(client_behind("192.0.2.9", "198.51.100.1", {}), "192.0.2.9");
  EXPECT_EQ(client_behind("10.1.2.3", ""), "10.1.2.3");
}

TEST(forwarded, is_read_from_the_right_up_to_the_first_address_that_is_no_proxy) {
  EXPECT_EQ(client_behind("10.1.2.3", "198.51.100.1"), "198.51.100.1");
  EXPECT_EQ(client_behind("10.1.2.3", "1.1.1.1, 198.51.100.1"), "198.51.100.1");
  EXPECT_EQ(client_behind("10.1.2.3", "1.1.1.1, 198.51.100.1,10.9.9.9 , 10.8.8.8"), "198.51.100.1");
  EXPECT_EQ(client_behind("2001:db8::5", "203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(client_behind("::ffff:10.1.2.3", "203.0.113.7"), "203.0.113.7");
}

TEST(forwarded, gives_the_leftmost_address_if_all_are_trusted) {
  EXPECT_EQ(client_behind("10.1.2.3", "10.0.0.7, 10.0.0.8"), "10.0.0.7");
}

TEST(forwarded, cannot_be_forged_by_broken_entries) {
  EXPECT_EQ(client_behind("10.1.2.3", "1.1.1.1, nonsense"), "10.1.2.3");
  EXPECT_EQ(client_behind("10.1.2.3", "1.1.1.1, nonsense, 10.0.0.8"), "10.0.0.8");
  EXPECT_EQ(client_behind("10.1.2.3", "1.1.1.1,"), "10.1.2.3");
  EXPECT_EQ(client_behind("10.1.2.3", std::string(5'000, '1')), "10.1.2.3");
  EXPECT_EQ(client_behind("10.1.2.3", "fe80::1%eth0"), "10.1.2.3");
  EXPECT_EQ(client_behind("10.1.2.3", "010.1.1.1"), "10.1.2.3");
}

TEST(forwarded, may_carry_ports) {
  EXPECT_EQ(client_behind("10.1.2.3", "198.51.100.1:4711"), "198.51.100.1");
  EXPECT_EQ(client_behind("10.1.2.3", "[2001:dead::1]:4711"), "2001:dead::1");
  EXPECT_EQ(client_behind("10.1.2.3", "2001:dead::1"), "2001:dead::1");
}

TEST(cidr, contains_its_addresses_and_no_others) {
  const auto contains = [](std::string_view block, const char* text) {
    const auto parsed = cidr::parse(block);
    return parsed && parsed->contains(address(text));
  };
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.255.255"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(contains("192.168.1.77/25", "192.168.1.1"));
  EXPECT_FALSE(contains("192.168.1.77/25", "192.168.1.128"));
  EXPECT_TRUE(contains("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(contains("192.0.2.1", "192.0.2.0"));
  EXPECT_TRUE(contains("0.0.0.0/0", "255.0.0.1"));
  EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
  EXPECT_TRUE(contains("::/0", "2001:db8::1"));
  EXPECT_TRUE(contains("127.0.0.0/8", "::ffff:127.0.0.1"));
}

TEST(cidr, is_refused_when_it_is_none) {
  for (const auto* wrong : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0/8",
                            "::/129", "a.b.c.d", "10.0.0.0/8/8"})
    EXPECT_FALSE(cidr::parse(wrong)) << wrong;
  EXPECT_EQ(parse_blocks({"10.0.0.0/8", "nonsense", "::1"}).size(), 2u);
}

TEST(address_key, is_exact_for_ipv4_and_one_for_each_64_of_ipv6) {
  EXPECT_NE(address_key(address("192.0.2.1")), address_key(address("192.0.2.2")));
  EXPECT_EQ(address_key(address("192.0.2.1")), address_key(address("::ffff:192.0.2.1")));
  EXPECT_EQ(address_key(address("2001:db8:0:1::1")), address_key(address("2001:db8:0:1:ffff::2")));
  EXPECT_NE(address_key(address("2001:db8:0:1::1")), address_key(address("2001:db8:0:2::1")));
  EXPECT_NE(address_key(address("::1")), address_key(address("0.0.0.0")));
}

} // namespace
} // namespace weappd::http
