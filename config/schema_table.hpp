#pragma once

#include "config/schema.hpp"

#include <vector>

namespace weappd {

/// Makes the rows; everybody else asks schema().
[[nodiscard]] std::vector<option_row> schema_table();
/// Makes the maps; everybody else asks schema_maps().
[[nodiscard]] std::vector<option_map> schema_map_table();

/// The part of them that is about messages: clients, templates, triggers, push.
void add_message_rows(std::vector<option_row>& rows);
void add_message_maps(std::vector<option_map>& maps);
/// The group bans.
void add_ban_rows(std::vector<option_row>& rows);
/// The group challenge.
void add_challenge_rows(std::vector<option_row>& rows);
/// The group filter.
void add_filter_rows(std::vector<option_row>& rows);
void add_filter_maps(std::vector<option_map>& maps);
/// The parts of http that have a group of their own: http.tls and http.cors.
void add_tls_rows(std::vector<option_row>& rows);
void add_cors_rows(std::vector<option_row>& rows);

} // namespace weappd
