#include "http/server/ban_figures.hpp"

#include <string>

namespace weappd::http {

ban_figures::ban_figures(prometheus::Registry& registry)
    : forced_out_(prometheus::BuildCounter()
                      .Name("weappd_bans_forced_out_total")
                      .Help("Bans that ended early, or were not made, because there were bans.max_banned.")
                      .Register(registry)
                      .Add({})),
      in_force_(prometheus::BuildGauge()
                    .Name("weappd_bans")
                    .Help("Addresses that are banned.")
                    .Register(registry)
                    .Add({})) {
  auto& family = prometheus::BuildCounter()
                     .Name("weappd_bans_total")
                     .Help("Bans made, by what for: refusals, failed_logins, operators.")
                     .Register(registry);
  for (const auto why : {ban_reason::refusals, ban_reason::failed_logins, ban_reason::operators})
    made_[static_cast<std::size_t>(why)] = &family.Add({{"why", std::string(to_string(why))}});
}

} // namespace weappd::http
