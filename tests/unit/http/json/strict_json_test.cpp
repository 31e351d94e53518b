#include "http/json/strict_json.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weappd::json {
namespace {

using namespace std::string_literals;

constexpr limits any_top{.object_only = false};

/// The problem of a text as "field: word", or "ok".
std::string verdict(std::string_view text, const limits& bounds = any_top) {
  const auto result = parse(text, bounds);
  if (const auto* fault = std::get_if<problem>(&result))
    return fault->field.empty() ? std::string(fault->word) : fault->field + ": " + std::string(fault->word);
  return "ok";
}

struct text_case {
  std::string text;
  std::string verdict;
};

void expect_verdicts(const std::vector<text_case>& cases) {
  for (const auto& one : cases)
    EXPECT_EQ(verdict(one.text), one.verdict) << one.text;
}

TEST(strict_json, accepts_what_rfc_8259_allows) {
  expect_verdicts({
      {R"({})", "ok"},
      {R"([])", "ok"},
      {" \t\r\n{ \"a\" : [ 1 , 2 ] } \n", "ok"},
      {R"("")", "ok"},
      {R"(null)", "ok"},
      {R"(true)", "ok"},
      {R"(0)", "ok"},
      {R"(-0)", "ok"},
      {R"(-0.0)", "ok"},
      {R"(0e5)", "ok"},
      {R"(1E+2)", "ok"},
      {R"(1.5e-7)", "ok"},
      {R"(18446744073709551615)", "ok"},
      {R"(-9223372036854775808)", "ok"},
      {R"(1.7976931348623157e308)", "ok"},
      {R"(5e-324)", "ok"},
      {R"(["\"\\\/\b\f\n\r\t\u0041"])", "ok"},
      {R"(["\uD83D\ude00"])", "ok"},
      {R"(["\\uD83D"])", "ok"},
      {R"(["\u0000"])", "ok"},
      {R"({"":1})", "ok"},
      {R"({"a":{"a":1},"b":{"a":1}})", "ok"},
      {"[\"\x7f\"]", "ok"},
      {"[\"\xe4\xbd\xa0\xf0\x9f\x98\x80\"]", "ok"},
  });
}

TEST(strict_json, refuses_what_is_not_json) {
  expect_verdicts({
      {"", "bad_json"},
      {" ", "bad_json"},
      {"{", "bad_json"},
      {"[", "bad_json"},
      {"}", "bad_json"},
      {R"({"a":1)", "bad_json"},
      {R"({"a":1}x)", "bad_json"},
      {R"({"a":1}{})", "bad_json"},
      {R"({"a":1},)", "bad_json"},
      {R"({"a":1,})", "bad_json"},
      {R"([1,])", "bad_json"},
      {R"([,1])", "bad_json"},
      {R"([1 2])", "bad_json"},
      {R"({"a" 1})", "bad_json"},
      {R"({"a"})", "bad_json"},
      {R"({a:1})", "bad_json"},
      {R"({'a':1})", "bad_json"},
      {R"({1:1})", "bad_json"},
      {R"(NaN)", "bad_json"},
      {R"([Infinity])", "bad_json"},
      {R"([-Infinity])", "bad_json"},
      {R"([01])", "bad_json"},
      {R"([+1])", "bad_json"},
      {R"([.5])", "bad_json"},
      {R"([5.])", "bad_json"},
      {R"([0x10])", "bad_json"},
      {R"([1e])", "bad_json"},
      {R"([--1])", "bad_json"},
      {R"([True])", "bad_json"},
      {R"([nul])", "bad_json"},
      {R"(["a)", "bad_json"},
      {R"(["\x41"])", "bad_json"},
      {R"(["\u00"])", "bad_json"},
      {R"(["\u00g0"])", "bad_json"},
      {"[\"a\nb\"]", "bad_json"},
      {"[\"a\tb\"]", "bad_json"},
      {"/* */{}", "bad_json"},
      {"{} // end", "bad_json"},
      {"\xEF\xBB\xBF{}", "bad_json"},
      {"{}\0"s, "bad_json"},
      {"{\"a\":\0 1}"s, "bad_json"},
      {"[1,\v2]", "bad_json"},
  });
}

