#include "http/server/challenge_figures.hpp"

#include <string>

namespace weappd::http {

challenge_figures::challenge_figures(prometheus::Registry& registry)
    : watched_(prometheus::BuildGauge()
                   .Name("weappd_challenge_addresses")
                   .Help("Addresses from which logins failed a while ago.")
                   .Register(registry)
                   .Add({})) {
  auto& family = prometheus::BuildCounter()
                     .Name("weappd_challenges_total")
                     .Help("Logins for which a challenge had to be solved, by what became of it.")
                     .Register(registry);
  for (std::size_t i = 0; i < challenge_outcomes; ++i)
    ended_[i] = &family.Add({{"outcome", std::string(to_string(static_cast<challenge_outcome>(i)))}});
}

} // namespace weappd::http
