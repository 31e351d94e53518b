#include "http/server/pool_figures.hpp"

namespace weappd::http {

pool_figures::pool_figures(prometheus::Registry& registry) {
  auto& family = prometheus::BuildCounter()
                     .Name("weappd_pool_resizes_total")
                     .Help("How often a pool got another size, by a reload or by its load.")
                     .Register(registry);
  for (const auto* role : {"rate_limiter", "store_reader", "template_pusher"})
    of_[role] = {.grow = &family.Add({{"role", role}, {"direction", "grow"}}),
                 .shrink = &family.Add({{"role", role}, {"direction", "shrink"}})};
}

void pool_figures::resized(const std::string& role, std::size_t from, std::size_t to) {
  const auto found = of_.find(role);
  if (found != of_.end() && from != to)
    (to > from ? found->second.grow : found->second.shrink)->Increment();
}

} // namespace weappd::http
