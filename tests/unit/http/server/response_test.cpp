#include "http/server/response.hpp"

#include <gtest/gtest.h>

namespace weappd::http::test {
namespace {

std::string written(const response& answer, const answer_frame& frame) {
  std::string out;
  append_response(out, answer, frame);
  return out;
}

TEST(response, is_written_with_every_field_once_and_its_body) {
  EXPECT_EQ(written({.body = "{}", .fields = "Retry-After: 1\r\n"},
                    {.request_id = "id-12345", .date = "today", .fields = "Vary: Origin\r\n"}),
            "HTTP/1.1 200 OK\r\n"
            "Date: today\r\n"
            "Content-Type: application/json; charset=utf-8\r\n"
            "Content-Length: 2\r\n"
            "Cache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
            "X-Request-Id: id-12345\r\n"
            "Retry-After: 1\r\n"
            "Vary: Origin\r\n"
            "\r\n"
            "{}");
}

TEST(response, is_appended_to_what_is_there) {
  std::string out = "before";
  append_response(out, {.body = "x"}, {});
  append_response(out, {.body = "y"}, {});
  EXPECT_TRUE(out.starts_with("beforeHTTP/1.1 200 OK"));
  EXPECT_TRUE(out.ends_with("\r\n\r\ny"));
}

TEST(response, has_the_reason_of_its_status) {
  for (const auto& [status, line] : {std::pair{201, "HTTP/1.1 201 Created\r\n"},
                                     {413, "HTTP/1.1 413 Payload Too Large\r\n"},
                                     {429, "HTTP/1.1 429 Too Many Requests\r\n"},
                                     {503, "HTTP/1.1 503 Service Unavailable\r\n"}})
    EXPECT_TRUE(written({.status = status}, {}).starts_with(line)) << status;
}

TEST(response, to_HEAD_has_the_length_of_the_body_that_it_leaves_out) {
  const auto text = written({.body = "12345"}, {.head_only = true});
  EXPECT_NE(text.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(response, without_content_has_neither_length_nor_type) {
  const auto text = written({.status = 204, .body = "dropped"}, {});
  EXPECT_TRUE(text.starts_with("HTTP/1.1 204 No Content\r\n"));
  EXPECT_EQ(text.find("Content-Length"), std::string::npos);
  EXPECT_EQ(text.find("Content-Type:"), std::string::npos);
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(response, says_how_the_connection_goes_on_where_that_is_not_plain) {
  EXPECT_EQ(written({}, {}).find("Connection:"), std::string::npos);
  EXPECT_NE(written({}, {.close = true}).find("Connection: close\r\n"), std::string::npos);
  EXPECT_NE(written({}, {.http_1_0 = true}).find("Connection: keep-alive\r\n"), std::string::npos);
  EXPECT_EQ(written({}, {.close = true, .http_1_0 = true}).find("keep-alive"), std::string::npos);
}

TEST(response, has_no_request_id_where_there_is_none) {
  EXPECT_EQ(written({}, {}).find("X-Request-Id"), std::string::npos);
}

// date -u -d @784111777 '+%a, %d %b %Y %T GMT', and so on; the first is the example of RFC 9110
// section 5.6.7.
TEST(date_cache, writes_seconds_since_1970_as_http_dates) {
  date_cache dates;
  EXPECT_EQ(dates.at(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(dates.at(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(dates.at(784111778), "Sun, 06 Nov 1994 08:49:38 GMT");
  EXPECT_EQ(dates.at(1709251199), "Thu, 29 Feb 2024 23:59:59 GMT");
  EXPECT_EQ(dates.at(0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

} // namespace
} // namespace weappd::http::test
