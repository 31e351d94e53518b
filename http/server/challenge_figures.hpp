#pragma once

#include "messages/challenge_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <array>
#include <cstddef>

namespace weappd::http {

/// The figures of the challenge desk for Prometheus.
class challenge_figures final : public challenge_metrics {
public:
  explicit challenge_figures(prometheus::Registry& registry);
  void ended(challenge_outcome how) override { ended_[static_cast<std::size_t>(how)]->Increment(); }
  void watched(std::size_t count) override { watched_.Set(static_cast<double>(count)); }

private:
  std::array<prometheus::Counter*, challenge_outcomes> ended_{};
  prometheus::Gauge& watched_;
};

} // namespace weappd::http
