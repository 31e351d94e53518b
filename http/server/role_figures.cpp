#include "http/server/role_figures.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace weappd::http {
namespace {

double as_seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

prometheus::Family<prometheus::Gauge>& gauge(prometheus::Registry& registry, const char* name,
                                             const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Counter>& counter(prometheus::Registry& registry, const char* name,
                                                 const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

/// What was counted elsewhere.
void raise_to(prometheus::Counter& what, double total) {
  what.Increment(std::max(0.0, total - what.Value()));
}

void set_quantiles(prometheus::Family<prometheus::Gauge>& of, const std::string& role,
                   const duration_counts& counts) {
  of.Add({{"role", role}, {"quantile", "0.5"}}).Set(as_seconds(counts.quantile(0.5)));
  of.Add({{"role", role}, {"quantile", "0.99"}}).Set(as_seconds(counts.quantile(0.99)));
}

} // namespace

role_figures::role_figures(prometheus::Registry& registry)
    : instances_(gauge(registry, "weappd_role_instances", "Actors of a role that run.")),
      queued_(gauge(registry, "weappd_role_queued", "Messages in the mailboxes of a role.")),
      in_flight_(gauge(registry, "weappd_role_in_flight",
                       "Messages in hand, and what a role has begun and waits for.")),
      busy_(gauge(registry, "weappd_role_busy",
                  "The share of the last ten seconds in which the actors of a role were at work.")),
      waits_(gauge(registry, "weappd_role_wait_seconds",
                   "How long messages were in a mailbox, of the last ten seconds.")),
      service_(gauge(registry, "weappd_role_service_seconds",
                     "How long messages were in hand, of the last ten seconds.")),
      handled_(counter(registry, "weappd_role_handled_total", "Messages that a role has worked on.")),
      busy_seconds_(counter(registry, "weappd_role_busy_seconds_total",
                            "The time for which actors of a role were at work.")),
      shed_(counter(registry, "weappd_role_shed_total",
                    "Requests that a role refused because it had too much to do.")),
      restarts_(counter(registry, "weappd_role_restarts_total", "Actors of a role started after a death.")) {}

void role_figures::tell(const std::vector<role_summary>& roles) {
  const std::lock_guard guard(mutex_);
  for (const auto& one : roles) {
    const prometheus::Labels labels{{"role", one.role}};
    instances_.Add(labels).Set(static_cast<double>(one.running));
    raise_to(restarts_.Add(labels), static_cast<double>(one.restarts));
    if (one.measured == 0 && one.totals.handled == 0)
      continue;
    queued_.Add(labels).Set(static_cast<double>(one.queued));
    in_flight_.Add(labels).Set(static_cast<double>(one.in_flight));
    busy_.Add(labels).Set(one.busy);
    set_quantiles(waits_, one.role, one.waits);
    set_quantiles(service_, one.role, one.service);
    raise_to(handled_.Add(labels), static_cast<double>(one.totals.handled));
    raise_to(busy_seconds_.Add(labels), as_seconds(one.totals.busy));
    raise_to(shed_.Add(labels), static_cast<double>(one.totals.shed));
  }
}

} // namespace weappd::http
