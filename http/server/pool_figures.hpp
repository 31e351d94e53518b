#pragma once

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <cstddef>
#include <map>
#include <string>

namespace weappd::http {

/// How often pools have become larger or smaller, for Prometheus. All series are made at the start.
class pool_figures {
public:
  explicit pool_figures(prometheus::Registry& registry);
  /// Of a role whose pool cannot be resized: nothing. From any thread.
  void resized(const std::string& role, std::size_t from, std::size_t to);

private:
  struct directions {
    prometheus::Counter* grow = nullptr;
    prometheus::Counter* shrink = nullptr;
  };
  std::map<std::string, directions> of_; ///< by role
};

} // namespace weappd::http
