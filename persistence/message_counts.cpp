#include "persistence/message_counts.hpp"

#include "persistence/sqlite_connection.hpp"
#include "persistence/sqlite_message_statements.hpp"

namespace weappd {
namespace {

std::size_t place_of(message_state state) {
  return static_cast<std::size_t>(state);
}

} // namespace

message_counts::message_counts(SQLite::Database& connection)
    : add_to_count_(connection, message_sql::add_to_count) {}

void message_counts::added(const std::string& template_name, message_state state) {
  ++changes_[template_name][place_of(state)];
}

void message_counts::removed(const std::string& template_name, message_state state) {
  --changes_[template_name][place_of(state)];
}

void message_counts::moved(const std::string& template_name, message_state from, message_state to) {
  auto& of_template = changes_[template_name];
  --of_template[place_of(from)];
  ++of_template[place_of(to)];
}

void message_counts::flush() {
  for (const auto& [template_name, of_template] : changes_)
    for (std::size_t state = 0; state < of_template.size(); ++state)
      if (of_template[state] != 0)
        sqlite_query(add_to_count_, static_cast<std::int64_t>(state), template_name, of_template[state])
            .run();
  changes_.clear();
}

} // namespace weappd
