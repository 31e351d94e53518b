// The arrows of DESIGN.md section 1: who may include whom.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct rule {
  std::string_view folder;                  ///< the longest match of a file's path applies
  std::vector<std::string_view> ours;       ///< folders of ours that it may include, besides itself
  std::vector<std::string_view> not_theirs; ///< beginnings of foreign headers that it may not include
};

const std::vector<rule> rules{
    {"config/", {}, {"caf/", "boost/", "prometheus/", "spdlog/", "curl/"}},
    {"messages/",
     {"config/secret.hpp", "config/crypto/base64url.hpp"},
     {"boost/", "nlohmann/", "openssl/", "yaml-cpp/"}},
    {"actors/",
     {"messages/", "config/"},
     {"boost/", "nlohmann/", "openssl/", "sqlite3", "SQLiteCpp/", "curl/", "spdlog/"}},
    {"actors/logic/", {"messages/", "config/"}, {"caf/", "boost/", "nlohmann/", "openssl/"}},
    {"persistence/", {"messages/", "config/"}, {"boost/", "nlohmann/", "curl/", "spdlog/"}},
    {"http/", {"messages/", "config/"}, {"sqlite3", "SQLiteCpp/", "yaml-cpp/"}},
    {"http/daemon/", {"messages/", "config/", "actors/", "persistence/", "http/", "simulator/"}, {"sqlite3"}},
    {"simulator/", {"config/"}, {"caf/", "sqlite3", "curl/", "spdlog/"}},
};

const rule& rule_for(const std::string& path) {
  const rule* best = nullptr;
  for (const auto& one : rules)
    if (path.starts_with(one.folder) && (best == nullptr || one.folder.size() > best->folder.size()))
      best = &one;
  return *best;
}

/// The header that a line includes, or nothing.
std::string included(const std::string& line) {
  if (!line.starts_with("#include "))
    return {};
  const auto begin = line.find_first_of("<\"") + 1;
  const auto end = line.find_first_of(">\"", begin);
  return line.substr(begin, end - begin);
}

/// Empty when the file may include the header.
std::string objection(const std::string& file, const std::string& header) {
  const auto& one = rule_for(file);
  constexpr std::string_view houses[] = {"config/", "messages/",  "actors/", "persistence/",
                                         "http/",   "simulator/", "tests/",  "bench/"};
  const auto begins = [&](std::string_view with) { return header.starts_with(with); };
  if (std::ranges::any_of(houses, begins)) {
    const auto top = std::string_view(file).substr(0, file.find('/') + 1);
    // http/daemon may know all; no other folder of http may know the daemon.
    const bool own =
        header.starts_with(top) && (!header.starts_with("http/daemon/") || file.starts_with("http/daemon/"));
    if (!own && std::ranges::none_of(one.ours, begins))
      return file + " includes " + header;
    // logic/ is pure: it may not pull in an actor's header from the floor above either.
    if (file.starts_with("actors/logic/") && header.starts_with("actors/") &&
        !header.starts_with("actors/logic/"))
      return file + " includes " + header;
  } else if (std::ranges::any_of(one.not_theirs, begins)) {
    return file + " includes " + header;
  }
  return {};
}

std::vector<std::string> product_files() {
  const fs::path root = WEAPPD_SOURCE_DIR;
  std::vector<std::string> files;
  for (const auto* folder : {"config", "messages", "actors", "persistence", "http", "simulator"})
    for (const auto& entry : fs::recursive_directory_iterator(root / folder))
      if (entry.path().extension() == ".hpp" || entry.path().extension() == ".cpp")
        files.push_back(fs::relative(entry.path(), root).string());
  return files;
}

TEST(tree, every_folder_includes_only_whom_it_may_know) {
  const auto files = product_files();
  ASSERT_GT(files.size(), 100U) << "the sources were not found";
  for (const auto& file : files) {
    std::ifstream in(fs::path(WEAPPD_SOURCE_DIR) / file);
    for (std::string line; std::getline(in, line);) {
      const auto header = included(line);
      if (!header.empty()) {
        EXPECT_EQ(objection(file, header), "");
      }
    }
  }
}

TEST(tree, the_rule_finds_each_kind_of_wrong_arrow) {
  EXPECT_NE(objection("config/load.cpp", "messages/ids.hpp"), "");
  EXPECT_NE(objection("messages/ids.hpp", "boost/beast.hpp"), "");
  EXPECT_NE(objection("actors/session.cpp", "http/server/router.hpp"), "");
  EXPECT_NE(objection("actors/logic/gcra.cpp", "caf/actor.hpp"), "");
  EXPECT_NE(objection("actors/logic/gcra.cpp", "actors/session.hpp"), "");
  EXPECT_NE(objection("persistence/sealed.cpp", "actors/session.hpp"), "");
  EXPECT_NE(objection("http/api/auth_api.cpp", "actors/session.hpp"), "");
  EXPECT_NE(objection("http/server/router.cpp", "http/daemon/daemon.hpp"), "");
  EXPECT_NE(objection("simulator/server.cpp", "http/server/router.hpp"), "");
  EXPECT_NE(objection("http/daemon/daemon.cpp", "tests/kit/server/test_server.hpp"), "");
  EXPECT_EQ(objection("http/daemon/daemon.cpp", "actors/factories.hpp"), "");
  EXPECT_EQ(objection("actors/session.cpp", "messages/session.hpp"), "");
}

} // namespace
