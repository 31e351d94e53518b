#include "http/server/filter_rules.hpp"

#include "http/server/filter_builtin.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace weappd::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<route> filter_routes{{.name = "a.read", .pattern = "/api/a"},
                                       {.name = "b.read", .pattern = "/api/b"}};

/// One rule of one's own, and none of ours.
filter_options one_rule(filter_rule_options rule) {
  filter_options configured;
  configured.builtin = false;
  configured.rules["mine"] = std::move(rule);
  return configured;
}

std::vector<std::string> hits_of(const filter_options& configured, const filter_subject& subject) {
  const filter_rules rules(configured);
  std::vector<std::string> text;
  for (const auto& hit : rules.look(subject).hits)
    text.push_back(rules.all()[hit.rule].name + " " + std::string(to_string(hit.where)));
  return text;
}

TEST(filter_rules, look_where_they_are_told_to) {
  const std::vector<std::string> headers{"a cat"};
  const filter_subject everywhere{
      .parameter = "a cat", .query = "q=a+cat", .body = R"({"a cat":1})", .headers = headers};
  for (const std::string where : {"path", "query", "headers", "body"}) {
    const auto configured = one_rule({.where = {where}, .pattern = "cat"});
    EXPECT_THAT(hits_of(configured, everywhere), ElementsAre("mine " + where));
  }
  const auto configured = one_rule({.pattern = "cat"});
  EXPECT_THAT(hits_of(configured, everywhere), ElementsAre("mine path")) << "told once, by the first place";
  EXPECT_THAT(hits_of(configured, {.body = R"(["a cat"])"}), ElementsAre("mine body"));
  EXPECT_THAT(hits_of(configured, {}), IsEmpty());
}

TEST(filter_rules, see_each_value_for_itself) {
  const auto configured = one_rule({.pattern = "^cat$"});
  EXPECT_THAT(hits_of(configured, {.query = "a=dog&b=cat"}), ElementsAre("mine query"));
  EXPECT_THAT(hits_of(configured, {.query = "a=acat"}), IsEmpty());
  EXPECT_THAT(hits_of(one_rule({.pattern = "a.*b"}), {.query = "a&b"}), IsEmpty());
  EXPECT_THAT(hits_of(one_rule({.pattern = "a.*b"}), {.query = "x=a%0ab"}), ElementsAre("mine query"))
      << "a line end hides nothing";
}

TEST(filter_rules, see_through_double_encoding_and_comments) {
  const filter_options ours;
  EXPECT_THAT(hits_of(ours, {.query = "q=%253Cscript%253E"}), ElementsAre("xss_script query"));
  EXPECT_THAT(hits_of(ours, {.body = R"({"q":"1 uNiOn/**/SeLeCt/**/1,2"})"}), ElementsAre("sql_union body"));
  EXPECT_THAT(hits_of(ours, {.body = R"({"q":"\u003Cscript>"})"}), ElementsAre("xss_script body"));
  EXPECT_THAT(hits_of(ours, {.body = R"({"q":"/*<script>*/"})"}), ElementsAre("xss_script body"))
      << "what a comment hides from SQL a browser may see";
}

TEST(filter_rules, have_their_own_letter_case) {
  EXPECT_THAT(hits_of(one_rule({.pattern = "cat"}), {.parameter = "CAT"}), ElementsAre("mine path"));
  const auto exact = one_rule({.pattern = "cat", .case_ = letter_case::exact});
  EXPECT_THAT(hits_of(exact, {.parameter = "CAT"}), IsEmpty());
  EXPECT_THAT(hits_of(exact, {.parameter = "cat"}), ElementsAre("mine path"));
  EXPECT_THAT(hits_of(one_rule({.pattern = "cat|DOG"}), {.parameter = "dog"}), ElementsAre("mine path"))
      << "the whole pattern";
}

