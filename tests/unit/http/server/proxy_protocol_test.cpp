#include "http/server/proxy_protocol.hpp"

#include "tests/kit/net/proxy_header.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weappd::http {
namespace {

using kit::proxy_bytes;
using kit::proxy_header;
using proxy_protocol::found;
using proxy_protocol::parse;
using proxy_protocol::state;

std::string client_of(const std::string& bytes) {
  const auto said = parse(bytes);
  EXPECT_EQ(said.what, state::complete);
  return said.client ? said.client->to_string() : "the proxy";
}

const std::string addresses_v4("\xc0\x00\x02\x01\x0a\x00\x00\x01\x12\x34\x00\x50", 12);

TEST(proxy_protocol, tells_the_client_of_either_family) {
  EXPECT_EQ(client_of(proxy_header("192.0.2.1")), "192.0.2.1");
  EXPECT_EQ(client_of(proxy_header("2001:db8::7")), "2001:db8::7");
  EXPECT_EQ(client_of(proxy_bytes(0x21, 0x11, addresses_v4)), "192.0.2.1");
}

TEST(proxy_protocol, passes_over_further_fields_and_leaves_what_follows) {
  const auto header = proxy_header("192.0.2.1", std::string("\x03\x00\x04\xde\xad\xbe\xef", 7));
  const auto said = parse(header + "GET / HTTP/1.1");
  EXPECT_EQ(said.what, state::complete);
  EXPECT_EQ(said.size, header.size());
  EXPECT_EQ(said.client->to_string(), "192.0.2.1");
}

TEST(proxy_protocol, takes_the_proxy_itself_where_no_client_is_told) {
  EXPECT_EQ(client_of(kit::local_proxy_header()), "the proxy");
  EXPECT_EQ(client_of(proxy_bytes(0x20, 0x11, addresses_v4)), "the proxy") << "LOCAL: whatever else it says";
  EXPECT_EQ(client_of(proxy_bytes(0x20, 0xff, "x")), "the proxy");
}

/// It would count as the proxy's own, and what its client wrote into X-Forwarded-For would be believed.
TEST(proxy_protocol, does_not_speak_for_a_client_whom_it_does_not_name) {
  EXPECT_EQ(parse(proxy_bytes(0x21, 0x00, "some fields")).what, state::broken);
  EXPECT_EQ(parse(proxy_bytes(0x21, 0x31, std::string(216, 'u'))).what, state::broken);
}

TEST(proxy_protocol, cut_at_every_byte_waits_for_the_rest_and_asks_for_no_byte_too_many) {
  for (const auto& whole :
       {proxy_header("192.0.2.1"), proxy_header("2001:db8::7", "fields"), kit::local_proxy_header()}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto said = parse(whole.substr(0, size));
      ASSERT_EQ(said.what, state::incomplete) << size;
      ASSERT_EQ(said.size, size < proxy_protocol::fixed_size ? proxy_protocol::fixed_size : whole.size())
          << size;
    }
    EXPECT_EQ(parse(whole).what, state::complete);
  }
}

TEST(proxy_protocol, is_broken_from_the_first_wrong_byte_on) {
  const auto good = proxy_header("192.0.2.1");
  for (std::size_t at = 0; at < 14; ++at)
    for (int value = 0; value < 256; ++value) {
      auto bad = good;
      bad[at] = static_cast<char>(value);
      const bool fits = bad[at] == good[at] || (at == 12 && value == 0x20);
      const bool waits = at == 13 && (value == 0x21); // more bytes must follow
      ASSERT_EQ(parse(bad.substr(0, at)).what, state::incomplete);
      ASSERT_EQ(parse(bad.substr(0, at + 1)).what, fits || waits ? state::incomplete : state::broken) << at;
      ASSERT_EQ(parse(bad).what, fits ? state::complete : state::broken) << at << " " << value;
    }
}

TEST(proxy_protocol, wants_room_for_its_addresses_and_has_a_bound) {
  EXPECT_EQ(parse(proxy_bytes(0x21, 0x11, addresses_v4.substr(1))).what, state::broken);
  EXPECT_EQ(parse(proxy_bytes(0x21, 0x21, std::string(35, 'a'))).what, state::broken);
  const auto most = proxy_protocol::max_size - proxy_protocol::fixed_size;
  EXPECT_EQ(parse(proxy_bytes(0x21, 0x11, std::string(most, 'a'))).what, state::complete);
  EXPECT_EQ(parse(proxy_bytes(0x21, 0x11, std::string(most + 1, 'a'))).what, state::broken);
  EXPECT_EQ(parse(proxy_bytes(0x20, 0x00, std::string(65'535, 'a')).substr(0, 16)).what, state::broken);
}

TEST(proxy_protocol, is_nothing_else) {
  for (const std::string other :
       {"GET / HTTP/1.1\r\n", "PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n", "\x16\x03\x01", "\n", "\r\n\r\nX"})
    EXPECT_EQ(parse(other).what, state::broken) << other;
}

} // namespace
} // namespace weappd::http
