#pragma once

#include "messages/fwd.hpp"

#include <string>
#include <vector>

/// What operators may ask of a running server.
namespace weappd {

/// What came of reading the configuration again. With a problem nothing was applied.
struct reload_report {
  std::vector<std::string> problems;      ///< "limits.login.limit: ...", all of them
  std::vector<std::string> applied;       ///< options, or entries, that have changed and are in force now
  std::vector<std::string> needs_restart; ///< those that have changed and are not
};

/// Read the configuration again and apply what can be applied. Answer: reload_report.
struct reload_configuration {};

} // namespace weappd

WEAPPD_MESSAGE(weappd::reload_report)
WEAPPD_MESSAGE(weappd::reload_configuration)