TEST(filter_rules, are_for_the_routes_that_they_name) {
  const auto configured = one_rule({.pattern = "cat", .routes = {"b.read"}});
  EXPECT_THAT(hits_of(configured, {.target = &filter_routes[0], .parameter = "cat"}), IsEmpty());
  EXPECT_THAT(hits_of(configured, {.target = &filter_routes[1], .parameter = "cat"}),
              ElementsAre("mine path"));
}

TEST(filter_rules, have_the_mode_of_the_filter_or_their_own) {
  filter_options configured;
  const auto modes = [&] {
    std::string text;
    for (const auto& rule : rules_in_force(configured))
      text += rule.name.starts_with("mine") ? rule.name + (rule.enforces ? "+ " : "- ") : "";
    return text;
  };
  configured.rules["mine1"] = {.pattern = "a"};
  configured.rules["mine2"] = {.pattern = "a", .mode = rule_mode::enforce};
  configured.rules["mine3"] = {.pattern = "a", .mode = rule_mode::off};
  configured.rules["mine4"] = {.pattern = "a", .mode = rule_mode::shadow};
  EXPECT_EQ(modes(), "mine1- mine2+ mine4- ") << "shadow is the default";
  configured.mode = filter_mode::enforce;
  EXPECT_EQ(modes(), "mine1+ mine2+ mine4- ");
  configured.mode = filter_mode::off;
  EXPECT_EQ(modes(), "mine2+ mine4- ");
}

TEST(filter_rules, of_the_built_in_set_can_be_switched_off_and_replaced) {
  filter_options configured;
  const filter_subject attack{.parameter = "<script>"};
  EXPECT_EQ(rules_in_force(configured).size(), builtin_filter_rules().size());
  configured.rules["xss_script"] = {.mode = rule_mode::off};
  EXPECT_THAT(hits_of(configured, attack), IsEmpty());
  configured.rules["xss_script"] = {.where = {"body"}};
  EXPECT_THAT(hits_of(configured, attack), IsEmpty()) << "its pattern, but for bodies alone";
  EXPECT_THAT(hits_of(configured, {.body = R"(["<script>"])"}), ElementsAre("xss_script body"));
  configured.rules["xss_script"] = {.pattern = "cat"};
  EXPECT_THAT(hits_of(configured, attack), IsEmpty());
  EXPECT_THAT(hits_of(configured, {.parameter = "cat"}), ElementsAre("xss_script path"));
  configured.rules.clear();
  configured.builtin = false;
  EXPECT_THAT(rules_in_force(configured), IsEmpty());
  EXPECT_THAT(hits_of(configured, attack), IsEmpty());
}

TEST(filter_rules, want_headers_only_if_some_rule_looks_there) {
  auto configured = one_rule({.where = {"body"}, .pattern = "a"});
  configured.headers = {"User-Agent"};
  EXPECT_THAT(filter_rules(configured).headers(), IsEmpty());
  configured.rules["mine"].where.push_back("headers");
  EXPECT_THAT(filter_rules(configured).headers(), ElementsAre("User-Agent"));
}

