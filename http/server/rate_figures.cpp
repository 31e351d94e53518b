#include "http/server/rate_figures.hpp"

#include <prometheus/registry.h>

namespace weappd::http {

rate_figures::rate_figures(prometheus::Registry& registry)
    : family_(prometheus::BuildCounter()
                  .Name("weappd_rate_limit_total")
                  .Help("What rate limits said of requests, by policy: allowed, delayed, refused, or "
                        "would_refuse by a shadow.")
                  .Register(registry)) {}

rate_figures::series::series(prometheus::Family<prometheus::Counter>& family, const std::string& policy) {
  constexpr std::array outcomes{"allowed", "delayed", "refused", "would_refuse"};
  for (std::size_t i = 0; i < outcomes.size(); ++i)
    counters_[i] = &family.Add({{"policy", policy}, {"outcome", outcomes[i]}});
}

policy_figures& rate_figures::of(const std::string& policy) {
  std::lock_guard guard(mutex_);
  return policies_.try_emplace(policy, family_, policy).first->second;
}

} // namespace weappd::http
