#pragma once

#include "config/load.hpp"

#include "temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace weappd {

struct expected_problem {
  std::string path;
  std::string words; ///< a part of its text
};

struct broken {
  std::string name; ///< of the test
  std::string yaml;
  std::vector<expected_problem> problems;
  std::vector<std::string> set = {};
  std::vector<std::pair<std::string, std::string>> environment = {};
};

inline void PrintTo(const broken& one, std::ostream* out) {
  *out << one.name;
}

/// Loads it; there must be these problems in this order, and no other.
inline void expect_problems(const broken& given) {
  const temporary_folder folder;
  const auto loaded =
      load_options({folder.write("weappd.yaml", given.yaml), given.environment, given.set}, false);
  SCOPED_TRACE(render_problems(loaded.problems).substr(0, 2'000));
  ASSERT_EQ(loaded.problems.size(), given.problems.size());
  for (std::size_t i = 0; i < given.problems.size(); ++i) {
    const auto& path = loaded.problems[i].path;
    EXPECT_EQ(path.substr(path.rfind('/') + 1), given.problems[i].path);
    EXPECT_THAT(loaded.problems[i].text, testing::HasSubstr(given.problems[i].words));
  }
}

} // namespace weappd
