#pragma once

#include "config/options.hpp"
#include "http/server/request_actor.hpp"
#include "messages/push.hpp"

#include <optional>
#include <string>

/// The ground that messages of POST /messages and of triggers have in common.
namespace weappd::http {

/// A template of the configuration by its name; null: there is none.
[[nodiscard]] const template_options* find_template(request_actor& self, const std::string& name);

/// As a message names who asked for it: "client:<id>".
[[nodiscard]] std::string sender_of(request_actor& self);

/// A message with an id of its own, complete but for its texts, page, times and sender. When no id can be
/// made now, the client is told and the result is nothing: return.
[[nodiscard]] std::optional<message_draft> new_draft(request_actor& self, user_id to,
                                                     const std::string& template_name,
                                                     const template_options& of, timestamp now);

/// Where a member of the data is in the request: "data.thing1".
[[nodiscard]] std::string data_path(std::string_view member);

} // namespace weappd::http
