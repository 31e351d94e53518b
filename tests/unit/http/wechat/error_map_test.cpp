#include "http/wechat/error_map.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace weappd {
namespace {

using enum handling;
constexpr auto mini_program = wechat_platform::mini_program;
constexpr auto wecom = wechat_platform::wecom;

struct expectation {
  handling what;
  std::vector<std::int64_t> codes;
};

void expect_all(wechat_platform platform, endpoint_group group, const std::vector<expectation>& table) {
  for (const auto& each : table)
    for (const auto code : each.codes)
      EXPECT_EQ(find_handling(platform, group, code), each.what) << code;
}

TEST(error_map_test, every_documented_code_of_mini_programs_has_its_handling) {
  expect_all(
      mini_program, endpoint_group::business,
      {
          {ok, {0}},
          {retry_backoff, {-1, 40240, 43108, 44990, 44991, 45011, 61080, 61081, 87020, 200001}},
          {refresh_token_and_retry, {40001, 40014, 42001}},
          {stop_mark_user,
           {40003, 40030, 42002, 40226, 42007, 43004, 43019, 48002, 50005, 43101, 43104, 45015, 45047, 46004,
            50001, 50002, 61010, 87007, 87009}},
          {stop_bad_request,
           {40002, 40004, 40007, 40008, 40029, 40033,  40039,  40066,  47002, 40035, 40063, 40097, 40129,
            40169, 85096, 40163, 42003, 40165, 40166,  40212,  41030,  40201, 40202, 40203, 40249, 41001,
            41002, 41003, 41004, 41005, 41006, 41007,  41008,  41009,  43001, 43002, 43003, 44001, 44002,
            44004, 45001, 45002, 45008, 45168, 46001,  47001,  47003,  76001, 76002, 76003, 76004, 76021,
            76022, 85401, 85402, 87008, 87014, 200014, 200020, 200021, 200022}},
          {stop_config_alert,
           {40013, 40036, 40037, 40125, 40243, 40164, 61004, 45035,  40090,  40230,  40231, 40232, 40233,
            40234, 40235, 40236, 40237, 40238, 40239, 43107, 43116,  48001,  61007,  48004, 50004, 50007,
            85079, 85407, 85408, 89501, 89503, 89506, 89507, 200011, 200012, 200013, 200100}},
          {quota_exhausted, {45009, 44993, 85406, 48006, 9410009, 45029, 85400}},
      });
}

TEST(error_map_test, every_documented_code_of_wecom_has_its_handling) {
  expect_all(wecom, endpoint_group::business,
             {
                 {ok, {0}},
                 {retry_backoff, {-1, 6000, 45033}},
                 {refresh_token_and_retry, {40014, 42001, 40082, 42009}},
                 {stop_mark_user, {40003, 40073, 60111, 43004, 46004, 50002, 60011, 81013, 84061}},
                 {stop_bad_request, {40004, 40007, 40008, 40029, 40031, 40032, 40058, 40035, 40063,
                                     40097, 41001, 41009, 43001, 43003, 44001, 44002, 44004, 45001,
                                     45002, 45008, 46001, 60140, 84014, 84015, 82001, 82002, 82003}},
                 {stop_config_alert,
                  {40001, 40091, 40013, 40056, 301002, 48004, 48002, 48005, 50001, 50003, 60020, 2000002,
                   93000, 93004, 93008}},
                 {quota_exhausted, {45009}},
             });
}

TEST(error_map_test, the_same_number_differs_by_endpoint) {
  EXPECT_EQ(find_handling(mini_program, endpoint_group::token, 40001), stop_config_alert);
  EXPECT_EQ(find_handling(mini_program, endpoint_group::login, 40001), stop_config_alert);
  EXPECT_EQ(find_handling(mini_program, endpoint_group::login, 50002), stop_config_alert);
  EXPECT_EQ(find_handling(mini_program, endpoint_group::link, 40002), stop_config_alert);
  EXPECT_EQ(find_handling(mini_program, endpoint_group::oauth, 40003), stop_bad_request);
  EXPECT_EQ(find_handling(mini_program, endpoint_group::oauth, 48001), stop_bad_request);
}

TEST(error_map_test, a_code_of_one_platform_is_unknown_on_the_other) {
  EXPECT_EQ(find_handling(wecom, endpoint_group::business, 43101), std::nullopt);
  EXPECT_EQ(find_handling(mini_program, endpoint_group::business, 81013), std::nullopt);
  EXPECT_EQ(find_handling(mini_program, endpoint_group::business, 12345), std::nullopt);
}

/// All of `codes` at a send, with these members.
void expect_meaning(const std::vector<std::int64_t>& codes, const refusal_meaning& wanted) {
  for (const auto code : codes) {
    const auto is = meaning_of(mini_program, endpoint_group::business, code);
    EXPECT_EQ(is.how, wanted.how) << code;
    EXPECT_EQ(is.reason, wanted.reason) << code;
    EXPECT_EQ(is.scope, wanted.scope) << code;
    EXPECT_EQ(is.wait, wanted.wait) << code;
    EXPECT_EQ(is.alert, wanted.alert) << code;
  }
}

TEST(error_map_test, a_refusal_that_is_about_the_user_says_which_messages_it_ends) {
  expect_meaning({43101}, {stop_mark_user, fail_reason::not_subscribed, send_scope::user_template});
  expect_meaning({43004, 43019, 48002, 50005, 50001, 50002},
                 {stop_mark_user, fail_reason::not_following, send_scope::user});
  expect_meaning({40003, 43104, 46004}, {stop_mark_user, fail_reason::bad_openid, send_scope::user});
  EXPECT_EQ(meaning_of(wecom, endpoint_group::business, 40073).reason, fail_reason::bad_openid);
  EXPECT_EQ(meaning_of(wecom, endpoint_group::business, 40073).scope, send_scope::user);
}

TEST(error_map_test, a_mark_of_a_user_that_no_send_can_earn_ends_the_message_alone) {
  expect_meaning({40030, 42002, 40226, 42007, 45015, 45047, 61010, 87007, 87009},
                 {stop_mark_user, fail_reason::bad_data, send_scope::message});
}

TEST(error_map_test, a_refusal_of_our_request_ends_the_message_alone) {
  expect_meaning({40002, 40004, 40007, 40008, 40029, 40033, 40035, 40039, 40063,  40066, 40097, 40165,
                  40166, 40212, 41001, 41009, 41030, 43001, 43003, 44001, 44002,  44004, 45001, 45002,
                  45008, 45168, 46001, 47001, 47002, 47003, 85401, 87014, 200014, 200022},
                 {stop_bad_request, fail_reason::bad_data, send_scope::message});
}

TEST(error_map_test, marketing_in_a_message_ends_it_alone_and_somebody_must_look) {
  expect_meaning({40249}, {stop_bad_request, fail_reason::bad_data, send_scope::message, {}, true});
}

TEST(error_map_test, a_code_that_nobody_knows_ends_the_message_and_is_never_sent_again) {
  expect_meaning({1, 12345, -2, 999'999, INT64_MAX, INT64_MIN},
                 {stop_bad_request, fail_reason::bad_data, send_scope::message});
}

TEST(error_map_test, a_refusal_of_the_template_is_told_from_one_of_the_account) {
  expect_meaning({40036, 40037, 43116},
                 {stop_config_alert, fail_reason::template_unusable, send_scope::template_});
  expect_meaning({43107}, {stop_config_alert, fail_reason::template_unusable, send_scope::api});
  expect_meaning({40013, 40090, 40125, 40164, 40230, 40239, 40243, 45035,  48001,  48004, 50004,
                  50007, 61004, 61007, 85079, 85407, 89501, 89507, 200011, 200013, 200100},
                 {stop_config_alert, fail_reason::no_permission, send_scope::api});
}

TEST(error_map_test, what_passes_by_itself_says_who_has_to_wait_and_how_long) {
  using namespace std::chrono_literals;
  constexpr auto over = fail_reason::retries_exhausted;
  expect_meaning({-1}, {retry_backoff, over, send_scope::message});
  expect_meaning({43108}, {retry_backoff, over, send_scope::user, 1s});
  expect_meaning({44990}, {retry_backoff, over, send_scope::api, 1s});
  expect_meaning({44991, 45011}, {retry_backoff, over, send_scope::api, 60s});
  expect_meaning({45009, 44993, 45029, 48006, 85400, 85406, 9410009},
                 {quota_exhausted, fail_reason::quota_exhausted, send_scope::api});
}

TEST(error_map_test, a_stale_token_is_renewed_and_one_that_stays_so_is_about_the_account) {
  expect_meaning({40001, 40014, 42001},
                 {refresh_token_and_retry, fail_reason::no_permission, send_scope::api});
}

TEST(error_map_test, every_code_that_is_no_success_has_a_reason_to_end_with) {
  for (const auto platform : {mini_program, wecom})
    for (std::int64_t code = 1; code < 310'000; ++code)
      ASSERT_NE(meaning_of(platform, endpoint_group::business, code).reason, fail_reason::none) << code;
}

TEST(error_map_test, an_exchange_of_an_official_accounts_code_ends_in_the_error_that_fits) {
  const auto expect = [](ec wanted, std::initializer_list<std::int64_t> codes) {
    for (const auto code : codes)
      EXPECT_EQ(error_of(endpoint_group::oauth, code), wanted) << code;
  };
  expect(ec::invalid_code, {40029, 40163, 42003, 41008});
  expect(ec::user_blocked, {40226});
  expect(ec::wechat_unavailable, {-1, 45011, 12345});
  expect(ec::wechat_misconfigured, {40001, 40013, 40125, 40164, 40243, 41002, 41004, 48001, 50007});
}

TEST(error_map_test, a_question_with_a_token_ends_in_the_error_that_fits) {
  const auto expect = [](ec wanted, std::initializer_list<std::int64_t> codes) {
    for (const auto code : codes)
      EXPECT_EQ(error_of(endpoint_group::business, code), wanted) << code;
  };
  expect(ec::token_rejected, {40001, 40014, 42001});
  expect(ec::wechat_unavailable, {-1, 45011, 200001, 12345});
  expect(ec::quota_exhausted, {45009});
  expect(ec::not_found, {40003, 46004});
  expect(ec::wechat_misconfigured, {40013, 41001, 48001, 200011, 200100});
}

TEST(error_map_test, a_login_ends_in_the_error_that_fits) {
  const auto expect = [](ec wanted, std::initializer_list<std::int64_t> codes) {
    for (const auto code : codes)
      EXPECT_EQ(error_of(endpoint_group::login, code), wanted) << code;
  };
  expect(ec::invalid_code, {40029, 40163, 41008});
  expect(ec::user_blocked, {40226});
  expect(ec::wechat_unavailable, {-1, 45011, 45009, 12345});
  expect(ec::wechat_misconfigured, {40001, 40013, 40125, 40164, 40243, 50002, 50007, 40002, 41002, 41004});
}

TEST(error_map_test, a_token_fetch_ends_in_the_error_that_fits) {
  const auto expect = [](ec wanted, std::initializer_list<std::int64_t> codes) {
    for (const auto code : codes)
      EXPECT_EQ(error_of(endpoint_group::token, code), wanted) << code;
  };
  expect(ec::wechat_unavailable, {-1, 45009, 45011, 12345});
  expect(ec::wechat_misconfigured, {40001, 40125, 40013, 40164, 61004, 45035, 89501, 89503, 89506, 89507,
                                    40243, 40002, 41002, 41004, 43002, 50004, 50007});
}

TEST(error_map_test, an_http_status_of_the_4xx_is_about_our_configuration_and_any_other_is_trouble) {
  EXPECT_EQ(error_of_status(400), ec::wechat_misconfigured);
  EXPECT_EQ(error_of_status(499), ec::wechat_misconfigured);
  EXPECT_EQ(error_of_status(302), ec::wechat_unavailable);
  EXPECT_EQ(error_of_status(500), ec::wechat_unavailable);
  EXPECT_EQ(error_of_status(503), ec::wechat_unavailable);
}

} // namespace
} // namespace weappd
