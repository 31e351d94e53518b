#pragma once

#include "config/options.hpp"
#include "http/json/writer.hpp"
#include "messages/outbox.hpp"
#include "messages/push.hpp"
#include "messages/service.hpp"
#include "messages/token.hpp"

#include <string>
#include <string_view>

/// How messages to users, and what belongs to them, look in JSON.
namespace weappd::http {

/// {"id","status","reason"?}
void write_accepted(json::writer& out, const message_accepted& accepted);

/// What is told of a message besides its state.
struct message_view {
  bool history = false;
  bool data = false; ///< may be personal: for the caller who sent it
};
void write_message(json::writer& out, const message_record& message, const message_view& with);
void write_messages(json::writer& out, const message_page& page, const list_messages& asked);

void write_balances(json::writer& out, const consent_balances& balances);

void write_template(json::writer& out, std::string_view name, const template_options& one,
                    std::string_view app);

void write_service_grant(json::writer& out, const service_grant& grant);
void write_lease(json::writer& out, const token_lease& lease, timestamp now);

} // namespace weappd::http
