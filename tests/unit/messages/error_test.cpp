#include "messages/error.hpp"

#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace weappd {
namespace {

std::uint64_t module_of(const error_info& info) {
  return info.public_code / 10'000'000;
}
std::uint64_t kind_of(const error_info& info) {
  return info.public_code / 10'000 % 1'000;
}

/// The kinds of the HTTP contract and the statuses that each may have.
const std::map<std::uint64_t, std::set<int>>& statuses_of_kinds() {
  static const std::map<std::uint64_t, std::set<int>> statuses{
      {1, {400}},
      {2, {403}},
      {3, {401}},
      {4, {404}},
      {5, {409, 422}},
      {6, {429}},
      {7, {502, 504}},
      {8, {503}},
      {9, {500}},
      // Too large, wrong type, wrong method, and what else HTTP itself refuses.
      {10, {405, 408, 413, 414, 415, 417, 431, 501, 505}}};
  return statuses;
}

TEST(errors, every_code_has_a_row_that_describes_it) {
  EXPECT_EQ(all_errors().size(), static_cast<std::size_t>(ec::last_));
  for (const auto& info : all_errors())
    EXPECT_EQ(&describe(info.code), &info);
}

TEST(errors, public_codes_and_names_are_unique) {
  std::set<std::uint64_t> codes;
  std::set<std::string_view> names;
  for (const auto& info : all_errors()) {
    EXPECT_TRUE(names.insert(info.name).second) << info.name;
    if (info.kind != error_class::internal) {
      EXPECT_TRUE(codes.insert(info.public_code).second) << info.name;
    }
  }
}

TEST(errors, the_kind_in_a_public_code_fits_its_http_status) {
  for (const auto& info : all_errors()) {
    if (info.kind == error_class::internal)
      continue;
    const auto known = statuses_of_kinds().find(kind_of(info));
    ASSERT_NE(known, statuses_of_kinds().end()) << info.name;
    EXPECT_TRUE(known->second.contains(info.http_status)) << info.name << ' ' << info.http_status;
  }
}

TEST(errors, a_public_code_has_ten_digits_and_a_known_module) {
  const std::set<std::uint64_t> modules{100, 200, 300, 400, 500, 600, 700, 900};
  for (const auto& info : all_errors()) {
    if (info.kind == error_class::internal) {
      EXPECT_EQ(info.public_code, 0u) << info.name;
      continue;
    }
    EXPECT_GE(info.public_code, 1'000'000'000u) << info.name;
    EXPECT_TRUE(modules.contains(module_of(info))) << info.name;
    EXPECT_GT(info.public_code % 10'000, 0u) << info.name;
  }
}

TEST(errors, the_codes_that_clients_know_never_change) {
  const std::map<ec, std::pair<std::uint64_t, int>> published{
      {ec::invalid_code, {1000030001, 401}},         {ec::user_blocked, {1000020001, 403}},
      {ec::wechat_unavailable, {1000070001, 502}},   {ec::wechat_timeout, {1000070002, 504}},
      {ec::wechat_misconfigured, {1000070003, 502}}, {ec::invalid_refresh_token, {1000030002, 401}},
      {ec::invalid_access_token, {1000030003, 401}}};
  for (const auto& [code, wanted] : published) {
    EXPECT_EQ(describe(code).public_code, wanted.first) << describe(code).name;
    EXPECT_EQ(describe(code).http_status, wanted.second) << describe(code).name;
  }
}

TEST(errors, every_503_says_when_to_come_back) {
  for (const auto& info : all_errors()) {
    if (info.http_status == 503) {
      EXPECT_GT(info.retry_after_s, 0u) << info.name;
    }
  }
}

TEST(errors, the_class_fits_the_status) {
  for (const auto& info : all_errors()) {
    if (info.kind == error_class::auth) {
      EXPECT_EQ(info.http_status, 401) << info.name;
    } else if (info.kind == error_class::limit) {
      EXPECT_EQ(info.http_status, 429) << info.name;
    } else if (info.kind == error_class::ours) {
      EXPECT_GE(info.http_status, 500) << info.name;
    }
  }
}

TEST(errors, a_sentence_is_one_plain_line) {
  for (const auto& info : all_errors()) {
    EXPECT_FALSE(info.sentence.empty()) << info.name;
    EXPECT_TRUE(std::all_of(info.sentence.begin(), info.sentence.end(), [](char c) {
      return c >= ' ' && c < 127;
    })) << info.name;
  }
}

TEST(errors, code_and_detail_survive_the_way_through_an_error) {
  const auto error = make_error(ec::wechat_timeout, "jscode2session rid 7");
  EXPECT_EQ(code_of(error), ec::wechat_timeout);
  EXPECT_EQ(detail_of(error), "jscode2session rid 7");
  EXPECT_EQ(code_of(make_error(ec::conflict)), ec::conflict);
  EXPECT_EQ(detail_of(make_error(ec::conflict)), "");
}

TEST(errors, no_error_is_none) {
  EXPECT_EQ(code_of(caf::error{}), ec::none);
  EXPECT_EQ(detail_of(caf::error{}), "");
}

TEST(errors, errors_of_the_actor_system_become_what_they_mean_to_a_client) {
  EXPECT_EQ(code_of(caf::make_error(caf::sec::request_receiver_down)), ec::overloaded);
  EXPECT_EQ(code_of(caf::make_error(caf::exit_reason::kill)), ec::overloaded);
  EXPECT_EQ(code_of(caf::make_error(caf::exit_reason::user_shutdown)), ec::overloaded);
  EXPECT_EQ(code_of(caf::make_error(caf::sec::request_timeout)), ec::handler_timeout);
  EXPECT_EQ(code_of(caf::make_error(caf::sec::runtime_error)), ec::overloaded) << "a defect threw";
  EXPECT_EQ(code_of(caf::make_error(caf::sec::unexpected_message)), ec::internal_error);
  EXPECT_FALSE(detail_of(caf::make_error(caf::sec::runtime_error)).empty());
}

TEST(errors, a_number_that_is_no_code_is_an_error_of_ours) {
  EXPECT_EQ(describe(ec::none).code, ec::internal_error);
  EXPECT_EQ(describe(static_cast<ec>(250)).code, ec::internal_error);
}

} // namespace
} // namespace weappd
