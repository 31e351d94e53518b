// Beast's parser, which splits heads in its own way, is the second opinion here.
#include "http/server/head_collector.hpp"

#include <gtest/gtest.h>

#include <ostream> // Boost 1.81 uses it without including it

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <string>
#include <vector>

namespace weappd::http {
namespace {

namespace beast_http = boost::beast::http;

struct read_head {
  request wanted;
  head_facts facts;
};

read_head read(std::string_view head) {
  read_head result;
  result.facts = collect_head(head, result.wanted);
  return result;
}

std::string by_beast(std::string_view head, std::string_view name) {
  beast_http::request_parser<beast_http::string_body> parser;
  boost::beast::error_code error;
  parser.put(boost::asio::const_buffer(head.data(), head.size()), error);
  EXPECT_FALSE(error) << error.message();
  return std::string(parser.get()[name]);
}

constexpr std::string_view full_head = "POST /a/b?c=d HTTP/1.1\r\n"
                                       "hOST:\t a.example:8080 \t\r\n"
                                       "AUTHORIZATION: Bearer abc.def\r\n"
                                       "content-type:application/json; charset=utf-8\r\n"
                                       "Content-Encoding: gzip\r\n"
                                       "Content-Length:  12\r\n"
                                       "Expect: 100-continue\r\n"
                                       "Accept: a/b\r\n"
                                       "Origin: https://a.example\r\n"
                                       "Access-Control-Request-Method: PUT\r\n"
                                       "Access-Control-Request-Headers: x, y\r\n"
                                       "X-Request-Id: 12345678\r\n"
                                       "Idempotency-Key: k:1 : 2\r\n"
                                       "X-Forwarded-For: 1.2.3.4\r\n"
                                       "Forwarded: for=1.2.3.4;by=\"_a, b\"\r\n"
                                       "traceparent: 00-1-2-3\r\n"
                                       "Accept-Language: zh\r\n"
                                       "X-Empty:\r\n"
                                       "\r\n";

TEST(head_collector, finds_every_field_as_beast_does) {
  const auto [wanted, facts] = read(full_head);
  EXPECT_EQ(facts.method, "POST");
  EXPECT_EQ(wanted.verb, method::post);
  EXPECT_EQ(facts.target, "/a/b?c=d");
  EXPECT_EQ(wanted.version, 11);
  EXPECT_EQ(facts.host.value, by_beast(full_head, "Host"));
  EXPECT_EQ(facts.content_length.value, by_beast(full_head, "Content-Length"));
  EXPECT_EQ(facts.expect.value, by_beast(full_head, "Expect"));
  EXPECT_EQ(facts.transfer_encoding.count, 0u);
  EXPECT_EQ(wanted.host, by_beast(full_head, "Host"));
  EXPECT_EQ(wanted.authorization, by_beast(full_head, "Authorization"));
  EXPECT_EQ(wanted.content_type, by_beast(full_head, "Content-Type"));
  EXPECT_EQ(wanted.content_encoding, by_beast(full_head, "Content-Encoding"));
  EXPECT_EQ(wanted.accept, by_beast(full_head, "Accept"));
  EXPECT_EQ(wanted.origin, by_beast(full_head, "Origin"));
  EXPECT_EQ(wanted.cors_method, by_beast(full_head, "Access-Control-Request-Method"));
  EXPECT_EQ(wanted.cors_headers, by_beast(full_head, "Access-Control-Request-Headers"));
  EXPECT_EQ(wanted.request_id, by_beast(full_head, "X-Request-Id"));
  EXPECT_EQ(wanted.idempotency_key, by_beast(full_head, "Idempotency-Key"));
  EXPECT_EQ(wanted.forwarded_for, by_beast(full_head, "X-Forwarded-For"));
  EXPECT_EQ(wanted.forwarded, by_beast(full_head, "Forwarded"));
  EXPECT_EQ(wanted.traceparent, by_beast(full_head, "traceparent"));
  EXPECT_FALSE(facts.repeated);
}

TEST(head_collector, a_head_without_fields_has_none) {
  const auto [wanted, facts] = read("GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(facts.host.count, 0u);
  EXPECT_EQ(facts.target, "/");
  EXPECT_EQ(wanted.version, 10);
  EXPECT_FALSE(wanted.keep_alive);
}

TEST(head_collector, joins_lists_and_notes_what_may_come_once_only) {
  const auto lists = read("GET / HTTP/1.1\r\nAccept: a/b\r\naccept: c/d\r\nX-Forwarded-For: 1.1.1.1\r\n"
                          "x-forwarded-for: 2.2.2.2\r\n\r\n");
  EXPECT_EQ(lists.wanted.accept, "a/b, c/d");
  EXPECT_EQ(lists.wanted.forwarded_for, "1.1.1.1, 2.2.2.2");
  EXPECT_FALSE(lists.facts.repeated);
  EXPECT_EQ(read("GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n").facts.host.count, 2u);
  for (const std::string name : {"Authorization", "Content-Type", "Content-Encoding", "Origin",
                                 "X-Request-Id", "Idempotency-Key", "Access-Control-Request-Method"}) {
    const auto twice = "GET / HTTP/1.1\r\n" + name + ": a\r\n" + name + ": a\r\n\r\n";
    EXPECT_TRUE(read(twice).facts.repeated) << name;
  }
}

TEST(head_collector, a_name_is_not_another_one_that_begins_or_ends_alike) {
  const auto [wanted, facts] =
      read("GET / HTTP/1.1\r\nHos: a\r\nHosts: b\r\nX-Host: c\r\nXAccept: d\r\n\r\n");
  EXPECT_EQ(facts.host.count, 0u);
  EXPECT_EQ(wanted.accept, "");
}

TEST(head_collector, keeps_fields_that_somebody_wants_by_the_names_that_he_gives_them) {
  const std::vector<std::string> wanted{"X-Device", "X-Tenant"};
  request kept;
  (void)collect_head("GET / HTTP/1.1\r\nx-device: a\r\nX-Other: o\r\nX-DEVICE:b\r\n\r\n", kept, &wanted);
  ASSERT_EQ(kept.kept.size(), 1u);
  EXPECT_EQ(kept.kept[0].first, "X-Device");
  EXPECT_EQ(kept.kept[0].second, "a, b");
  kept.clear();
  EXPECT_TRUE(kept.kept.empty());
  EXPECT_TRUE(read("GET / HTTP/1.1\r\nX-Device: a\r\n\r\n").wanted.kept.empty());
}

TEST(head_collector, connection_and_version_say_whether_the_client_stays) {
  EXPECT_TRUE(read("GET / HTTP/1.1\r\n\r\n").wanted.keep_alive);
  EXPECT_FALSE(read("GET / HTTP/1.1\r\nConnection: foo , CLOSE\r\n\r\n").wanted.keep_alive);
  EXPECT_TRUE(read("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").wanted.keep_alive);
  EXPECT_FALSE(
      read("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\nConnection: close\r\n\r\n").wanted.keep_alive);
}

} // namespace
} // namespace weappd::http
