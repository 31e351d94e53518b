#include "http/api/query_reader.hpp"

#include <gtest/gtest.h>

namespace weappd::http {
namespace {

using list = std::vector<std::string>;

list problems_of(std::string_view query, const std::function<void(query_reader&)>& read) {
  std::vector<json::problem> problems;
  query_reader reader(query, problems);
  read(reader);
  reader.finish();
  list words;
  for (const auto& one : problems)
    words.push_back(one.field + ": " + std::string(one.word));
  return words;
}

TEST(query_reader, reads_what_fits_and_decodes_it) {
  const auto words = problems_of("a=x%20y+z&n=17&b=%E8%AE%A2&&c=", [](query_reader& query) {
    EXPECT_EQ(query.text("a"), "x y z");
    EXPECT_EQ(query.number("n", 1, 17), 17u);
    EXPECT_EQ(query.text("b"), "\xE8\xAE\xA2");
    EXPECT_EQ(query.text("c", {.min = 0}), "");
    EXPECT_EQ(query.text("d"), std::nullopt);
    EXPECT_EQ(query.number("m", 1, 2), std::nullopt);
  });
  EXPECT_EQ(words, list{});
  EXPECT_EQ(problems_of("", [](query_reader& query) { EXPECT_EQ(query.text("a"), std::nullopt); }), list{});
}

TEST(query_reader, names_are_decoded_before_they_are_compared) {
  EXPECT_EQ(problems_of("%61=1&a=2", [](query_reader& query) { EXPECT_EQ(query.text("a"), "1"); }),
            list{"a: duplicate_field"});
}

TEST(query_reader, names_every_problem) {
  const auto words = problems_of("long=xxx&bad=%ff&empty&x=1&x=2&more=1", [](query_reader& query) {
    EXPECT_EQ(query.text("long", {.max = 2}), std::nullopt);
    EXPECT_EQ(query.text("bad"), std::nullopt);
    EXPECT_EQ(query.text("empty"), std::nullopt);
    EXPECT_EQ(query.text("x"), "1");
  });
  EXPECT_EQ(words, (list{"x: duplicate_field", "long: too_long", "bad: invalid_characters",
                         "empty: too_short", "more: unknown_field"}));
}

TEST(query_reader, takes_digits_alone_for_a_number) {
  const auto number = [](std::string_view text) {
    return problems_of("n=" + std::string(text),
                       [](query_reader& query) { (void)query.number("n", 1, 100); });
  };
  EXPECT_EQ(number("100"), list{});
  for (const auto* text : {"101", "0", "4294967297", "9999999999"})
    EXPECT_EQ(number(text), list{"n: out_of_range"}) << text;
  for (const auto* text : {"x", "1x", "-1", "%2B1", "01", "1.0", "0x1"})
    EXPECT_EQ(number(text), list{"n: wrong_type"}) << text;
  EXPECT_EQ(number(""), list{"n: too_short"});
}

TEST(query_reader, stops_at_its_bound) {
  std::string query;
  for (int i = 0; i < 100; ++i)
    query += "a" + std::to_string(i) + "=1&";
  std::vector<json::problem> problems;
  query_reader reader(query, problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0], (json::problem{"query", json::words::too_long}));
}

} // namespace
} // namespace weappd::http
