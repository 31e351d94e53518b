#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/registry.h>

#include <string>

namespace weappd::http {

/// The figures of the request filter for Prometheus.
class filter_figures {
public:
  explicit filter_figures(prometheus::Registry& registry);

  /// The one of a rule in a mode; it stays, with its count, for as long as the process. Safe to use from
  /// several threads.
  [[nodiscard]] prometheus::Counter& matches(const std::string& rule, bool enforces);
  /// A request had more than filter.max_bytes.
  void unseen() { unseen_.Increment(); }

private:
  prometheus::Family<prometheus::Counter>& matches_;
  prometheus::Counter& unseen_;
};

} // namespace weappd::http
