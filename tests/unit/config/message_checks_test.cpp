#include "config/message_checks.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weappd {
namespace {

void expect_check(bool (*check)(std::string_view), const std::vector<std::string>& good,
                  const std::vector<std::string>& bad) {
  for (const auto& text : good)
    EXPECT_TRUE(check(text)) << text;
  for (const auto& text : bad)
    EXPECT_FALSE(check(text)) << text;
}

TEST(message_checks, names_have_their_characters_and_lengths) {
  expect_check(is_template_name, {"custom:a", "industry:order-2_x", "custom:" + std::string(32, 'a')},
               {"", "custom:", "order", "other:a", "Custom:a", "custom:A", "custom:a:b", "custom:a b",
                "custom:" + std::string(33, 'a')});
  expect_check(is_field_name, {"a", "thing1", "Thing_1", std::string(32, 'a')},
               {"", "1a", "_a", "a-b", "a.b", "a b", "é", std::string(33, 'a')});
  expect_check(is_template_id, {"a", "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY", std::string(128, '-')},
               {"", "a b", "a/b", "é", std::string(129, 'a')});
  expect_check(is_event_name, {"a", "order.paid", "a-b_c.1", std::string(64, 'a')},
               {"", "Order.paid", "a b", "a/b", "a:b", std::string(65, 'a')});
}

TEST(message_checks, pages_and_links_are_visible_ascii) {
  expect_check(is_page_or_empty, {"", "pages/a/b?x=1&y=%20", "/pages/a", std::string(1'024, 'a')},
               {"a b", "a\n", "é", std::string(1'025, 'a')});
  expect_check(is_link_or_empty,
               {"", "https://a.cn", "http://a.cn/b?c#d", "https://" + std::string(1'016, 'a')},
               {"a.cn", "https://", "http://", "ftp://a.cn", "javascript:x", "https://a b", "https://é",
                "https://" + std::string(1'017, 'a')});
}

TEST(message_checks, texts_are_one_line_with_variables) {
  expect_check(is_message_text, {"", "a", "订单 {{a}}", std::string(1'024, 'a')},
               {"{{a", "a\nb", "\xff", "{{1}}", std::string(1'025, 'a')});
  expect_check(is_choice_text, {"a", "已付款", "{{", std::string(64, 'a')},
               {"", "a\n", "\xff", std::string(65, 'a')});
}

TEST(message_checks, what_may_be_left_out_may_be_empty) {
  expect_check(is_color_or_empty, {"", "red", "#07c160"}, {"reddish", " "});
  expect_check(is_quiet_hours_or_empty, {"", "22:00-08:00"}, {"22-8", " "});
}

} // namespace
} // namespace weappd
