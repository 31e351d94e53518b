#pragma once

#include "messages/rate_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/registry.h>

#include <array>
#include <map>
#include <mutex>
#include <string>

namespace weappd::http {

/// The figures of rate limiters for Prometheus: four series for each policy that was ever configured.
class rate_figures final : public rate_metrics {
public:
  explicit rate_figures(prometheus::Registry& registry);
  policy_figures& of(const std::string& policy) override;

private:
  class series final : public policy_figures {
  public:
    series(prometheus::Family<prometheus::Counter>& family, const std::string& policy);
    void count(rate_outcome what) override { counters_[static_cast<std::size_t>(what)]->Increment(); }

  private:
    std::array<prometheus::Counter*, 4> counters_{};
  };

  prometheus::Family<prometheus::Counter>& family_;
  std::mutex mutex_;
  std::map<std::string, series> policies_;
};

} // namespace weappd::http
