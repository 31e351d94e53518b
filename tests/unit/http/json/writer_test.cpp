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

TEST(json_writer, goes_on_behind_what_was_appended_between_two_documents) {
  std::string out;
  writer data(out);
  data.element(1);
  out += ' ';
  data.begin_object();
  data.end_object();
  EXPECT_EQ(out, "1 {}");
}

TEST(json_writer, is_not_misled_by_a_text_that_ends_in_a_bracket_or_colon) {
  std::string out;
  writer data(out);
  data.begin_array();
  data.element("{");
  data.element("[");
  data.element(":");
  data.element(0);
  data.end_array();
  EXPECT_EQ(out, R"(["{","[",":",0])");
}

TEST(json_writer, takes_the_value_of_a_member_from_somebody_else) {
  std::string out;
  writer data(out);
  data.begin_object();
  data.begin_member("one");
  data.element(1);
  data.begin_member("object");
  data.begin_object();
  data.member("inner", 2);
  data.end_object();
  data.begin_member("list");
  data.begin_array();
  data.end_array();
  data.raw_member("raw", R"({"three":[3]})");
  data.member("last", 4);
  data.end_object();
  EXPECT_EQ(out, R"({"one":1,"object":{"inner":2},"list":[],"raw":{"three":[3]},"last":4})");
}

TEST(json_writer, writes_ids_that_JavaScript_cannot_count_as_texts) {
  std::string out;
  writer data(out);
  data.begin_array();
  data.element(user_id{1});
  data.element(message_id{std::numeric_limits<std::uint64_t>::max()});
  data.end_array();
  EXPECT_EQ(out, R"(["1","18446744073709551615"])");
}

/// Room is asked for in steps: texts of every length near them meet their ends in every way.
TEST(json_writer, loses_nothing_where_its_room_ends) {
  for (std::size_t size = 0; size < 700; ++size) {
    const std::string plain(size, 'x');
    const std::string quotes(size, '"');
    std::string out = "before";
    writer data(out);
    data.begin_object();
    data.member(plain, plain);
    data.member("quotes", quotes);
    data.member("number", size);
    data.end_object();
    std::string escaped;
    for (std::size_t i = 0; i < size; ++i)
      escaped += "\\\"";
    ASSERT_EQ(out, "before{\"" + plain + "\":\"" + plain + "\",\"quotes\":\"" + escaped +
                       "\",\"number\":" + std::to_string(size) + "}");
  }
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
  writer(out).element(std::string_view("a\"b\\c\n\r\t\0\x1f\x7f/", 12));
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
