#pragma once

#include "messages/ban_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <array>
#include <cstddef>

namespace weappd::http {

/// The figures of the ban keeper for Prometheus.
class ban_figures final : public ban_metrics {
public:
  explicit ban_figures(prometheus::Registry& registry);
  void made(ban_reason why) override { made_[static_cast<std::size_t>(why)]->Increment(); }
  void forced_out() override { forced_out_.Increment(); }
  void in_force(std::size_t count) override { in_force_.Set(static_cast<double>(count)); }

private:
  std::array<prometheus::Counter*, 3> made_{};
  prometheus::Counter& forced_out_;
  prometheus::Gauge& in_force_;
};

} // namespace weappd::http
