#pragma once

#include "messages/fwd.hpp"

#include <cstdint>
#include <string>

namespace weappd {

enum class health : std::uint8_t {
  ok,
  degraded, ///< works, but an operator should look; readyz stays 200
  down,     ///< does not work; readyz answers 503
};

/// Every service actor answers it. Answer: status_report.
struct get_status {};
struct status_report {
  health state = health::ok;
  std::string detail; ///< for operators; never a secret
};

} // namespace weappd

WEAPPD_MESSAGE(weappd::get_status)
WEAPPD_MESSAGE(weappd::status_report)
