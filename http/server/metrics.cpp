#include "http/server/metrics.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <sstream>

namespace weappd::http {
namespace {

prometheus::Histogram::BucketBoundaries duration_buckets() {
  return {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
}

} // namespace

server_metrics::server_metrics(prometheus::Registry& registry)
    : registry_(registry), requests_(prometheus::BuildCounter()
                                         .Name("weappd_http_requests_total")
                                         .Help("Answered requests by route and class of status.")
                                         .Register(registry)),
      durations_(prometheus::BuildHistogram()
                     .Name("weappd_http_request_duration_seconds")
                     .Help("From the last byte of the request to the answer, by route.")
                     .Register(registry)),
      shed_(prometheus::BuildCounter()
                .Name("weappd_http_shed_total")
                .Help("Requests refused with 503 before any work: max_in_flight were being worked on, or "
                      "answers of "
                      "the route took too long.")
                .Register(registry)),
      shed_full_(shed_.Add({{"reason", "max_in_flight"}})), shed_slow_(shed_.Add({{"reason", "latency"}})),
      banned_(prometheus::BuildCounter()
                  .Name("weappd_http_banned_total")
                  .Help("Requests refused with 429 because their address is banned.")
                  .Register(registry)
                  .Add({})),
      in_flight_(prometheus::BuildGauge()
                     .Name("weappd_http_in_flight")
                     .Help("Requests being worked on.")
                     .Register(registry)
                     .Add({})),
      connections_(prometheus::BuildGauge()
                       .Name("weappd_http_connections")
                       .Help("Open connections.")
                       .Register(registry)
                       .Add({})),
      roles_(registry), filter_(registry), unknown_(make_series("none")) {}

server_metrics::series server_metrics::make_series(std::string_view route) {
  constexpr std::array classes{"", "1xx", "2xx", "3xx", "4xx", "5xx"};
  const std::string name(route);
  series made;
  for (std::size_t i = 1; i < classes.size(); ++i)
    made.by_class[i] = &requests_.Add({{"route", name}, {"status", classes[i]}});
  made.duration = &durations_.Add({{"route", name}}, duration_buckets());
  return made;
}

void server_metrics::know(const router& routes) {
  for (const auto& one : routes.all())
    known_.emplace_back(&one, make_series(one.name));
  std::ranges::sort(known_, {}, [](const auto& entry) { return entry.first; });
}

void server_metrics::answered(const route* route, int status, std::chrono::nanoseconds duration) {
  auto it = std::ranges::lower_bound(known_, route, {}, [](const auto& entry) { return entry.first; });
  auto& found = it != known_.end() && it->first == route ? it->second : unknown_;
  const auto index = static_cast<std::size_t>(status / 100);
  if (index > 0 && index < found.by_class.size())
    found.by_class[index]->Increment();
  found.duration->Observe(std::chrono::duration<double>(duration).count());
}

std::string server_metrics::render() const {
  std::ostringstream out;
  prometheus::TextSerializer{}.Serialize(out, registry_.Collect());
  return out.str();
}

} // namespace weappd::http
