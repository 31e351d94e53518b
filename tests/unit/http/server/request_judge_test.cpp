#include "http/server/request_judge.hpp"

#include <gtest/gtest.h>

namespace weappd::http {
namespace {

head_facts good_head() {
  head_facts head;
  head.method = "POST";
  head.target = "/x";
  head.host.add("localhost");
  return head;
}

TEST(request_judge, knows_methods_by_their_exact_names) {
  for (const auto verb : {method::get, method::head, method::post, method::put, method::patch,
                          method::delete_, method::options})
    EXPECT_EQ(find_method(to_string(verb)), verb);
  for (const auto* name : {"", "get", "GETT", "TRACE", "CONNECT"})
    EXPECT_EQ(find_method(name), std::nullopt) << name;
}

TEST(request_judge, finds_no_body_where_none_is_declared) {
  const auto verdict = judge(good_head(), {});
  EXPECT_EQ(verdict.refusal, ec::none);
  EXPECT_FALSE(verdict.has_body());
}

TEST(request_judge, tells_how_the_body_is_framed) {
  auto sized = good_head();
  sized.content_length.add("1048576");
  EXPECT_EQ(judge(sized, {}).body_size, 1048576u);
  auto chunked = good_head();
  chunked.transfer_encoding.add("chunked");
  EXPECT_TRUE(judge(chunked, {}).chunked);
}

TEST(request_judge, refuses_a_length_and_a_coding_together_even_if_both_are_good) {
  auto head = good_head();
  head.content_length.add("0");
  head.transfer_encoding.add("chunked");
  EXPECT_EQ(judge(head, {}).refusal, ec::bad_framing);
}

TEST(request_judge, lets_only_options_ask_for_the_server_as_a_whole) {
  auto head = good_head();
  head.target = "*";
  EXPECT_EQ(judge(head, {}).refusal, ec::bad_target);
  head.method = "OPTIONS";
  EXPECT_EQ(judge(head, {}).refusal, ec::none);
}

TEST(request_judge, waits_with_100_only_for_a_body_of_http_1_1) {
  auto head = good_head();
  head.expect.add("100-continue");
  EXPECT_FALSE(judge(head, {}).expects_continue);
  head.content_length.add("1");
  EXPECT_TRUE(judge(head, {}).expects_continue);
  head.version = 10;
  EXPECT_FALSE(judge(head, {}).expects_continue);
}

} // namespace
} // namespace weappd::http
