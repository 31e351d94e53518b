#include "http/server/request_reader.hpp"

#include "tests/unit/http/server/reader_driver.hpp"

#include <gtest/gtest.h>

#include <random>

/// What the wire cases cannot show: the fields, the moments, the memory. The judgements are in
/// tests/wire/cases.
namespace weappd::http::test {
namespace {

using phase = request_reader::phase;

constexpr std::string_view full_head = "POST /api/v1/x?page=2&a=b HTTP/1.1\r\n"
                                       "host: example.com:8080\r\n"
                                       "AUTHORIZATION: Bearer token\r\n"
                                       "Content-Type:application/json\r\n"
                                       "Content-Encoding: identity\r\n"
                                       "Accept: application/json\r\n"
                                       "accept: application/problem+json\r\n"
                                       "X-Request-ID: abcdefgh \t\r\n"
                                       "TraceParent: 00-a-b-01\r\n"
                                       "Origin: https://a.example\r\n"
                                       "Access-Control-Request-Method: PATCH\r\n"
                                       "Access-Control-Request-Headers: x-a\r\n"
                                       "Idempotency-Key: k 1\r\n"
                                       "X-Forwarded-For: 192.0.2.1\r\n"
                                       "X-Forwarded-For: 192.0.2.2\r\n"
                                       "Forwarded: for=192.0.2.3\r\n"
                                       "forwarded: for=192.0.2.4\r\n"
                                       "Content-Length: 2\r\n\r\n";

TEST(request_reader, collects_every_field_that_is_used) {
  request_reader reader({});
  EXPECT_EQ(reader.read(full_head), full_head.size());
  EXPECT_EQ(reader.where(), phase::body);
  EXPECT_EQ(reader.read("{}"), 2u);
  ASSERT_EQ(reader.where(), phase::complete);
  const auto& request = reader.current();
  EXPECT_EQ(request.verb, method::post);
  EXPECT_EQ(request.version, 11);
  EXPECT_TRUE(request.keep_alive);
  EXPECT_EQ(request.target, "/api/v1/x?page=2&a=b");
  EXPECT_EQ(request.path, "/api/v1/x");
  EXPECT_EQ(request.query, "page=2&a=b");
  EXPECT_EQ(request.host, "example.com:8080");
  EXPECT_EQ(request.authorization, "Bearer token");
  EXPECT_EQ(request.content_type, "application/json");
  EXPECT_EQ(request.content_encoding, "identity");
  EXPECT_EQ(request.accept, "application/json, application/problem+json");
  EXPECT_EQ(request.request_id, "abcdefgh");
  EXPECT_EQ(request.traceparent, "00-a-b-01");
  EXPECT_EQ(request.origin, "https://a.example");
  EXPECT_EQ(request.cors_method, "PATCH");
  EXPECT_EQ(request.cors_headers, "x-a");
  EXPECT_EQ(request.idempotency_key, "k 1");
  EXPECT_EQ(request.forwarded_for, "192.0.2.1, 192.0.2.2");
  EXPECT_EQ(request.forwarded, "for=192.0.2.3, for=192.0.2.4");
  EXPECT_EQ(request.body, "{}");
}

TEST(request_reader, leaves_nothing_of_one_request_in_the_next) {
  request_reader reader({});
  (void)reader.read(full_head);
  (void)reader.read("{}");
  reader.next();
  EXPECT_EQ(reader.where(), phase::head);
  EXPECT_FALSE(reader.begun());
  (void)reader.read("GET /y HTTP/1.0\r\nHost: b\r\n\r\n");
  ASSERT_EQ(reader.where(), phase::complete);
  const auto& request = reader.current();
  EXPECT_EQ(request.version, 10);
  EXPECT_FALSE(request.keep_alive);
  EXPECT_EQ(request.target, "/y");
  for (const auto* text :
       {&request.query, &request.authorization, &request.content_type, &request.content_encoding,
        &request.accept, &request.request_id, &request.traceparent, &request.origin, &request.cors_method,
        &request.cors_headers, &request.idempotency_key, &request.forwarded_for, &request.forwarded,
        &request.body})
    EXPECT_EQ(*text, "");
}

TEST(request_reader, stops_at_the_end_of_a_request_and_leaves_the_next_one_alone) {
  constexpr std::string_view one = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n";
  const auto two = std::string(one) + std::string(one);
  request_reader reader({});
  EXPECT_EQ(reader.read(two), one.size());
  EXPECT_EQ(reader.where(), phase::complete);
  EXPECT_EQ(reader.read(one), 0u) << "nothing is read before next()";
}

TEST(request_reader, stops_behind_a_head_whose_body_the_client_holds_back) {
  constexpr std::string_view head =
      "POST /1 HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
  request_reader reader({});
  EXPECT_EQ(reader.read(std::string(head) + "abc"), head.size());
  EXPECT_EQ(reader.where(), phase::body);
  EXPECT_TRUE(reader.expects_continue());
  EXPECT_EQ(reader.read("abcd"), 3u);
  EXPECT_EQ(reader.where(), phase::complete);
  reader.next();
  EXPECT_FALSE(reader.expects_continue());
}

TEST(request_reader, has_begun_with_the_first_byte_but_not_with_an_empty_line) {
  request_reader reader({});
  EXPECT_FALSE(reader.begun());
  (void)reader.read("\r");
  EXPECT_FALSE(reader.begun());
  (void)reader.read("\n");
  EXPECT_FALSE(reader.begun());
  (void)reader.read("G");
  EXPECT_TRUE(reader.begun());
}

TEST(request_reader, keeps_what_a_refusal_needs_to_be_answered) {
  request_reader reader({});
  (void)reader.read("HEAD /x HTTP/1.1\r\nX-Request-Id: abcdefgh\r\nAccept: application/problem+json\r\n\r\n");
  ASSERT_EQ(reader.where(), phase::refused);
  EXPECT_EQ(reader.refusal(), ec::bad_host);
  EXPECT_EQ(reader.current().verb, method::head);
  EXPECT_EQ(reader.current().request_id, "abcdefgh");
  EXPECT_EQ(reader.current().accept, "application/problem+json");
  EXPECT_EQ(reader.current().target, "");
}

TEST(request_reader, knows_a_refused_head_request_as_one_whatever_is_wrong_with_it) {
  request_reader reader({});
  (void)reader.read("HEAD /x HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n");
  EXPECT_EQ(reader.refusal(), ec::bad_framing);
  EXPECT_EQ(reader.current().verb, method::head) << "its answer must not have a body";
}

TEST(request_reader, refuses_noise_with_the_first_byte_that_cannot_be_http) {
  for (const std::string_view noise : {"\x16\x03", "\xff", "{", "\"", "\n"}) {
    request_reader reader({});
    (void)reader.read(noise.substr(0, 1));
    EXPECT_EQ(reader.where(), phase::refused) << noise;
    EXPECT_EQ(reader.refusal(), ec::malformed_request) << noise;
  }
}

TEST(request_reader, drops_trailers) {
  const auto seen = read_whole("POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "2\r\nab\r\n0\r\nAuthorization: Bearer evil\r\nHost: b\r\n\r\n");
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].body, "ab");
  EXPECT_EQ(seen[0].authorization, "");
  EXPECT_EQ(seen[0].host, "a");
}

TEST(request_reader, keeps_to_limits_to_the_byte) {
  const guard_limits small{.max_head = 64, .max_target = 10, .max_fields = 2, .max_body = 5};
  const auto refusal = [&](std::string_view bytes) {
    reader_driver driver(small);
    driver.feed(bytes);
    return driver.seen().empty() ? ec::none : driver.seen().front().refusal;
  };
  const auto with_field = [](std::size_t total) {
    std::string head = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    head += std::string(total - head.size() - 4, 'x');
    return head + "\r\n\r\n";
  };
  EXPECT_EQ(refusal(with_field(64)), ec::none);
  EXPECT_EQ(refusal(with_field(65)), ec::header_too_large);
  EXPECT_EQ(refusal("GET /123456789 HTTP/1.1\r\nHost: a\r\n\r\n"), ec::none);
  EXPECT_EQ(refusal("GET /1234567890 HTTP/1.1\r\nHost: a\r\n\r\n"), ec::target_too_long);
  EXPECT_EQ(refusal("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\nY: 2\r\n\r\n"), ec::header_too_large);
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"), ec::none);
  EXPECT_EQ(refusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n"), ec::body_too_large);
  const std::string chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:chunked\r\n\r\n";
  reader_driver five({.max_body = 5});
  five.feed(chunked + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  EXPECT_EQ(five.seen().front().body, "abcde");
  reader_driver six({.max_body = 5});
  six.feed(chunked + "3\r\nabc\r\n3\r\n");
  EXPECT_EQ(six.seen().front().refusal, ec::body_too_large);
}

TEST(request_reader, gives_memory_back_after_a_large_body) {
  request_reader reader({});
  (void)reader.read("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  (void)reader.read(std::string(1'000'000, 'x'));
  ASSERT_EQ(reader.where(), phase::complete);
  reader.next();
  EXPECT_LT(reader.current().body.capacity(), 8'192u);
}

/// Random edits of good requests: whatever comes out must come out for every cut.
TEST(request_reader, says_the_same_for_every_cut_of_ten_thousand_damaged_requests) {
  std::mt19937 random(20'261'121);
  const std::vector<std::string> pieces{"\r\n",
                                        "\r",
                                        "\n",
                                        " ",
                                        ":",
                                        "\t",
                                        std::string(1, '\0'),
                                        "0",
                                        "1",
                                        "%2e",
                                        "/",
                                        "GET",
                                        ";",
                                        ",",
                                        "chunked",
                                        "\xff",
                                        "Host: a\r\n",
                                        "Content-Length: 1\r\n",
                                        "Transfer-Encoding: chunked\r\n"};
  const std::string good = "POST /a/b?c=d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "3\r\nabc\r\n0\r\nX: y\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
  const auto below = [&random](std::size_t bound) {
    return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random);
  };
  for (int round = 0; round < 10'000; ++round) {
    auto text = good;
    for (auto edits = 1 + below(3); edits != 0; --edits) {
      const auto at = below(text.size());
      if (below(2) == 0)
        text.erase(at, 1 + below(3));
      else
        text.insert(at, pieces[below(pieces.size())]);
    }
    const auto whole = read_whole(text);
    ASSERT_EQ(read_bytewise(text), whole) << text;
    ASSERT_EQ(read_cut(text, below(text.size())), whole) << text;
  }
}

} // namespace
} // namespace weappd::http::test
