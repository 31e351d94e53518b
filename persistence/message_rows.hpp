#pragma once

#include "messages/outbox.hpp"
#include "persistence/message_content.hpp"
#include "persistence/sealed.hpp"
#include "persistence/sqlite_connection.hpp"

#include <optional>
#include <string_view>

/// What rows of the table messages mean, for the column lists of sqlite_message_statements.hpp.
namespace weappd {

queue_entry entry_of(const sqlite_query& row);
/// Without its story. Throws bad_row when the content does not open.
message_record record_of(const sqlite_query& row, const sealed_columns& sealed);

/// Nothing when the box does not open or holds something else.
std::optional<message_content> open_content(const sealed_columns& sealed, std::string_view box,
                                            message_id row);

} // namespace weappd
