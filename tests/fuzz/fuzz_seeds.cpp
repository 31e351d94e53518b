#include "tests/kit/net/wire_case.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

/// Writes the bytes of each wire case into the folder that is named: seeds for fuzz_request_reader.
int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: fuzz_seeds FOLDER\n";
    return 2;
  }
  const std::filesystem::path folder = argv[1];
  std::filesystem::create_directories(folder);
  for (const auto& one : weappd::kit::load_wire_cases(WEAPPD_SOURCE_DIR "/tests/wire/cases"))
    std::ofstream(folder / one.file, std::ios::binary) << one.bytes;
}
