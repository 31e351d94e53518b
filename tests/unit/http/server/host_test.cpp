#include "http/server/host.hpp"

#include <gtest/gtest.h>

#include <string>

namespace weappd::http {
namespace {

TEST(host, may_be_a_name_or_an_address_with_or_without_a_port) {
  for (const auto* good :
       {"localhost", "a.example.com", "EXAMPLE.com:443", "my_host-1", "example.com.", "127.0.0.1:0",
        "127.0.0.1:65535", "[::1]", "[2001:db8::1]:8080", "[::ffff:127.0.0.1]"})
    EXPECT_TRUE(is_acceptable_host(good)) << good;
  EXPECT_TRUE(is_acceptable_host(std::string(255, 'a')));
}

TEST(host, may_be_nothing_else) {
  for (const auto* wrong : {"",           ":",         ":80",
                            "a:",         "a:b",       "a:-1",
                            "a:+1",       "a:65536",   "a:99999999999999999999",
                            "a:80:80",    "a b",       " a",
                            "a,b",        "a/b",       "a@b",
                            "a?b",        "a#b",       "[",
                            "[]",         "[::1",      "::1",
                            "[::1]80",    "[::1]:",    "[zz]",
                            "[::1%eth0]", "[1.2.3.4]", "a%41",
                            ".a",         "\xc3\xb6",  "a\tb"})
    EXPECT_FALSE(is_acceptable_host(wrong)) << wrong;
  EXPECT_FALSE(is_acceptable_host(std::string(256, 'a')));
  EXPECT_FALSE(is_acceptable_host("[" + std::string(1000, ':') + "]"));
}

} // namespace
} // namespace weappd::http
