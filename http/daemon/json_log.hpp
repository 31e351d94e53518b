#pragma once

#include "config/options.hpp"
#include "http/server/access_log.hpp"
#include "messages/event_log.hpp"
#include "messages/time.hpp"

#include <prometheus/counter.h>
#include <prometheus/registry.h>
#include <spdlog/logger.h>

#include <memory>
#include <string>

namespace weappd {

/// Log lines for operators: one JSON object a line, on standard error or in a file. What came from outside is
/// escaped, so one event is one line whatever a client sends. Events are counted in the metrics by name.
class json_log final : public event_log, public http::access_log {
public:
  /// Throws std::runtime_error when the log file cannot be opened.
  json_log(const log_options& settings, const wall_clock& clock, prometheus::Registry& registry);

  /// As in log.level; from any thread.
  void set_level(const std::string& level);

  void write(event_level level, std::string_view event, std::initializer_list<field> fields) override;
  void write(const http::access_entry& entry) override;

private:
  const wall_clock& clock_;
  bool access_;
  std::unique_ptr<spdlog::logger> logger_;
  prometheus::Family<prometheus::Counter>& events_;
};

} // namespace weappd
