#pragma once

#include "tests/flow/program.hpp"
#include "tests/kit/server/mini_program.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace weappd {

inline constexpr auto unfinished_head = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";
inline constexpr auto whole_request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// Real servers, one after the other on one store, with a door for successors.
struct handover_flow : testing::Test {
  [[nodiscard]] std::string door() const { return folder / "handover"; }
  [[nodiscard]] std::vector<std::string> arguments(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> all{"--simulate", "--set", "http.handover_socket=" + door()};
    for (const auto& one : more) {
      all.emplace_back("--set");
      all.push_back(one);
    }
    return kit::serve_in(folder, all);
  }
  [[nodiscard]] std::unique_ptr<kit::running_weappd> serve(const std::vector<std::string>& more = {}) const {
    return std::make_unique<kit::running_weappd>(
        weappd_program(), kit::process_start{.arguments = arguments(more), .environment = {}, .folder = {}});
  }
  [[nodiscard]] std::string log_text() const {
    std::ifstream file(folder / "log");
    return {std::istreambuf_iterator<char>(file), {}};
  }
  /// A store of that name in the folder finds the keys of the one that is served.
  void copy_keys(const std::string& store) const {
    for (const auto* kind : {".lookup.keys", ".encryption.keys", ".signing.keys"})
      std::filesystem::copy_file(folder / (std::string("weappd.db") + kind), folder / (store + kind));
  }
  static void ends_well(kit::running_weappd& server) {
    const auto end = server.child().wait();
    EXPECT_TRUE(end && end->code == 0) << server.child().errors();
  }

  kit::temporary_folder folder;
};

} // namespace weappd