TEST(filter_rules, look_at_no_more_than_max_bytes_and_say_so) {
  auto configured = one_rule({.pattern = "cat"});
  configured.max_bytes = 1'024;
  const filter_rules rules(configured);
  const auto look = [&](std::size_t before) {
    return rules.look({.body = "[\"" + std::string(before, 'x') + "cat\"]"});
  };
  EXPECT_EQ(look(1'021).hits.size(), 1u);
  EXPECT_FALSE(look(1'021).unseen);
  EXPECT_TRUE(look(1'022).hits.empty());
  EXPECT_TRUE(look(1'022).unseen);
  std::string many = "[";
  for (int i = 0; i < 64; ++i)
    many += "\"x\",";
  EXPECT_FALSE(rules.look({.body = many + "1]"}).unseen) << "64 texts of 16 bytes at least";
  EXPECT_TRUE(rules.look({.body = many + "\"cat\"]"}).unseen);
  EXPECT_TRUE(rules.look({.body = many + "\"cat\"]"}).hits.empty());
}

TEST(filter_rules, are_not_kept_from_a_body_by_what_is_long_elsewhere) {
  auto configured = one_rule({.pattern = "cat"});
  configured.max_bytes = 1'024;
  configured.headers = {"User-Agent"};
  const std::string long_query = "a" + std::string(1'030, 'x');
  const std::vector<std::string> headers{std::string(2'000, 'y')};
  const auto found =
      filter_rules(configured).look({.query = long_query, .body = "[\"cat\"]", .headers = headers});
  EXPECT_EQ(found.hits.size(), 1u);
  EXPECT_TRUE(found.unseen);
}

TEST(filter_rules, see_a_header_field_around_bytes_that_are_no_utf8) {
  auto configured = one_rule({.pattern = "<[^<>]*onclick"});
  configured.headers = {"User-Agent"};
  const std::vector<std::string> headers{"<a \xff onclick=x>"};
  EXPECT_EQ(filter_rules(configured).look({.headers = headers}).hits.size(), 1u);
}

TEST(filter_problems, name_the_rule_and_the_reason) {
  const auto problem_of = [](const filter_options& configured) {
    const auto problems = filter_problems(configured, filter_routes);
    return problems.size() == 1 ? problems[0].path + ": " + problems[0].text
                                : std::to_string(problems.size());
  };
  EXPECT_EQ(problem_of(filter_options{}), "0");
  EXPECT_EQ(problem_of(one_rule({.pattern = "a(b"})),
            "filter.rules.mine.pattern: 'a(b' is not a pattern: missing ): a(b");
  EXPECT_THAT(problem_of(one_rule({.pattern = R"((a)\1)"})), HasSubstr("invalid escape sequence: \\1"));
  EXPECT_THAT(problem_of(one_rule({.pattern = "((a{100}){100}){100}"})), HasSubstr("filter.rules.mine"));
  EXPECT_THAT(problem_of(one_rule({.pattern = "[a", .mode = rule_mode::off})), HasSubstr("missing ]"))
      << "a rule that is off is checked, too";
  EXPECT_THAT(problem_of(one_rule({.pattern = "\\Qcat"})),
              HasSubstr("filter.rules.mine.pattern: '\\Qcat' is not a pattern: "))
      << "it would take the bracket that we put behind it";
  EXPECT_EQ(problem_of(one_rule({})), "filter.rules.mine.pattern: is missing, and filter.builtin is false");
  filter_options configured;
  configured.rules["xss_scirpt"].mode = rule_mode::off;
  EXPECT_EQ(problem_of(configured),
            "filter.rules.xss_scirpt.pattern: is missing, and no built-in rule has this name");
  EXPECT_EQ(problem_of(one_rule({.pattern = "a", .routes = {"c.read"}})),
            "filter.rules.mine.routes: there is no route 'c.read'");
}

TEST(filter_problems, say_when_rules_take_too_much_memory_together) {
  filter_options configured;
  for (int i = 0; i < 64; ++i)
    configured.rules["r" + std::to_string(i)].pattern = "(?:\\pL\\pN){40}" + std::to_string(i);
  const auto problems = filter_problems(configured, filter_routes);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].path, "filter.rules");
  EXPECT_THAT(problems[0].text, HasSubstr("16777216 bytes"));
  EXPECT_THROW(filter_rules{configured}, std::invalid_argument);
}

TEST(builtin_filter_rules, are_few_and_explained_in_the_documentation) {
  std::ifstream file(WEAPPD_SOURCE_DIR "/config/README.md");
  std::ostringstream text;
  text << file.rdbuf();
  std::set<std::string_view> names;
  for (const auto& rule : builtin_filter_rules()) {
    EXPECT_TRUE(names.insert(rule.name).second) << rule.name;
    EXPECT_THAT(text.str(),
                HasSubstr("| `" + std::string(rule.name) + "` | " + std::string(rule.meaning) + " |"));
  }
  EXPECT_LE(names.size(), 16u);
}

} // namespace
} // namespace weappd::http
