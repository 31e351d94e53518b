#include "tests/kit/net/proxy_header.hpp"
#include "tests/kit/net/tls_connection.hpp"
#include "tests/unit/http/server/bridge_fixture.hpp"

#include <gtest/gtest.h>

#include <string>

/// Listeners behind a proxy that speaks the PROXY protocol.
namespace weappd::http::test {
namespace {

using kit::proxy_header;

void behind_a_proxy(options& o) {
  o.http.trusted_proxies = {"127.0.0.1"};
  o.http.proxy_protocol = true;
  o.http.tls.proxy_protocol = true;
  o.http.header_timeout_ms = 300;
}

std::string status_after(kit::raw_connection& client, std::string_view bytes) {
  client.send(bytes);
  return std::to_string(client.read_response().status);
}

TEST(bridge_proxy, serves_what_comes_behind_the_header_however_it_is_cut) {
  bridge b(behind_a_proxy);
  const auto bytes = proxy_header("192.0.2.1", std::string(300, 'f')) + get_bytes("/fast?n=1");
  for (std::size_t cut = 1; cut < 40; ++cut) {
    auto client = b.connect();
    client.send_cut(bytes, cut);
    ASSERT_EQ(echo_of(client.read_response()), "n=1") << cut;
  }
  auto client = b.connect();
  client.send(bytes + get_bytes("/fast?n=2"));
  EXPECT_EQ(echo_of(client.read_response()), "n=1");
  EXPECT_EQ(echo_of(client.read_response()), "n=2");
}

TEST(bridge_proxy, counts_connections_by_the_client_that_is_told) {
  bridge b([](options& o) {
    behind_a_proxy(o);
    o.http.max_connections_per_address = 1;
  });
  auto first = b.connect(), second = b.connect(), third = b.connect(), proxy = b.connect();
  EXPECT_EQ(status_after(first, proxy_header("192.0.2.1") + get_bytes("/fast")), "200");
  EXPECT_EQ(status_after(second, proxy_header("192.0.2.2") + get_bytes("/fast")), "200");
  EXPECT_EQ(status_after(third, proxy_header("192.0.2.1") + get_bytes("/fast")), "503");
  EXPECT_EQ(status_after(proxy, kit::local_proxy_header() + get_bytes("/fast")), "200") << "for itself";
  first.reset();
  EXPECT_TRUE(eventually([&] {
    auto next = b.connect();
    return status_after(next, proxy_header("192.0.2.1") + get_bytes("/fast")) == "200";
  }));
}

TEST(bridge_proxy, closes_without_a_word_when_there_is_no_header_or_a_broken_one) {
  bridge b(behind_a_proxy);
  auto broken = proxy_header("192.0.2.1") + get_bytes("/fast");
  broken[12] = 0x11;
  for (const auto& bytes :
       {get_bytes("/fast"), std::string("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"), broken}) {
    auto client = b.connect();
    client.send(bytes);
    EXPECT_TRUE(client.is_closed_in_silence());
  }
  EXPECT_EQ(b.connections(), 0u);
}

TEST(bridge_proxy, does_not_wait_for_a_header_for_ever) {
  bridge b(behind_a_proxy);
  auto silent = b.connect(), slow = b.connect();
  slow.send(proxy_header("192.0.2.1").substr(0, 20));
  EXPECT_TRUE(silent.is_closed_in_silence());
  EXPECT_TRUE(slow.is_closed_in_silence());
}

TEST(bridge_proxy, believes_only_a_trusted_proxy) {
  bridge b([](options& o) {
    behind_a_proxy(o);
    o.http.trusted_proxies = {"192.0.2.0/24"};
  });
  auto client = b.connect();
  client.send(proxy_header("192.0.2.1") + get_bytes("/fast"));
  EXPECT_TRUE(client.is_closed_in_silence());
}

TEST(bridge_proxy, comes_before_tls) {
  bridge b([](options& o) {
    behind_a_proxy(o);
    o.http.tls.port = 0;
    o.http.max_connections_per_address = 1;
  });
  kit::tls_connection first(b.tls_port(), {.before = proxy_header("192.0.2.1")});
  EXPECT_EQ(status_after(first, get_bytes("/fast")), "200");
  kit::tls_connection second(b.tls_port(), {.before = proxy_header("2001:db8::1")});
  EXPECT_EQ(status_after(second, get_bytes("/fast")), "200");
  EXPECT_THROW(kit::tls_connection(b.tls_port(), {.before = proxy_header("192.0.2.1")}), kit::tls_refused);
  EXPECT_THROW(kit::tls_connection{b.tls_port()}, kit::tls_refused) << "no header";
}

TEST(bridge_proxy, ends_with_the_server_while_headers_are_waited_for) {
  bridge b([](options& o) {
    behind_a_proxy(o);
    o.http.header_timeout_ms = 60'000;
  });
  auto silent = b.connect();
  silent.send("\r\n\r\n");
  b.stop();
  EXPECT_TRUE(silent.is_closed_in_silence());
}

} // namespace
} // namespace weappd::http::test
