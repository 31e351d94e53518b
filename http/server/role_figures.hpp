#pragma once

#include "http/server/role_summary.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <mutex>
#include <vector>

namespace weappd::http {

/// The figures of roles for Prometheus. They are told when somebody looks, so they cost nothing until then.
/// There are as many series as roles: those of weappd and those that an extension adds.
class role_figures {
public:
  explicit role_figures(prometheus::Registry& registry);
  /// A role without a meter has the figures alone that its supervisor knows. From any thread.
  void tell(const std::vector<role_summary>& roles);

private:
  using gauges = prometheus::Family<prometheus::Gauge>;
  using counters = prometheus::Family<prometheus::Counter>;

  std::mutex mutex_;
  gauges& instances_;
  gauges& queued_;
  gauges& in_flight_;
  gauges& busy_;
  gauges& waits_;
  gauges& service_;
  counters& handled_;
  counters& busy_seconds_;
  counters& shed_;
  counters& restarts_;
};

} // namespace weappd::http
