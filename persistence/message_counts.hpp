#pragma once

#include "messages/push.hpp"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Statement.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

namespace weappd {

/// How many messages of each template are in each state. What a batch changes is added up here and written
/// once, before its commit.
class message_counts {
public:
  explicit message_counts(SQLite::Database& connection);

  void added(const std::string& template_name, message_state state);
  void removed(const std::string& template_name, message_state state);
  void moved(const std::string& template_name, message_state from, message_state to);

  /// Writes what has changed. May throw.
  void flush();
  /// The batch was rolled back.
  void discard() noexcept { changes_.clear(); }

private:
  using changes = std::array<std::int64_t, static_cast<std::size_t>(message_state::cancelled) + 1>;

  std::map<std::string, changes> changes_;
  SQLite::Statement add_to_count_;
};

} // namespace weappd
