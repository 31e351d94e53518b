#include "http/api/push_codec.hpp"

#include "http/api/message_history.hpp"
#include "http/api/template_words.hpp"

#include <algorithm>
#include <chrono>

namespace weappd::http {
namespace {

void write_if_given(json::writer& out, std::string_view name, std::string_view text) {
  if (!text.empty())
    out.member(name, text);
}

void write_if_given(json::writer& out, std::string_view name, const std::optional<timestamp>& time) {
  if (time)
    out.member(name, *time);
}

void write_event(json::writer& out, const message_event& event) {
  out.begin_object();
  out.member("at", event.at);
  out.member("event", to_string(event.what));
  out.member("status", to_string(event.state));
  out.member("rule", event.rule);
  if (event.what == message_event::kind::sending)
    out.member("attempt", event.attempt);
  if (event.what == message_event::kind::attempt) {
    out.member("attempt", event.attempt);
    out.member("outcome", event.outcome);
    if (event.errcode)
      out.member("errcode", *event.errcode);
    write_if_given(out, "rid", event.rid);
    out.member("token_epoch", event.token_epoch);
    out.member("duration_ms", event.duration.count());
  }
  write_if_given(out, "next_attempt_at", event.next_at);
  out.end_object();
}

void write_history(json::writer& out, const message_record& message) {
  out.begin_array("history");
  for (const auto& event : history_of(message))
    write_event(out, event);
  out.end_array();
}

/// The names are those of the template's fields: letters, digits and _.
void write_data(json::writer& out, const field_values& data) {
  out.begin_object("data");
  for (const auto& [name, text] : data)
    out.member(name, text);
  out.end_object();
}

void write_field(json::writer& out, const std::string& name, const field_options& field) {
  out.begin_object();
  out.member("name", name);
  out.member("type", type_word(name));
  if (const auto longest = max_length(name))
    out.member("max_length", *longest);
  write_if_given(out, "text", field.text);
  out.member("fit", field.fit == fit_rule::truncate ? "truncate" : "refuse");
  out.end_object();
}

} // namespace

void write_accepted(json::writer& out, const message_accepted& accepted) {
  out.begin_object();
  out.member("id", accepted.id);
  out.member("status", to_string(accepted.state));
  write_if_given(out, "reason", to_string(accepted.reason));
  out.end_object();
}

void write_message(json::writer& out, const message_record& message, const message_view& with) {
  const auto& draft = message.draft;
  out.begin_object();
  out.member("id", draft.id);
  out.member("template", draft.template_name);
  out.member("app", draft.app.value);
  out.member("to", draft.to);
  out.member("status", to_string(message.state));
  write_if_given(out, "reason", to_string(message.reason));
  out.member("priority", to_string(draft.priority));
  write_if_given(out, "page", draft.page);
  out.member("attempts", message.attempts);
  out.member("created_at", draft.created_at);
  out.member("updated_at", message.updated_at);
  write_if_given(out, "next_attempt_at", message.next_attempt_at);
  write_if_given(out, "not_after", draft.not_after);
  write_if_given(out, "sent_at", message.sent_at);
  out.member("sender", draft.sender);
  out.member("request_id", draft.request_id);
  write_if_given(out, "platform_id", message.platform_id);
  if (with.data)
    write_data(out, draft.data);
  if (with.history)
    write_history(out, message);
  out.end_object();
}

void write_messages(json::writer& out, const message_page& page, const list_messages& asked) {
  out.begin_object();
  out.begin_array("items");
  for (const auto& message : page.items)
    write_message(out, message, {});
  out.end_array();
  out.member("page", asked.page);
  out.member("limit", asked.limit);
  out.member("total", page.total);
  out.end_object();
}

void write_balances(json::writer& out, const consent_balances& balances) {
  out.begin_object();
  out.begin_object("balances");
  for (const auto& one : balances.items) {
    out.begin_object(one.template_name);
    out.member("last", to_string(one.last));
    if (one.unlimited) {
      out.member("credits", nullptr);
      out.member("unlimited", true);
    } else {
      out.member("credits", one.credits);
    }
    out.end_object();
  }
  out.end_object();
  out.end_object();
}

void write_template(json::writer& out, std::string_view name, const template_options& one,
                    std::string_view app) {
  const bool subscribe = one.kind == template_kind::subscribe;
  out.begin_object();
  out.member("name", name);
  out.member("kind", subscribe ? "subscribe" : "template");
  out.member("app", app);
  out.member("template_id", one.template_id);
  if (subscribe)
    out.member("lifetime", one.life == template_life::long_term ? "long_term" : "one_time");
  write_if_given(out, "page", one.page);
  out.begin_array("fields");
  for (const auto& [field, options] : one.fields)
    write_field(out, field, options);
  out.end_array();
  out.end_object();
}

void write_service_grant(json::writer& out, const service_grant& grant) {
  std::string scopes;
  for (const auto& each : grant.scopes)
    (scopes += scopes.empty() ? "" : " ") += each;
  out.begin_object();
  out.member("access_token", grant.access_token.reveal());
  out.member("token_type", "Bearer");
  out.member("expires_in", grant.ttl.count());
  out.member("scope", scopes);
  out.end_object();
}

void write_lease(json::writer& out, const token_lease& lease, timestamp now) {
  const auto left = std::chrono::floor<std::chrono::seconds>(lease.expires_at - now);
  out.begin_object();
  out.member("access_token", lease.token.reveal());
  out.member("expires_in", std::max(left.count(), std::chrono::seconds::rep{0}));
  out.member("expires_at", lease.expires_at);
  out.member("epoch", lease.epoch);
  out.end_object();
}

} // namespace weappd::http
