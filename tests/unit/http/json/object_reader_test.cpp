#include "http/json/object_reader.hpp"

#include <gtest/gtest.h>

namespace weappd::json {
namespace {

/// What a reader said of a text, "field: word" each.
std::vector<std::string> problems_of(std::string_view text, const std::function<void(object_reader&)>& read) {
  const auto object = document::parse(text);
  std::vector<problem> problems;
  object_reader reader(object, problems);
  read(reader);
  reader.finish();
  std::vector<std::string> words;
  for (const auto& one : problems)
    words.push_back(one.field + ": " + std::string(one.word));
  return words;
}

using list = std::vector<std::string>;

list text_problems(std::string_view json_text, const text_rule& rule = {}) {
  return problems_of("{\"name\":" + std::string(json_text) + "}",
                     [&](object_reader& reader) { (void)reader.required_text("name", rule); });
}

list integer_problems(std::string_view number) {
  return problems_of("{\"n\":" + std::string(number) + "}",
                     [](object_reader& reader) { (void)reader.required_integer("n", 1, 100); });
}

TEST(object_reader, reads_what_fits) {
  const auto object = document::parse(R"({"code":"abc","everywhere":true,"n":7,"device":{"name":"x"}})");
  std::vector<problem> problems;
  object_reader body(object, problems);
  EXPECT_EQ(body.required_text("code", {.max = 3}), "abc");
  EXPECT_EQ(body.optional_text("app"), std::nullopt);
  EXPECT_EQ(body.optional_boolean("everywhere"), true);
  EXPECT_EQ(body.required_integer("n", 1, 7), 7);
  EXPECT_EQ(body.optional_integer("m", 1, 7), std::nullopt);
  auto device = body.optional_object("device");
  ASSERT_TRUE(device);
  EXPECT_EQ(device->optional_text("name"), "x");
  device->finish();
  body.finish();
  EXPECT_TRUE(problems.empty());
}

TEST(object_reader, names_every_problem_with_its_path) {
  const auto words = problems_of(R"({"device":{"name":"","extra":1},"is_admin":true,"everywhere":"yes"})",
                                 [](object_reader& body) {
                                   EXPECT_EQ(body.required_text("code"), "");
                                   auto device = body.optional_object("device");
                                   EXPECT_EQ(device->optional_text("name"), std::nullopt);
                                   device->finish();
                                   EXPECT_EQ(body.optional_boolean("everywhere"), std::nullopt);
                                 });
  EXPECT_EQ(words, (list{"code: required", "device.name: too_short", "device.extra: unknown_field",
                         "everywhere: wrong_type", "is_admin: unknown_field"}));
}

TEST(object_reader, takes_nothing_of_another_type) {
  for (const auto* value : {"5", "null", "true", "[]", "{}"})
    EXPECT_EQ(text_problems(value), list{"name: wrong_type"}) << value;
  for (const auto* value : {"\"5\"", "null", "true", "3.9", "3.0", "1e1", "[1]"})
    EXPECT_EQ(integer_problems(value), list{"n: wrong_type"}) << value;
  for (const auto* value : {"\"true\"", "null", "1", "[]"})
    EXPECT_EQ(problems_of("{\"b\":" + std::string(value) + "}",
                          [](object_reader& body) { (void)body.optional_boolean("b"); }),
              list{"b: wrong_type"})
        << value;
  for (const auto* value : {"\"a\"", "null", "1", "[]"})
    EXPECT_EQ(problems_of("{\"o\":" + std::string(value) + "}",
                          [](object_reader& body) { body.required_object("o").finish(); }),
              list{"o: wrong_type"})
        << value;
}

TEST(object_reader, never_wraps_or_rounds_an_integer) {
  for (const auto* value : {"0", "-1", "101", "4294967297", "9223372036854775808", "18446744073709551615"})
    EXPECT_EQ(integer_problems(value), list{"n: out_of_range"}) << value;
  for (const auto* value :
       {"9223372036854775808", "18446744073709551615"}) // would be 0 or -1 in a narrower type
    EXPECT_EQ(problems_of("{\"n\":" + std::string(value) + "}",
                          [](object_reader& body) { (void)body.optional_integer("n", -1, 0); }),
              list{"n: out_of_range"})
        << value;
  EXPECT_EQ(integer_problems("1"), list{});
  EXPECT_EQ(integer_problems("100"), list{});
}

TEST(object_reader, counts_code_points_not_bytes) {
  const text_rule two{.min = 2, .max = 2};
  EXPECT_EQ(text_problems("\"\xe4\xbd\xa0\xf0\x9f\x98\x80\"", two), list{});
  EXPECT_EQ(text_problems("\"\xe4\xbd\xa0\"", two), list{"name: too_short"});
  EXPECT_EQ(text_problems("\"\xe4\xbd\xa0\xe4\xbd\xa0\xe4\xbd\xa0\"", two), list{"name: too_long"});
}

TEST(object_reader, refuses_control_characters_and_marks_of_direction_and_keeps_emoji) {
  for (const auto* code : {"0000", "0009", "000a", "001b", "007f", "0080", "009f", "200e", "200f", "202e",
                           "2028", "2066", "2069", "061c"})
    EXPECT_EQ(text_problems("\"a\\u" + std::string(code) + "\""), list{"name: invalid_characters"}) << code;
  EXPECT_EQ(text_problems("\"a\xc2\xa0\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x92\xbb\""),
            list{}); // with a zero-width joiner
}

TEST(object_reader, keeps_to_an_allow_list) {
  const text_rule hex{.max = 8, .allowed = "0123456789abcdef"};
  EXPECT_EQ(text_problems("\"00ff\"", hex), list{});
  EXPECT_EQ(text_problems("\"00FF\"", hex), list{"name: invalid_characters"});
  EXPECT_EQ(text_problems("\"\xe4\xbd\xa0\"", hex), list{"name: invalid_characters"});
}

TEST(object_reader, takes_only_absolute_https_urls) {
  const auto url_problems = [](const std::string& url) {
    return problems_of(document{{"url", url}}.dump(),
                       [](object_reader& body) { (void)body.optional_https_url("url", 40); });
  };
  for (const auto* good :
       {"https://example.com", "https://example.com/a.png?x=1#y", "https://[::1]:8443/", "https://a:1"})
    EXPECT_EQ(url_problems(good), list{}) << good;
  for (const auto* wrong : {"http://example.com", "HTTPS://example.com", "https://", "https:///x",
                            "https://a b", "https://user@example.com", "https://a/\xe4\xbd\xa0",
                            "https://a/<x>", "javascript:alert(1)", "https://a:99999/", "https://a\\b"})
    EXPECT_EQ(url_problems(wrong), list{"url: not_a_url"}) << wrong;
  EXPECT_EQ(url_problems("https://example.com/" + std::string(21, 'a')), list{"url: too_long"});
}

TEST(object_reader, bounds_the_list_of_problems) {
  document many = document::object();
  for (int i = 0; i < 200; ++i)
    many["unknown" + std::to_string(i)] = 0;
  EXPECT_EQ(problems_of(many.dump(), [](object_reader&) {}).size(), object_reader::max_problems);
}

TEST(object_reader, says_that_a_document_that_is_no_object_has_the_wrong_type) {
  EXPECT_EQ(problems_of("[]", [](object_reader&) {}), list{": wrong_type"});
}

TEST(object_reader, reads_members_of_any_name_and_names_those_that_do_not_fit) {
  const auto long_name = std::string(65, 'n');
  const auto words =
      problems_of(R"({"data":{"a":"1","b":2,"":"x",")" + long_name + R"(":"x"}})", [](object_reader& body) {
        std::vector<std::string> seen;
        body.required_members("data", 4, [&](const std::string& name, const document& value) {
          seen.push_back(name);
          return value.is_string() ? std::string_view{} : words::wrong_type;
        });
        EXPECT_EQ(seen, (list{"a", "b"}));
      });
  EXPECT_EQ(words,
            (list{"data.: too_short", "data.b: wrong_type", "data." + std::string(59, 'n') + ": too_long"}));
  const auto data_problems = [](std::string_view text) {
    return problems_of(text, [](object_reader& body) {
      body.required_members("data", 1,
                            [](const std::string&, const document&) { return std::string_view{}; });
    });
  };
  EXPECT_EQ(data_problems(R"({"data":{"a":1,"b":2}})"), list{"data: too_long"});
  EXPECT_EQ(data_problems(R"({"data":[]})"), list{"data: wrong_type"});
  EXPECT_EQ(data_problems("{}"), list{"data: required"});
  EXPECT_EQ(data_problems(R"({"data":{}})"), list{});
}

TEST(object_reader, reads_moments_and_values_of_a_list) {
  const auto check = [](std::string_view text) {
    return problems_of(text, [](object_reader& body) {
      (void)body.optional_timestamp("at");
      (void)body.optional_value(
          "kind", [](std::string_view word) { return word == "one" ? std::optional(1) : std::nullopt; });
    });
  };
  EXPECT_EQ(check(R"({"at":"2026-11-25T22:00:00Z","kind":"one"})"), list{});
  EXPECT_EQ(check(R"({"at":"tomorrow","kind":"two"})"), (list{"at: not_a_time", "kind: unknown_value"}));
  EXPECT_EQ(check(R"({"at":1,"kind":1})"), (list{"at: wrong_type", "kind: wrong_type"}));
}

} // namespace
} // namespace weappd::json
