#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

/// A whole server with its users, its WeChat and its faults, in one thread, in virtual time, from one seed.
/// DESIGN.md, section 43.
namespace weappd::simulation {

struct run_report {
  std::uint64_t seed = 0;
  std::vector<std::string> trace;               ///< all that happened, in its order
  std::vector<std::string> violations;          ///< of the promises that checks/ names
  std::map<std::string, std::uint64_t> excused; ///< what would be one, were it not known
  std::map<std::string, std::uint64_t> counts;  ///< of what happened
};

/// Some minutes of trouble, then calm until everything must have come to its end. The same seed gives the
/// same report.
[[nodiscard]] run_report simulate(std::uint64_t seed);

} // namespace weappd::simulation
