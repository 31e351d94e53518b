#pragma once

#include "messages/rate_metrics.hpp"

#include <array>
#include <cstddef>
#include <map>
#include <string>

namespace weappd {

/// What rate limiters counted; for one thread.
class recorded_rates final : public rate_metrics {
public:
  policy_figures& of(const std::string& policy) override { return figures_[policy]; }
  [[nodiscard]] std::size_t count(const std::string& policy, rate_outcome what) {
    return figures_[policy].counts[static_cast<std::size_t>(what)];
  }

private:
  struct counted final : policy_figures {
    void count(rate_outcome what) override { ++counts[static_cast<std::size_t>(what)]; }
    std::array<std::size_t, 4> counts{};
  };
  std::map<std::string, counted> figures_;
};

} // namespace weappd
