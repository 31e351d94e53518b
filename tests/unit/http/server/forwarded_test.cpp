#include "http/server/forwarded.hpp"

#include <gtest/gtest.h>

namespace weappd::http {
namespace {

ip_address address(const char* text) {
  return boost::asio::ip::make_address(text);
}

std::string client_behind(const char* peer, std::string_view forwarded_for,
                          const std::vector<std::string>& trusted = {"10.0.0.0/8", "2001:db8::/32"}) {
  return client_address(address(peer), forwarded_field::x_forwarded_for, forwarded_for, parse_blocks(trusted))
      .to_string();
}

/// The same by RFC 7239, behind 10.1.2.3.
std::string client_by_rfc(std::string_view forwarded,
                          const std::vector<std::string>& trusted = {"10.0.0.0/8", "2001:db8::/32"}) {
  return client_address(address("10.1.2.3"), forwarded_field::forwarded, forwarded, parse_blocks(trusted))
      .to_string();
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
  EXPECT_EQ(client_behind("10.1.2.3", "[2001:dead::1]"), "2001:dead::1");
  EXPECT_EQ(client_behind("10.1.2.3", "198.51.100.1:65535"), "198.51.100.1");
}

TEST(forwarded, is_broken_by_what_is_no_port_and_by_anything_behind_brackets) {
  for (const auto* entry : {"198.51.100.1:",
                            "198.51.100.1:x",
                            "198.51.100.1:65536",
                            "198.51.100.1:000080",
                            "198.51.100.1:-1",
                            "198.51.100.1:_p",
                            "198.51.100.1 :80",
                            "[2001:dead::1]x",
                            "[2001:dead::1]80",
                            "[2001:dead::1]:",
                            "[2001:dead::1]:65536",
                            "[2001:dead::1] :80",
                            "[2001:dead::1]]",
                            "[2001:dead::1",
                            "[198.51.100.1]",
                            "[]",
                            "[]:80",
                            "[",
                            "2001:dead::1]",
                            "198.51.100.1;80"})
    EXPECT_EQ(client_behind("10.1.2.3", entry), "10.1.2.3") << entry;
  EXPECT_EQ(client_behind("10.1.2.3", std::string_view("198.51.100.1\0", 13)), "10.1.2.3");
}

TEST(forwarded, is_walked_over_a_bounded_number_of_proxies) {
  std::string chain = "198.51.100.1";
  for (int i = 1; i < max_hops; ++i)
    chain += ", 10.0.0." + std::to_string(i);
  EXPECT_EQ(client_behind("10.1.2.3", chain), "198.51.100.1");
  EXPECT_EQ(client_behind("10.1.2.3", chain + ",10.0.0.99"), "10.0.0.1");
}

TEST(forwarded, by_rfc_7239_tells_whom_it_is_for) {
  for (const auto* element :
       {"for=198.51.100.1", "For=198.51.100.1", R"(for="198.51.100.1")", R"(for="198.51.100.1:4711")",
        "for=198.51.100.1:4711", R"(for="198.51.100.1:_port")", "for=198.51.100.1;proto=https;by=10.1.2.3",
        "by=10.1.2.3;for=198.51.100.1", "proto=http; for=198.51.100.1 ;host=a", ";for=198.51.100.1;;",
        R"(for="198.51.\100.1")", R"(host="a,b;for=1.1.1.1\"";for=198.51.100.1)"})
    EXPECT_EQ(client_by_rfc(element), "198.51.100.1") << element;
  EXPECT_EQ(client_by_rfc(R"(for="[2001:dead::1]")"), "2001:dead::1");
  EXPECT_EQ(client_by_rfc(R"(for="[2001:dead::1]:4711";proto=https)"), "2001:dead::1");
  EXPECT_EQ(client_by_rfc(R"(for="[2001:dead::1]:_x.Y-9_")"), "2001:dead::1");
}

TEST(forwarded, by_rfc_7239_hides_or_is_broken_and_the_proxy_counts) {
  for (const auto* element : {"for=unknown",
                              "for=_hidden",
                              R"(for="_SEVKISEK")",
                              "for=2001:dead::1",
                              R"(for="2001:dead::1")",
                              "for=[198.51.100.1]",
                              "for",
                              "for=",
                              "=198.51.100.1",
                              "fo r=198.51.100.1",
                              "for =198.51.100.1",
                              "for= ;",
                              "proto=https",
                              "for=198.51.100.1;for=198.51.100.1",
                              R"(for="198.51.100.1)",
                              R"(for=198.51.100.1")",
                              R"(for="198.51.100.1"x)",
                              R"(for="198.51.100.1\)",
                              R"(for="198.51.100.1:_")",
                              R"(for="198.51.100.1:_a b")",
                              R"(for="[2001:dead::1]:_")",
                              "198.51.100.1",
                              "for=198.51.100.1,",
                              ""})
    EXPECT_EQ(client_by_rfc(element), "10.1.2.3") << element;
}

TEST(forwarded, by_rfc_7239_is_read_from_the_right_too) {
  EXPECT_EQ(client_by_rfc("for=1.1.1.1, for=198.51.100.1, for=10.9.9.9"), "198.51.100.1");
  EXPECT_EQ(client_by_rfc("for=1.1.1.1, for=_hidden, for=10.9.9.9"), "10.9.9.9");
  EXPECT_EQ(client_by_rfc(R"(for=1.1.1.1, for="[2001:dead::1]:1" , for="[2001:db8::2]")"), "2001:dead::1");
  EXPECT_EQ(client_by_rfc(R"(for=1.1.1.1,for=198.51.100.1;host="x, \"y\\",for=10.9.9.9)"), "198.51.100.1");
}

/// What a client sends is left of what our proxy adds: whatever it is, it changes nothing.
TEST(forwarded, cannot_be_changed_by_what_is_left_of_the_last_entry) {
  const std::string pieces[] = {"\"", "\\", ",", ";", "=", "for",   "for=1.1.1.1",
                                "[",  "]",  ":", " ", "_", "\"\\\""};
  for (const auto& a : pieces)
    for (const auto& b : pieces)
      for (const auto& c : pieces) {
        const auto lie = a + b + c;
        ASSERT_EQ(client_by_rfc(lie + ", for=198.51.100.1"), "198.51.100.1") << lie;
        ASSERT_EQ(client_by_rfc(lie + R"(, host="\"";for="[2001:dead::1]:9")"), "2001:dead::1") << lie;
        ASSERT_EQ(client_behind("10.1.2.3", lie + ", 198.51.100.1"), "198.51.100.1") << lie;
      }
}

TEST(forwarded, is_read_in_the_one_field_that_was_chosen) {
  EXPECT_EQ(client_by_rfc("198.51.100.1"), "10.1.2.3");
  EXPECT_EQ(client_behind("10.1.2.3", "for=198.51.100.1"), "10.1.2.3");
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
