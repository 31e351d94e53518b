#include "tests/kit/net/wire_case.hpp"
#include "tests/unit/http/server/reader_driver.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

namespace weappd::http::test {
namespace {

const std::vector<kit::wire_case>& all_cases() {
  static const auto cases = kit::load_wire_cases(WEAPPD_SOURCE_DIR "/tests/wire/cases");
  return cases;
}

/// The refusal that the reader owes for an expected answer; errors of the router and the handlers are none of
/// its.
ec refusal_for(const kit::wire_answer& answer) {
  if (answer.bodiless && answer.status == 400)
    return ec::body_not_allowed;
  constexpr std::array readers_own{ec::malformed_request,
                                   ec::malformed_header,
                                   ec::bad_host,
                                   ec::bad_framing,
                                   ec::bad_chunk,
                                   ec::bad_target,
                                   ec::body_not_allowed,
                                   ec::duplicate_header,
                                   ec::body_too_large,
                                   ec::header_too_large,
                                   ec::target_too_long,
                                   ec::expectation_failed,
                                   ec::unsupported_coding,
                                   ec::method_not_implemented,
                                   ec::version_not_supported};
  for (const auto code : readers_own)
    if (describe(code).name == answer.error)
      return code;
  return ec::none;
}

void expect_as_written(const kit::wire_case& expected, const std::vector<outcome>& seen) {
  ASSERT_EQ(seen.size(), expected.answers.size());
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].refusal, refusal_for(expected.answers[i])) << "answer " << i;
    const bool closes = seen[i].refusal != ec::none || !seen[i].keep_alive;
    EXPECT_EQ(closes, expected.closes && i + 1 == seen.size()) << "answer " << i;
  }
  const bool continued = std::ranges::any_of(seen, [](const outcome& one) { return one.expected_continue; });
  EXPECT_EQ(continued, expected.may_continue);
}

TEST(wire_cases_of_the_reader, end_as_written) {
  ASSERT_GT(all_cases().size(), 250u);
  for (const auto& one : all_cases()) {
    SCOPED_TRACE(one.file + ": " + one.title);
    expect_as_written(one, read_whole(one.bytes));
  }
}

TEST(wire_cases_of_the_reader, end_the_same_however_they_are_cut) {
  for (const auto& one : all_cases()) {
    SCOPED_TRACE(one.file + ": " + one.title);
    const auto whole = read_whole(one.bytes);
    EXPECT_EQ(read_bytewise(one.bytes), whole);
    const auto step = std::max<std::size_t>(1, one.bytes.size() / 1000);
    for (std::size_t cut = 1; cut < one.bytes.size(); cut += step)
      EXPECT_EQ(read_cut(one.bytes, cut), whole) << "cut at " << cut;
  }
}

TEST(wire_cases_of_the_reader, never_show_the_canary_behind_a_refusal) {
  for (const auto& one : all_cases()) {
    SCOPED_TRACE(one.file + ": " + one.title);
    const auto seen = read_whole(one.bytes + "GET /canary HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const auto canaries =
        std::ranges::count_if(seen, [](const outcome& request) { return request.target == "/canary"; });
    EXPECT_EQ(canaries, one.closes ? 0 : 1);
    EXPECT_EQ(seen.size(), one.answers.size() + (one.closes ? 0 : 1));
  }
}

} // namespace
} // namespace weappd::http::test
