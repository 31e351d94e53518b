// What the program prints about its options, and the files that hold it.
#include "config/load.hpp"

#include "config/option_value.hpp"
#include "config/schema.hpp"
#include "temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace weappd {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

const std::string folder_of_config = std::string(WEAPPD_SOURCE_DIR) + "/config/";

TEST(config_readme, holds_the_table_of_all_options) {
  const auto text = text_of(folder_of_config + "README.md");
  const std::string begin = "<!-- options: begin -->\n";
  const auto from = text.find(begin);
  const auto to = text.find("<!-- options: end -->");
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  EXPECT_EQ(text.substr(from + begin.size(), to - from - begin.size()), options_as_markdown())
      << "make it anew with: weappd print-options";
}

TEST(config_readme, shows_a_client_templates_and_a_trigger_that_can_be_loaded) {
  const auto text = text_of(folder_of_config + "README.md");
  const auto from = text.find("    clients:\n");
  ASSERT_NE(from, std::string::npos);
  auto yaml = text.substr(from, text.find("\n\n", from) - from);
  const std::string gap = "$...$...";
  ASSERT_NE(yaml.find(gap), std::string::npos);
  yaml.replace(yaml.find(gap), gap.size(),
               "$AAECAwQFBgcICQoLDA0ODw$UxYE/nON8zrmLNK5lL/j9XPtKMDZ5VR/h1tkExic5Zo");
  const temporary_folder folder;
  const auto loaded = load_options(
      {folder.write("weappd.yaml", yaml), {}, {"apps.shop.app_id=wx1", "apps.shop.secret=s"}}, false);
  EXPECT_EQ(render_problems(loaded.problems), "");
  EXPECT_EQ(loaded.values.clients.size(), 1u);
  EXPECT_EQ(loaded.values.templates.size(), 1u);
  EXPECT_EQ(loaded.values.triggers.size(), 1u);
}

TEST(example_configuration, is_what_the_program_prints) {
  EXPECT_EQ(text_of(folder_of_config + "weappd.example.yaml"), options_as_yaml())
      << "make it anew with: weappd print-options --yaml > config/weappd.example.yaml";
}

TEST(example_configuration, has_no_problem_and_says_exactly_the_defaults) {
  auto loaded = load_options({folder_of_config + "weappd.example.yaml", {}, {}}, false);
  ASSERT_EQ(render_problems(loaded.problems), "");
  auto standard = load_options({}, true).values; // the demo
  standard.limits = options{}.limits;            // whose limits are wider than the defaults
  for (const auto& row : schema())
    for (const auto& names : entries_of(row, standard))
      EXPECT_EQ(written(row.find(loaded.values, names)), written(row.find(standard, names)))
          << particular(row.path, names);
  for (const auto& map : schema_maps())
    for (const auto& above : places_of(map, standard))
      EXPECT_EQ(map.names(loaded.values, above), map.names(standard, above)) << map.path;
  for (const auto& [key, app] : standard.apps)
    EXPECT_TRUE(loaded.values.apps.at(key).app_secret == app.app_secret) << key;
}

TEST(printed_options, name_every_option_in_both_forms) {
  const auto markdown = options_as_markdown();
  const auto yaml = options_as_yaml();
  for (const auto& row : schema()) {
    EXPECT_THAT(markdown, HasSubstr("\n| `" + std::string(row.path) + "` | ")) << row.path;
    EXPECT_THAT(yaml, ContainsRegex("[ \n]" + std::string(row.path.substr(row.path.rfind('.') + 1)) + ": "))
        << row.path;
    EXPECT_THAT(yaml, HasSubstr("# " + std::string(row.sentence))) << row.path;
  }
}

TEST(printed_options, each_row_of_the_table_has_six_cells) {
  const auto markdown = options_as_markdown();
  std::size_t rows = 0;
  for (std::size_t at = 0; at < markdown.size(); at = markdown.find('\n', at) + 1, ++rows) {
    const auto line = markdown.substr(at, markdown.find('\n', at) - at);
    EXPECT_EQ(std::count(line.begin(), line.end(), '|'), 7) << line;
  }
  EXPECT_EQ(rows, schema().size() + 2);
}

TEST(printable, keeps_a_problem_on_one_short_line) {
  EXPECT_EQ(printable("a b"), "a b");
  EXPECT_EQ(printable(std::string("\n\x1b\0\xff", 4)), "\\x0a\\x1b\\x00\\xff");
  EXPECT_EQ(printable(std::string(65, 'x')), std::string(64, 'x') + "...");
}

} // namespace
} // namespace weappd
