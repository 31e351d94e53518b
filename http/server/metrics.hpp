#pragma once

#include "http/server/filter_figures.hpp"
#include "http/server/role_figures.hpp"
#include "http/server/router.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace weappd::http {

/// Why a request was refused with 503 before an actor was made.
enum class shed_because : std::uint8_t {
  full, ///< http.max_in_flight
  slow, ///< answers of its route took longer than http.target_latency_ms
};

/// The figures of the HTTP side. Everything that a request touches is looked up once, at the start.
class server_metrics {
public:
  explicit server_metrics(prometheus::Registry& registry);

  /// Makes the series of these routes; before the first request.
  void know(const router& routes);

  /// `route` is null for a request that found none.
  void answered(const route* route, int status, std::chrono::nanoseconds duration);
  void shed(shed_because why) { (why == shed_because::full ? shed_full_ : shed_slow_).Increment(); }
  /// Refused with 429 before an actor was made, because its address is banned.
  void banned() { banned_.Increment(); }
  void in_flight(std::uint32_t count) { in_flight_.Set(count); }
  void connections(std::uint32_t count) { connections_.Set(count); }
  [[nodiscard]] filter_figures& filter() noexcept { return filter_; }
  void roles(const std::vector<role_summary>& all) { roles_.tell(all); }

  /// Everything in the registry, in Prometheus's text format.
  [[nodiscard]] std::string render() const;

private:
  struct series {
    std::array<prometheus::Counter*, 6> by_class{}; ///< index: status / 100
    prometheus::Histogram* duration = nullptr;
  };
  series make_series(std::string_view route);

  prometheus::Registry& registry_;
  prometheus::Family<prometheus::Counter>& requests_;
  prometheus::Family<prometheus::Histogram>& durations_;
  prometheus::Family<prometheus::Counter>& shed_;
  prometheus::Counter& shed_full_;
  prometheus::Counter& shed_slow_;
  prometheus::Counter& banned_;
  prometheus::Gauge& in_flight_;
  prometheus::Gauge& connections_;
  role_figures roles_;
  filter_figures filter_;
  std::vector<std::pair<const route*, series>> known_; ///< sorted by address
  series unknown_;
};

} // namespace weappd::http
