#pragma once

#include "messages/event_log.hpp"

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace weappd {

/// One line as an actor wrote it.
struct recorded_event {
  event_level level = event_level::debug;
  std::string name;
  std::map<std::string, std::string> fields;
};

/// An event log that remembers, so that a test can ask what an operator would have read.
class recorded_events final : public event_log {
public:
  void write(event_level level, std::string_view event, std::initializer_list<field> fields) override {
    recorded_event entry{level, std::string(event), {}};
    for (const auto& [name, value] : fields)
      entry.fields.emplace(name, value);
    std::lock_guard guard(mutex_);
    entries_.push_back(std::move(entry));
  }

  /// All events of that name, oldest first.
  [[nodiscard]] std::vector<recorded_event> named(std::string_view name) const {
    std::lock_guard guard(mutex_);
    std::vector<recorded_event> found;
    for (const auto& entry : entries_)
      if (entry.name == name)
        found.push_back(entry);
    return found;
  }
  [[nodiscard]] std::vector<recorded_event> all() const {
    std::lock_guard guard(mutex_);
    return entries_;
  }

private:
  mutable std::mutex mutex_;
  std::vector<recorded_event> entries_;
};

} // namespace weappd
