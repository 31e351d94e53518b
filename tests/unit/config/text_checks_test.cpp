#include "config/text_checks.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weappd {
namespace {

void expect(bool (*check)(std::string_view), const std::vector<std::string>& good,
            const std::vector<std::string>& bad) {
  for (const auto& text : good)
    EXPECT_TRUE(check(text)) << text;
  for (const auto& text : bad)
    EXPECT_FALSE(check(text)) << text;
}

TEST(text_checks, two_addresses_meet_where_they_are_the_same_or_one_stands_for_all) {
  EXPECT_TRUE(addresses_meet("127.0.0.1", "127.0.0.1"));
  EXPECT_TRUE(addresses_meet("127.0.0.1", "0.0.0.0"));
  EXPECT_TRUE(addresses_meet("::", "127.0.0.1")) << "it takes what comes by IPv4, too";
  EXPECT_TRUE(addresses_meet("::1", "::"));
  EXPECT_TRUE(addresses_meet("::1", "0:0:0:0:0:0:0:1"));
  EXPECT_FALSE(addresses_meet("127.0.0.1", "127.0.0.2"));
  EXPECT_FALSE(addresses_meet("0.0.0.0", "::1"));
  EXPECT_FALSE(addresses_meet("127.0.0.1", "::1"));
}

TEST(text_checks, an_address_is_a_number_not_a_name) {
  expect(is_address, {"127.0.0.1", "0.0.0.0", "::", "::1", "fe80::1"},
         {"", "localhost", "127.1", "256.0.0.1", "127.0.0.1 ", "[::1]", "::1%lo", "1.2.3.4:80", "0x7f.0.0.1",
          std::string(100, '1'), std::string("127.0.0.1\0", 10)});
}

TEST(text_checks, a_block_has_a_length_that_the_address_can_have) {
  expect(
      is_address_block, {"10.0.0.1", "10.0.0.0/8", "0.0.0.0/0", "10.0.0.0/32", "::/0", "fd00::/8", "::1/128"},
      {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "::/129", "10/8", "10.0.0.0/8/8"});
}

TEST(text_checks, a_base_url_is_encrypted_or_loopback_and_has_no_path) {
  expect(is_base_url,
         {"https://api.weixin.qq.com", "https://api.weixin.qq.com:443", "https://10.0.0.1",
          "https://[fd00::1]:8443", "http://127.0.0.1:8081", "http://127.9.9.9", "http://localhost",
          "http://[::1]:1"},
         {"",
          "api.weixin.qq.com",
          "ftp://x.cn",
          "HTTPS://x.cn",
          "https://",
          "https://:443",
          "https://x.cn/",
          "https://x.cn/path",
          "https://x.cn?q",
          "https://x.cn#f",
          "https://user@x.cn",
          "https://user:p@x.cn",
          "https://x.cn:",
          "https://x.cn:0",
          "https://x.cn:65536",
          "https://x.cn:+1",
          "https://x.cn:080",
          "https://x..cn",
          "https://-x.cn",
          "https://x-.cn",
          "https://a_b.cn",
          "https://x.cn.",
          "https://[::1",
          "https://[]",
          "https://::1",
          "https://[::1]x",
          "https://2130706433",
          "https://127.1",
          "https://0x7f.1",
          "http://api.weixin.qq.com",
          "http://128.0.0.1",
          "http://localhost.cn",
          "http://127.0.0.1.cn",
          "http://[::2]",
          "https://" + std::string(64, 'a'),
          "https://x y"});
}

TEST(text_checks, a_service_is_at_a_path_of_a_base_url) {
  expect(is_service_url_or_empty,
         {"", "https://hcaptcha.com/siteverify", "https://www.google.com/recaptcha/api/siteverify",
          "https://challenges.cloudflare.com/turnstile/v0/siteverify", "https://x.cn", "https://x.cn:8443/",
          "http://127.0.0.1:81/a_b.c~d-e"},
         {"x.cn/v", "http://x.cn/v", "https://x.cn/v?q", "https://x.cn/v#f", "https://x.cn/a b",
          "https://x.cn/%2e", "https://u@x.cn/v", "https:///v", "ftp://x.cn/v",
          "https://x.cn/" + std::string(500, 'a')});
  expect(is_site_key_or_empty, {"", "10000000-ffff-ffff-ffff-000000000001", "6LeIx_AcTAAAAA", "0x4AAA.b"},
         {" ", "a b", "a\"b", "<", std::string(129, 'a')});
}

TEST(text_checks, an_origin_is_written_as_browsers_write_it) {
  expect(is_origin, {"*", "https://example.com", "http://example.com:8080", "http://127.0.0.1"},
         {"", "**", "null", "example.com", "https://Example.com", "https://example.com/",
          "https://*.example.com"});
}

TEST(text_checks, names_and_ids_have_their_characters_and_lengths) {
  expect(is_entry_name, {"a", "demo", "my-app_2", std::string(32, 'a')},
         {"", "Demo", "a b", "a.b", std::string(33, 'a')});
  expect(is_app_id, {"wx0123456789abcdef", "wxdemo0000000001", std::string(64, 'a')},
         {"", "wx 1", "wx&1", std::string(65, 'a')});
  expect(is_claim_text, {"weappd", "https://a.b/c_d-1", std::string(128, 'a')},
         {"", "a b", "a\"b", "\xc3\xa4", std::string(129, 'a')});
  expect(is_secret_text, {"x", "a&b=c\"\\", std::string(512, 'a')},
         {"", "a b", "a\n", "\xc3\xa4", std::string("a\0", 2), std::string(513, 'a')});
  expect(is_path, {"a", "/a b/\xc3\xa4", std::string(4'096, 'a')},
         {"", "a\n", "a\x7f", std::string("a\0b", 3), std::string(4'097, 'a')});
  expect(is_path_or_empty, {"", "a"}, {"a\n"});
}

} // namespace
} // namespace weappd
