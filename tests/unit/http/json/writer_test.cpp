#include "http/json/writer.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <random>

namespace weappd::json {
namespace {

TEST(json_writer, puts_commas_between_and_nowhere_else) {
  std::string out;
  writer data(out);
  data.begin_object();
  data.member("a", 1);
  data.begin_array("list");
  data.element("x");
  data.begin_object();
  data.end_object();
  data.begin_object();
  data.member("b", false);
  data.end_object();
  data.begin_array();
  data.end_array();
  data.end_array();
  data.begin_object("o");
  data.end_object();
  data.member("c", nullptr);
  data.end_object();
  EXPECT_EQ(out, R"({"a":1,"list":["x",{},{"b":false},[]],"o":{},"c":null})");
}

TEST(json_writer, gives_a_measured_number_three_decimals) {
  std::string out;
  writer data(out);
  data.begin_array();
  for (const double number : {0.0, 0.31, 1234567.25, -0.5, 1e12})
    data.element(number);
  data.element(std::numeric_limits<double>::max());
  data.end_array();
  EXPECT_EQ(out, "[0.000,0.310,1234567.250,-0.500,1000000000000.000,0]");
}

TEST(json_writer, appends_a_value_behind_a_text_that_is_there_already) {
  std::string out = R"({"data":)";
  writer(out).element(nullptr);
  EXPECT_EQ(out, R"({"data":null)");
}

TEST(json_writer, is_not_misled_by_a_text_that_ends_in_a_bracket) {
  std::string out;
  writer data(out);
  data.begin_array();
  data.element("{");
  data.element("[");
  data.end_array();
  EXPECT_EQ(out, R"(["{","["])");
}

TEST(json_writer, writes_numbers_at_their_limits) {
  std::string out;
  writer data(out);
  data.begin_array();
  data.element(std::numeric_limits<std::int64_t>::min());
  data.element(std::numeric_limits<std::uint64_t>::max());
  data.element(std::uint8_t{7});
  data.element(true);
  data.end_array();
  EXPECT_EQ(out, "[-9223372036854775808,18446744073709551615,7,true]");
}

TEST(json_writer, writes_moments_as_rfc_3339_in_utc) {
  std::string out;
  writer(out).element(timestamp(std::chrono::milliseconds(1'795'249'800'005)));
  EXPECT_EQ(out, "\"2026-11-21T08:30:00.005Z\"");
}

TEST(json_writer, escapes_quotes_backslashes_and_control_characters) {
  std::string out;
  append_string(out, std::string_view("a\"b\\c\n\r\t\0\x1f\x7f/", 12));
  EXPECT_EQ(out, "\"a\\\"b\\\\c\\n\\r\\t\\u0000\\u001f\x7f/\"");
}

TEST(json_writer, gives_back_every_text_unchanged) {
  std::mt19937 random(4711);
  const std::vector<std::string> pieces{"a",
                                        "\"",
                                        "\\",
                                        "\n",
                                        std::string(1, '\0'),
                                        "\x1f",
                                        "\x7f",
                                        "/",
                                        "\xe4\xbd\xa0",
                                        "\xf0\x9f\x98\x80",
                                        "\xe2\x80\xa8",
                                        "plain text ",
                                        "{",
                                        "]",
                                        ","};
  std::uniform_int_distribution<std::size_t> piece(0, pieces.size() - 1);
  std::uniform_int_distribution<std::size_t> length(0, 40);
  for (int round = 0; round < 2'000; ++round) {
    std::string text;
    for (std::size_t left = length(random); left != 0; --left)
      text += pieces[piece(random)];
    std::string out;
    writer data(out);
    data.begin_object();
    data.member("text", text);
    data.end_object();
    ASSERT_EQ(nlohmann::json::parse(out).at("text").get_ref<const std::string&>(), text) << out;
  }
}

} // namespace
} // namespace weappd::json