TEST(strict_json, refuses_text_that_is_not_utf_8) {
  expect_verdicts({
      {"[\"\xff\"]", "bad_utf8"},
      {"[\"\xc0\xaf\"]", "bad_utf8"},         // overlong "/"
      {"[\"\xe0\x80\x80\"]", "bad_utf8"},     // overlong NUL
      {"[\"\xed\xa0\x80\"]", "bad_utf8"},     // a surrogate
      {"[\"\xf4\x90\x80\x80\"]", "bad_utf8"}, // above U+10FFFF
      {"[\"\xe4\xbd\"]", "bad_utf8"},         // cut
      {"[\"\x80\"]", "bad_utf8"},
      {R"(["\ud800"])", "bad_utf8"},
      {R"(["\udc00"])", "bad_utf8"},
      {R"(["\ud800\ud800"])", "bad_utf8"},
      {R"(["\ud800x"])", "bad_utf8"},
      {R"(["\ud800\n"])", "bad_utf8"},
      {R"(["\ude00\ud83d"])", "bad_utf8"},
  });
}

TEST(strict_json, refuses_a_member_that_occurs_twice_and_names_it) {
  expect_verdicts({
      {R"({"code":"a","code":"b"})", "code: duplicate_field"},
      {R"({"code":"a","\u0063ode":"b"})", "code: duplicate_field"},
      {R"({"a":{"b":[1,{"c":1,"c":1}]}})", "a.b[1].c: duplicate_field"},
      {R"({"a":1,"b":2,"a":null})", "a: duplicate_field"},
  });
}

TEST(strict_json, refuses_numbers_that_it_could_only_guess) {
  expect_verdicts({
      {R"({"n":1e400})", "n: out_of_range"},
      {R"({"n":-1e400})", "n: out_of_range"},
      {R"({"n":18446744073709551616})", "n: out_of_range"},
      {R"({"n":-9223372036854775809})", "n: out_of_range"},
      {R"({"n":1e-400})", "n: out_of_range"},
      {R"({"a":[0,0.1e-999]})", "a[1]: out_of_range"},
  });
}

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

TEST(strict_json, accepts_depth_32_and_refuses_33) {
  EXPECT_EQ(verdict(nested(32)), "ok");
  EXPECT_TRUE(verdict(nested(33)).ends_with("too_deep"));
  std::string objects;
  for (int i = 0; i < 33; ++i)
    objects += R"({"a":)";
  EXPECT_TRUE(verdict(objects).ends_with("too_deep"));
}

