// Documents that are made by the program say what the program says.
#include "http/daemon/error_table.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>

namespace {

std::string read(const std::string& path) {
  std::ifstream in(std::filesystem::path(WEAPPD_SOURCE_DIR) / path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(documents, the_error_table_of_http_readme_is_the_one_that_the_program_prints) {
  const auto text = read("http/README.md");
  const std::string begin = "<!-- errors: begin -->\n";
  const auto from = text.find(begin);
  const auto to = text.find("<!-- errors: end -->");
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  EXPECT_EQ(text.substr(from + begin.size(), to - from - begin.size()), weappd::errors_as_markdown())
      << "make it anew with: weappd print-errors";
}

TEST(documents, every_message_of_an_interface_has_a_row_in_messages_readme) {
  const auto interfaces = read("messages/actors.hpp");
  const auto rows = read("messages/README.md");
  const std::regex message("(?:replies_to|reacts_to)<([a-z_]+)>");
  std::size_t found = 0;
  for (std::sregex_iterator one(interfaces.begin(), interfaces.end(), message), end; one != end;
       ++one, ++found)
    EXPECT_NE(rows.find('`' + one->str(1) + '`'), std::string::npos) << one->str(1);
  EXPECT_GT(found, 50U) << "the test looks in the wrong place";
}

TEST(documents, the_readme_names_the_two_commands) {
  const auto text = read("README.md");
  EXPECT_NE(text.find("make run"), std::string::npos);
  EXPECT_NE(text.find("make test"), std::string::npos);
}

} // namespace
