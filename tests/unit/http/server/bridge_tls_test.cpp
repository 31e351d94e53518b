#include "tests/kit/net/tls_connection.hpp"
#include "tests/unit/http/server/bridge_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <openssl/ssl.h>
#include <sys/socket.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace weappd::http::test {
namespace {

using kit::tls_connection;
using kit::tls_refused;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

const std::string http_1_1("\x08http/1.1", 9);
const std::string h2("\x02h2", 3);

/// A bridge that serves both plain and TLS.
struct tls_bridge : bridge {
  explicit tls_bridge(const std::function<void(options&)>& wish = {})
      : bridge([&](options& o) {
          o.http.tls.port = 0;
          if (wish)
            wish(o);
        }) {}
  [[nodiscard]] tls_connection secure(const kit::tls_wishes& wishes = {}) const {
    return tls_connection(tls_port(), wishes);
  }
  [[nodiscard]] std::string handshakes(const std::string& outcome, int count) const {
    return "weappd_tls_handshakes_total{outcome=\"" + outcome + "\"} " + std::to_string(count) + "\n";
  }
};

kit::http_response ask(tls_connection& client, std::string_view path) {
  client.send(get_bytes(path));
  return client.read_response();
}

std::string why_refused(const bridge& b, const kit::tls_wishes& wishes) {
  try {
    const tls_connection client(b.tls_port(), wishes);
    return "it was not";
  } catch (const tls_refused& refused) {
    return refused.what();
  }
}

TEST(bridge_tls, answers_with_either_version) {
  tls_bridge b;
  for (const auto& [version, name] : {std::pair{TLS1_2_VERSION, "TLSv1.2"}, {TLS1_3_VERSION, "TLSv1.3"}}) {
    auto client = b.secure({.version = version});
    EXPECT_EQ(client.version(), name);
    for (const auto* query : {"n=1", "n=2"})
      EXPECT_EQ(echo_of(ask(client, std::string("/after/1?") + query)), query);
    EXPECT_EQ(echo_of(ask(client, "/fast?n=3")), "n=3");
  }
  EXPECT_EQ(echo_of(b.get("/fast?plain")), "plain") << "and without TLS on the other port";
  EXPECT_THAT(b.metrics(), HasSubstr(b.handshakes("full", 2)));
}

TEST(bridge_tls, refuses_what_is_older_than_it_may_be) {
  tls_bridge b;
  EXPECT_THAT(why_refused(b, {.version = TLS1_1_VERSION}), HasSubstr("protocol version"));
  tls_bridge strict([](options& o) { o.http.tls.min_version = tls_version::v1_3; });
  EXPECT_THAT(why_refused(strict, {.version = TLS1_2_VERSION}), HasSubstr("protocol version"));
  EXPECT_EQ(strict.secure().version(), "TLSv1.3");
  EXPECT_TRUE(eventually([&] { return b.count_events("tls.handshake_failed") == 1; }));
  EXPECT_THAT(b.metrics(), HasSubstr(b.handshakes("failed", 1)));
}

TEST(bridge_tls, has_forward_secrecy_and_authenticated_encryption) {
  tls_bridge b;
  EXPECT_EQ(b.secure({.version = TLS1_2_VERSION}).cipher(), "ECDHE-ECDSA-AES128-GCM-SHA256");
  b.use_certificate(kit::self_signed::make("IP:127.0.0.1", {.key = kit::self_signed::key_kind::rsa_2048}));
  EXPECT_EQ(b.secure({.version = TLS1_2_VERSION}).cipher(), "ECDHE-RSA-AES128-GCM-SHA256");
  EXPECT_EQ(b.secure().cipher(), "TLS_AES_128_GCM_SHA256");
}

TEST(bridge_tls, speaks_http_1_1_by_ALPN_and_nothing_else) {
  tls_bridge b;
  EXPECT_EQ(b.secure({.protocols = h2 + http_1_1}).protocol(), "http/1.1");
  EXPECT_EQ(b.secure().protocol(), "") << "who does not ask is not told";
  EXPECT_THAT(why_refused(b, {.protocols = h2}), HasSubstr("no application protocol"));
}

TEST(bridge_tls, does_not_negotiate_again) {
  tls_bridge b;
  auto client = b.secure({.version = TLS1_2_VERSION});
  EXPECT_EQ(ask(client, "/fast").status, 200);
  EXPECT_FALSE(client.renegotiate());
  auto other = b.secure({.version = TLS1_2_VERSION});
  EXPECT_EQ(ask(other, "/fast").status, 200) << "and others do not mind";
}

TEST(bridge_tls, answers_requests_that_were_sent_ahead_in_order) {
  tls_bridge b;
  auto client = b.secure();
  std::string bytes;
  for (int i = 0; i < 500; ++i)
    bytes += get_bytes((i % 50 == 0 ? "/after/2?n=" : "/fast?n=") + std::to_string(i));
  client.send(bytes);
  for (int i = 0; i < 500; ++i)
    ASSERT_EQ(echo_of(client.read_response()), "n=" + std::to_string(i));
}

TEST(bridge_tls, carries_big_bodies_both_ways) {
  tls_bridge b([](options& o) { o.http.max_body_bytes = 8'000'000; });
  auto client = b.secure();
  const auto body = big_body(5'000'000);
  client.send("POST /any HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
  client.send(body);
  EXPECT_EQ(client.read_response().json()["data"]["body"], body);
  EXPECT_EQ(ask(client, "/big/9000000").body, big_body(9'000'000));
  EXPECT_EQ(echo_of(ask(client, "/fast?n=1")), "n=1");
}

TEST(bridge_tls, closes_on_a_client_that_never_reads) {
  tls_bridge b([](options& o) { o.http.idle_timeout_ms = 200; });
  auto client = b.secure();
  client.send(get_bytes("/big/32000000"));
  ASSERT_TRUE(eventually([&] { return !b.log().empty(); }));
  EXPECT_TRUE(eventually([&] { return b.connections() == 0; }));
  EXPECT_LT(client.read_until_close().size(), 32'000'000U);
  EXPECT_FALSE(client.has_heard_goodbye()) << "there was no room for it";
}

TEST(bridge_tls, takes_new_keys_as_often_as_a_client_likes) {
  tls_bridge b;
  auto client = b.secure({.version = TLS1_3_VERSION});
  for (int i = 0; i < 100; ++i) {
    client.update_keys(); // and wants the server to do the same
    EXPECT_EQ(echo_of(ask(client, "/fast?n=1")), "n=1");
  }
}

TEST(bridge_tls, understands_bytes_that_come_one_by_one) {
  tls_bridge b;
  auto client = b.secure();
  for (const char c : get_bytes("/fast?n=1")) // a record each
    client.send({&c, 1});
  EXPECT_EQ(echo_of(client.read_response()), "n=1");
}

TEST(bridge_tls, ends_with_a_goodbye_in_every_case) {
  tls_bridge b([](options& o) {
    o.http.idle_timeout_ms = 200;
    o.http.header_timeout_ms = 200;
  });
  auto last = b.secure();
  last.send(get_bytes("/fast", "Connection: close\r\n"));
  EXPECT_EQ(last.read_response().status, 200);
  last.read_until_close();
  EXPECT_TRUE(last.has_heard_goodbye());
  auto refused = b.secure();
  refused.send("nonsense\r\n\r\n");
  EXPECT_EQ(refused.read_response().status, 400);
  refused.read_until_close();
  EXPECT_TRUE(refused.has_heard_goodbye());
  auto idle = b.secure();
  EXPECT_EQ(ask(idle, "/fast").status, 200);
  EXPECT_TRUE(idle.is_closed_in_silence());
  EXPECT_TRUE(idle.has_heard_goodbye());
  auto slow = b.secure();
  slow.send("GET / HT");
  EXPECT_EQ(slow.read_response().status, 408);
  slow.read_until_close();
  EXPECT_TRUE(slow.has_heard_goodbye());
}

TEST(bridge_tls, answers_the_goodbye_of_a_client) {
  tls_bridge b;
  auto client = b.secure();
  client.send(get_bytes("/after/5?n=1"));
  client.say_goodbye();
  EXPECT_EQ(echo_of(client.read_response()), "n=1") << "what was asked before is answered";
  client.read_until_close();
  EXPECT_TRUE(client.has_heard_goodbye());
  EXPECT_TRUE(eventually([&] { return b.connections() == 0; }));
}

TEST(bridge_tls, does_not_call_a_truncated_end_an_error) {
  tls_bridge b;
  {
    auto client = b.secure();
    EXPECT_EQ(ask(client, "/fast").status, 200);
  } // the socket ends without close_notify
  {
    auto client = b.secure();
    EXPECT_EQ(ask(client, "/fast").status, 200);
    client.reset();
  }
  EXPECT_TRUE(eventually([&] { return b.connections() == 0; }));
  EXPECT_EQ(b.count_events("tls.handshake_failed"), 0U);
  EXPECT_EQ(b.log().size(), 2U);
}

TEST(bridge_tls, cuts_off_a_handshake_that_takes_too_long) {
  tls_bridge b([](options& o) { o.http.tls.handshake_timeout_ms = 200; });
  const kit::raw_connection patient(b.port()); // on the plain port the time for a handshake does not count
  kit::raw_connection silent(b.tls_port());
  kit::raw_connection slow(b.tls_port());
  slow.send("\x16\x03\x01\x02"); // the beginning of a record
  EXPECT_TRUE(silent.is_closed_in_silence());
  EXPECT_TRUE(slow.is_closed_in_silence());
  EXPECT_TRUE(eventually([&] { return b.connections() == 1; }));
  EXPECT_THAT(b.metrics(), HasSubstr(b.handshakes("timed_out", 2)));
  EXPECT_EQ(b.count_events("tls.handshake_failed"), 1U) << "one line in a second";
  auto client = b.secure();
  EXPECT_EQ(ask(client, "/fast").status, 200) << "and then it worked again";
}

TEST(bridge_tls, counts_a_client_that_hangs_up_in_its_handshake) {
  tls_bridge b;
  { const kit::raw_connection scanner(b.tls_port()); }
  EXPECT_TRUE(
      eventually([&] { return b.metrics().find(b.handshakes("abandoned", 1)) != std::string::npos; }));
  EXPECT_EQ(b.count_events("tls.handshake_failed"), 0U);
}

TEST(bridge_tls, hangs_up_on_what_is_no_TLS) {
  tls_bridge b;
  for (const auto* bytes :
       {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", "\x16\x03\x03\x7f\xff garbage garbage", "hello\n\n\n\n"}) {
    kit::raw_connection client(b.tls_port());
    client.send(bytes);
    EXPECT_THAT(client.read_until_close(), Not(HasSubstr("HTTP/1.1 200")));
  }
  EXPECT_TRUE(eventually([&] { return b.connections() == 0; }));
  EXPECT_THAT(b.metrics(), HasSubstr(b.handshakes("failed", 3)));
  auto client = b.secure();
  EXPECT_EQ(ask(client, "/fast").status, 200);
}

TEST(bridge_tls, survives_a_record_that_was_changed_on_its_way) {
  tls_bridge b;
  auto client = b.secure();
  EXPECT_EQ(ask(client, "/fast").status, 200);
  const std::string forged("\x17\x03\x03\x00\x20xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 37);
  ASSERT_EQ(::send(client.descriptor_number(), forged.data(), forged.size(), 0), 37);
  EXPECT_EQ(client.read_until_close(), "");
  EXPECT_FALSE(client.has_heard_goodbye()) << "an alert instead";
  EXPECT_EQ(b.log().size(), 1U);
}

TEST(bridge_tls, counts_connections_of_both_kinds_together) {
  tls_bridge b([](options& o) { o.http.max_connections = 2; });
  auto first = b.secure();
  EXPECT_EQ(ask(first, "/fast").status, 200);
  kit::raw_connection handshaking(b.tls_port()); // counts as well
  ASSERT_TRUE(eventually([&] { return b.connections() == 2; }));
  EXPECT_EQ(b.get("/fast").status, 503);
  EXPECT_THAT(why_refused(b, {}), AnyOf("the connection ended", "unexpected eof while reading"))
      << "no handshake for one too many";
  handshaking.reset();
  ASSERT_TRUE(eventually([&] { return b.connections() == 1; }));
  auto second = b.secure();
  EXPECT_EQ(ask(second, "/fast").status, 200);
}

TEST(bridge_tls, tells_browsers_to_stay_with_https_and_only_there) {
  tls_bridge b([](options& o) { o.http.hsts_s = 31'536'000; });
  auto client = b.secure();
  EXPECT_EQ(ask(client, "/fast").header("Strict-Transport-Security"), "max-age=31536000");
  EXPECT_EQ(ask(client, "/nowhere").header("Strict-Transport-Security"), "max-age=31536000");
  EXPECT_EQ(b.get("/fast").header("Strict-Transport-Security"), "") << "RFC 6797 section 7.2";
  tls_bridge quiet;
  auto other = quiet.secure();
  EXPECT_EQ(ask(other, "/fast").header("Strict-Transport-Security"), "");
}

TEST(bridge_tls, resumes_sessions) {
  tls_bridge b;
  for (const auto version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    auto first = b.secure({.version = version});
    EXPECT_EQ(ask(first, "/fast").status, 200);
    EXPECT_FALSE(first.was_resumed());
    auto second = b.secure({.version = version, .session = first.session()});
    EXPECT_TRUE(second.was_resumed());
    EXPECT_EQ(ask(second, "/fast").status, 200);
  }
  EXPECT_THAT(b.metrics(), AllOf(HasSubstr(b.handshakes("full", 2)), HasSubstr(b.handshakes("resumed", 2))));
}

TEST(bridge_tls, resumes_sessions_over_a_rotation_of_the_keys_and_then_no_more) {
  for (const auto version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    tls_bridge b([](options& o) { o.http.tls.ticket_rotation_s = 3600; });
    auto first = b.secure({.version = version});
    EXPECT_EQ(ask(first, "/fast").status, 200);
    const auto session = first.session();
    b.jump(std::chrono::minutes(61));
    auto renewed = b.secure({.version = version, .session = session});
    EXPECT_TRUE(renewed.was_resumed()) << "the key of before still opens";
    EXPECT_EQ(ask(renewed, "/fast").status, 200);
    const auto newer = renewed.session();
    b.jump(std::chrono::minutes(60));
    auto late = b.secure({.version = version, .session = session});
    EXPECT_FALSE(late.was_resumed()) << "the key is gone";
    EXPECT_EQ(ask(late, "/fast").status, 200) << "a full handshake instead";
    EXPECT_TRUE(b.secure({.version = version, .session = newer}).was_resumed()) << "under the key after it";
  }
}

TEST(bridge_tls, takes_a_new_certificate_for_new_connections) {
  tls_bridge b;
  auto open = b.secure();
  EXPECT_EQ(ask(open, "/fast").status, 200);
  const auto before = open.fingerprint();
  const auto other = kit::self_signed::make("IP:127.0.0.1", {.to = std::chrono::hours(48)});
  b.use_certificate(other);
  EXPECT_EQ(echo_of(ask(open, "/fast?n=1")), "n=1") << "what is open goes on";
  auto fresh = b.secure();
  EXPECT_EQ(fresh.fingerprint(), other.fingerprint());
  EXPECT_NE(fresh.fingerprint(), before);
  auto resumed = b.secure({.session = open.session()});
  EXPECT_TRUE(resumed.was_resumed()) << "the keys of tickets are not those of the certificate";
}

TEST(bridge_tls, answers_what_it_has_begun_and_says_goodbye_when_it_stops) {
  tls_bridge b;
  auto busy = b.secure();
  auto idle = b.secure();
  kit::raw_connection handshaking(b.tls_port());
  EXPECT_EQ(ask(idle, "/fast").status, 200);
  busy.send(get_bytes("/after/300?n=1"));
  ASSERT_TRUE(eventually([&] { return b.held() == 1; }));
  b.stop(std::chrono::seconds(5));
  const auto answer = busy.read_response();
  EXPECT_EQ(echo_of(answer), "n=1");
  EXPECT_EQ(answer.header("Connection"), "close");
  busy.read_until_close();
  EXPECT_TRUE(busy.has_heard_goodbye());
  EXPECT_TRUE(idle.is_closed_in_silence());
  EXPECT_TRUE(idle.has_heard_goodbye());
  EXPECT_TRUE(handshaking.is_closed_in_silence());
}

TEST(bridge_tls, serves_many_at_a_time) {
  tls_bridge b;
  std::vector<std::thread> clients;
  std::atomic<int> good = 0;
  for (int t = 0; t < 8; ++t)
    clients.emplace_back([&] {
      for (int c = 0; c < 10; ++c) {
        auto client = b.secure();
        for (int i = 0; i < 50; ++i)
          good += echo_of(ask(client, "/after/0?n=" + std::to_string(i))) == "n=" + std::to_string(i) ? 1 : 0;
      }
    });
  for (auto& each : clients)
    each.join();
  EXPECT_EQ(good, 8 * 10 * 50);
  EXPECT_TRUE(eventually([&] { return b.connections() == 0 && b.is_at_rest(); }));
}

} // namespace
} // namespace weappd::http::test
