#include "http/server/filter_figures.hpp"

namespace weappd::http {

filter_figures::filter_figures(prometheus::Registry& registry)
    : matches_(
          prometheus::BuildCounter()
              .Name("weappd_filter_matches_total")
              .Help("Requests that a rule of the filter matched, by rule and by its mode: shadow, enforce.")
              .Register(registry)),
      unseen_(prometheus::BuildCounter()
                  .Name("weappd_filter_unseen_total")
                  .Help("Requests of which the filter did not look at everything (filter.max_bytes).")
                  .Register(registry)
                  .Add({})) {}

prometheus::Counter& filter_figures::matches(const std::string& rule, bool enforces) {
  return matches_.Add({{"rule", rule}, {"mode", enforces ? "enforce" : "shadow"}});
}

} // namespace weappd::http
