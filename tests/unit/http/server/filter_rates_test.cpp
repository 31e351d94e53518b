// How often the built-in rules are wrong, measured. filter_texts/ holds texts that people write and attacks
// that are well known, one a line. The rules were tuned with all of them but attacks_unseen.txt, which says
// more about attacks that nobody has seen.
#include "http/server/filter_rules.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iostream>
#include <set>
#include <string>
#include <vector>

namespace weappd::http {
namespace {

std::vector<std::string> filter_texts(const std::string& name) {
  std::ifstream file(WEAPPD_SOURCE_DIR "/tests/unit/http/server/filter_texts/" + name);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);)
    lines.push_back(line);
  return lines;
}

/// The text as the value of a query that was decoded by whoever sent it: as it stands.
std::vector<std::string> rules_that_match(const filter_rules& rules, const std::string& text) {
  const auto found = rules.look({.parameter = text});
  std::vector<std::string> names;
  for (const auto& hit : found.hits)
    names.push_back(rules.all()[hit.rule].name);
  return names;
}

/// How many are matched; those that are not as they should be are printed.
std::size_t matched_of(const std::string& name, bool should_match) {
  const filter_rules rules{filter_options{}};
  const auto texts = filter_texts(name);
  std::size_t matched = 0;
  for (const auto& text : texts) {
    const auto names = rules_that_match(rules, text);
    matched += names.empty() ? 0 : 1;
    if (names.empty() == should_match)
      std::cout << "    " << (should_match ? "missed: " : names.front() + ": ") << text << '\n';
  }
  std::cout << "  " << name << ": " << matched << " of " << texts.size() << " matched\n";
  ::testing::Test::RecordProperty(name.substr(0, name.find('.')), std::to_string(matched));
  return matched;
}

TEST(filter_rates, ordinary_texts_are_left_alone) {
  EXPECT_GE(filter_texts("ordinary.txt").size(), 320u);
  EXPECT_EQ(matched_of("ordinary.txt", false), 0u);
}

/// People who write about code, and sentences that have the words of an attack.
TEST(filter_rates, texts_that_were_made_to_be_mistaken_are_left_alone_but_for_one_that_is_html) {
  EXPECT_GE(filter_texts("ordinary_tricky.txt").size(), 150u);
  EXPECT_LE(matched_of("ordinary_tricky.txt", false), 1u);
}

TEST(filter_rates, well_known_attacks_are_found) {
  for (const auto* name : {"attacks.txt", "attacks_more.txt"}) {
    const auto known = filter_texts(name).size();
    EXPECT_GE(known, 50u);
    EXPECT_EQ(matched_of(name, true), known);
  }
}

/// The rules were not changed after these had been seen.
TEST(filter_rates, eight_of_ten_attacks_that_the_rules_were_not_made_with_are_found) {
  const auto known = filter_texts("attacks_unseen.txt").size();
  EXPECT_GE(known, 60u);
  EXPECT_GE(matched_of("attacks_unseen.txt", true) * 10, known * 8);
}

} // namespace
} // namespace weappd::http
