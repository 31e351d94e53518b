#pragma once

#include "tests/kit/server/running_weappd.hpp"

#include <string>
#include <vector>

namespace weappd {

/// The program that was built together with the tests.
inline std::string weappd_program() {
  return WEAPPD_BINARY_DIR "/weappd";
}

/// What a run that ends by itself left behind.
struct finished_run {
  int code = -1; ///< its exit code; -1: a signal ended it, or it did not end
  std::string output;
  std::string errors;
};

inline finished_run run_to_the_end(const kit::process_start& start) {
  kit::process child(weappd_program(), start);
  finished_run run;
  run.output = child.read_rest();
  if (const auto end = child.wait(); end && end->code)
    run.code = *end->code;
  run.errors = child.errors();
  return run;
}

inline finished_run run_to_the_end(const std::vector<std::string>& arguments) {
  return run_to_the_end(kit::process_start{.arguments = arguments, .environment = {}, .folder = {}});
}

} // namespace weappd