TEST(strict_json, refuses_half_a_million_brackets_without_building_them) {
  EXPECT_TRUE(verdict(std::string(500'000, '[')).ends_with("too_deep"));
  std::string objects;
  while (objects.size() < 500'000)
    objects += R"({"a":)";
  EXPECT_TRUE(verdict(objects).ends_with("too_deep"));
}

TEST(strict_json, wants_an_object_at_the_top_unless_told_otherwise) {
  for (const auto* text : {"[]", "\"a\"", "1", "null", "true"})
    EXPECT_EQ(verdict(text, {}), "bad_json") << text;
  EXPECT_EQ(verdict("{}", {}), "ok");
}

TEST(strict_json, bounds_the_members_of_an_object_and_the_items_of_an_array) {
  const auto object_of = [](int members) {
    std::string text = "{";
    for (int i = 0; i < members; ++i)
      text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":0";
    return text + "}";
  };
  EXPECT_EQ(verdict(object_of(256)), "ok");
  EXPECT_EQ(verdict(object_of(257)), "k256: too_long");
  EXPECT_EQ(verdict(object_of(100'000)), "k256: too_long");
  const limits few{.max_items = 3, .object_only = false};
  EXPECT_EQ(verdict("[1,2,3]", few), "ok");
  EXPECT_EQ(verdict("[1,2,3,4]", few), "[3]: too_long");
  EXPECT_EQ(verdict("[1,2,3,[]]", few), "[3]: too_long");
}

TEST(strict_json, keeps_values_exactly) {
  const auto result =
      parse(R"({"a":"\u4f60\ud83d\ude00","n":-7,"big":18446744073709551615,"f":0.5,"l":[true,null]})");
  const auto& read = std::get<document>(result);
  EXPECT_EQ(read["a"].get_ref<const std::string&>(), "\xe4\xbd\xa0\xf0\x9f\x98\x80");
  EXPECT_EQ(read["n"].get<std::int64_t>(), -7);
  EXPECT_EQ(read["big"].get<std::uint64_t>(), 18446744073709551615u);
  EXPECT_EQ(read["f"].get<double>(), 0.5);
  EXPECT_EQ(read["l"].dump(), "[true,null]");
}

TEST(strict_json, reads_numbers_as_near_as_a_double_can_be) {
  for (const auto* text : {"0.1", "1e23", "8.5e-7", "123456789012345678901234567890.5", "9007199254740993.0",
                           "2.2250738585072011e-308", "4.9406564584124654e-324", "1.7976931348623157e308",
                           "0.500000000000000166533453693773481063544750213623046875"}) {
    const auto result = parse(text, any_top);
    ASSERT_TRUE(std::holds_alternative<document>(result)) << text;
    EXPECT_EQ(std::get<document>(result).get<double>(), std::strtod(text, nullptr)) << text;
  }
}

TEST(strict_json, takes_no_exponent_beyond_32_bits_and_no_nul_whatever_else_is_wrong) {
  expect_verdicts({{"[0e99999999999]", "[0]: out_of_range"},
                   {"[-1e-99999999999]", "[0]: out_of_range"},
                   {"[0e400]", "ok"},
                   {"[\"\xff\"]\0"s, "bad_json"},
                   {"\xEF\xBB\xBF[\"\xff\"]", "bad_json"}});
}

TEST(strict_json, puts_texts_together_that_come_in_pieces) {
  const std::string plain(5'000, 'x'); // longer than any buffer of the parser
  const auto result = parse(R"({"a\tb":")" + plain + R"(\n\u4f60)" + plain + R"(","c\u0064":["\"", ""]})");
  ASSERT_TRUE(std::holds_alternative<document>(result));
  EXPECT_EQ(std::get<document>(result),
            (document{{"a\tb", plain + "\n\xe4\xbd\xa0" + plain}, {"cd", {"\"", ""}}}));
}

/// Documents that are changed at random, against another parser: what we accept says the same there, and what
/// we call no JSON is none there.
TEST(strict_json, agrees_with_another_parser) {
  const std::vector<std::string> seeds{
      R"({"template":"custom:order_paid","to":"123","data":{"amount2":"18.50\u5143","thing4":"\n\"x\""},"n":-12})",
      R"([1,-0,2.5e-3,1E+2,18446744073709551615,-9223372036854775808,true,false,null,"",{},[]])",
      "{\"\xe4\xbd\xa0\":[\"\\ud83d\\ude00\",{\"a\":{\"b\":[[]]}}],\"\":\" \\\\ \\/ \"}"};
  const std::string pieces = "{}[]\",:\\/ \t\n01e+-.uDd8truefalsn\x01\x7f\xe4\xa0";
  std::mt19937 random(20261127);
  int accepted = 0;
  for (int i = 0; i < 60'000; ++i) {
    auto text = seeds[random() % seeds.size()];
    for (auto changes = random() % 4; changes > 0; --changes) {
      const auto at = random() % text.size();
      const auto piece = pieces[random() % pieces.size()];
      switch (random() % 3) {
      case 0:
        text[at] = piece;
        break;
      case 1:
        text.insert(at, 1, piece);
        break;
      default:
        text.erase(at, 1 + random() % 3);
      }
    }
    const auto result = parse(text, any_top);
    if (const auto* ours = std::get_if<document>(&result)) {
      ++accepted;
      ASSERT_EQ(nlohmann::json::parse(text, nullptr, false), *ours) << text;
    } else if (std::get<problem>(result).word == words::bad_json) {
      ASSERT_FALSE(nlohmann::json::accept(text)) << text;
    }
  }
  EXPECT_GT(accepted, 15'000);
}

TEST(strict_json, cuts_long_names_in_problems_at_a_whole_character) {
  std::string name(63, 'a');
  name += "\xe4\xbd\xa0";
  EXPECT_EQ(verdict("{\"" + name + "\":1,\"" + name + "\":2}"), std::string(63, 'a') + ": duplicate_field");
}

} // namespace
} // namespace weappd::json
