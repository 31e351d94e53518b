#pragma once

#include "messages/operators.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace weappd::http {

/// What is known of the actors of one role, for operators and for the metrics.
struct role_summary {
  std::string role; ///< "session_router"
  std::size_t instances = 0;
  std::size_t running = 0;
  std::uint64_t restarts = 0;
  std::uint32_t recent_deaths = 0;

  std::size_t measured = 0; ///< those that run and have a meter; 0: nothing is known of what follows
  std::uint64_t queued = 0;
  std::uint64_t in_flight = 0;
  double handled_per_s = 0;
  double busy = 0;    ///< the share of the time in which they were at work: their mean
  double busiest = 0; ///< of the one that was most
  duration_counts waits;
  duration_counts service;
  meter_totals totals; ///< with those of the dead
};

/// Of each role, in the order of their start.
[[nodiscard]] std::vector<role_summary> summarise(const child_list& all, actor_meter::moment now);

} // namespace weappd::http
