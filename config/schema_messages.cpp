#include "config/crypto/secret_hash.hpp"
#include "config/message_checks.hpp"
#include "config/schema_rows.hpp"
#include "config/schema_table.hpp"
#include "config/templates/condition.hpp"
#include "config/templates/placeholders.hpp"
#include "config/text_checks.hpp"

#include <map>
#include <string>

namespace weappd {
namespace {

using namespace rows;

std::map<std::string, client_options>& clients(options& o, const entry_names&) {
  return o.clients;
}
client_options& client(options& o, const entry_names& names) {
  return o.clients[names[0]];
}
std::map<std::string, template_options>& all_templates(options& o, const entry_names&) {
  return o.templates;
}
template_options& one_template(options& o, const entry_names& names) {
  return o.templates[names[0]];
}
std::map<std::string, field_options>& fields(options& o, const entry_names& names) {
  return o.templates[names[0]].fields;
}
field_options& field(options& o, const entry_names& names) {
  return fields(o, names)[names[1]];
}
std::map<std::string, trigger_options>& triggers(options& o, const entry_names&) {
  return o.triggers;
}
trigger_options& trigger(options& o, const entry_names& names) {
  return o.triggers[names[0]];
}
std::map<std::string, std::string>& trigger_data(options& o, const entry_names& names) {
  return o.triggers[names[0]].data;
}

allowed color() {
  return checked(is_color_or_empty, "a colour of CSS such as #07c160, or empty");
}
allowed message_text() {
  return checked(is_message_text, "one line of up to 1024 bytes, with {{variables}} if wanted");
}
allowed page() {
  return checked(is_page_or_empty, "up to 1024 visible ASCII characters, or empty");
}

void add_clients(std::vector<option_row>& rows) {
  auto hash = checked(crypto::is_secret_hash, "what `weappd hash-secret` prints");
  hash.hidden = true; // somebody may write the secret itself
  rows_of(rows, &client)
      .add("clients.<id>.secret_hash", &client_options::secret_hash, hash,
           "The hash of the client's secret, made by `weappd hash-secret`.")
      .add("clients.<id>.scopes", &client_options::scopes, one_of({"messages:send", "token:read"}),
           "What the client may do.");
}

void add_templates(std::vector<option_row>& rows) {
  rows_of(rows, &one_template)
      .add("templates.<name>.kind", &template_options::kind, one_of<template_kind>(),
           "A subscribe message of a mini program, or a template message of an official account.")
      .add("templates.<name>.app", &template_options::app,
           checked(is_entry_name_or_empty, "the key of a configured app, or empty"),
           "The app that sends it; empty: the default app, or the first official account of the file.")
      .add("templates.<name>.template_id", &template_options::template_id,
           checked(is_template_id, "1 to 128 of A-Z a-z 0-9 _ -"), "Its id at WeChat.")
      .add("templates.<name>.life", &template_options::life, one_of<template_life>(),
           "Whether an accepted request of a subscribe message is good for one send or for many.")
      .add("templates.<name>.page", &template_options::page, page(),
           "The page that a tap opens, unless the message brings its own.")
      .add("templates.<name>.page_app", &template_options::page_app,
           checked(is_entry_name_or_empty, "the key of a configured mini program, or empty"),
           "Official account: the mini program that the page is in.")
      .add(
          "templates.<name>.url", &template_options::url,
          checked(is_link_or_empty, "an address with https:// or http:// of up to 1024 characters, or empty"),
          "Official account: where a tap leads without a page.")
      .add("templates.<name>.color", &template_options::color, color(),
           "Official account: the colour of fields without their own.");
  rows_of(rows, &field)
      .add("templates.<name>.fields.<field>.text", &field_options::text, message_text(),
           "The field's text; empty: the message brings it under the field's name.")
      .add("templates.<name>.fields.<field>.fit", &field_options::fit, one_of<fit_rule>(),
           "What becomes of a text that is too long.")
      .add("templates.<name>.fields.<field>.color", &field_options::color, color(),
           "Official account: the colour of this field.")
      .add("templates.<name>.fields.<field>.choices", &field_options::choices,
           checked(is_choice_text, "one line of 1 to 64 bytes"),
           "The values of an enum or enum_string field.");
}

void add_triggers(std::vector<option_row>& rows) {
  rows_of(rows, &trigger)
      .add("triggers.<name>.event", &trigger_options::event,
           checked(is_event_name, "1 to 64 of a-z 0-9 _ . -"),
           "The event; several triggers may name the same one.")
      .add("triggers.<name>.template", &trigger_options::template_name,
           checked(is_template_name, "the name of a configured template"), "The message that it makes.")
      .add("triggers.<name>.when", &trigger_options::when,
           checked(templates::is_condition, "`name exists`, `name op value` with == != < <= > >=, or "
                                            "`name in [value, value]`"),
           "Conditions on the event's data, all of which must hold.");
  rows.push_back(
      {"triggers.<name>.data.<field>",
       [](options& o, const entry_names& names) -> slot { return &trigger_data(o, names)[names[1]]; },
       message_text(),
       "One member of the message's data, with variables of the event's; no member at all: the "
       "event's data as it is."});
  rows_of(rows, &trigger)
      .add("triggers.<name>.page", &trigger_options::page, page(),
           "The page that a tap opens; empty: that of the template.")
      .add("triggers.<name>.dedup_key", &trigger_options::dedup_key, message_text(),
           "The same key again within dedup_s sends nothing; empty: every event sends.")
      .add("triggers.<name>.dedup_s", &trigger_options::dedup_s, from(1, 31 * day_s),
           "How long a key is remembered.")
      .add("triggers.<name>.quiet_hours", &trigger_options::quiet_hours,
           checked(is_quiet_hours_or_empty, "two different times of day such as 22:00-08:00, or empty"),
           "What falls into them waits for their end.")
      .add("triggers.<name>.utc_offset_min", &trigger_options::utc_offset_min, from(-12 * 60, 14 * 60),
           "How far the clock of quiet_hours is ahead of UTC; 480 is China.")
      .add("triggers.<name>.delay_s", &trigger_options::delay_s, from(0, 31 * day_s),
           "How long after the event the message is sent.")
      .add("triggers.<name>.expires_s", &trigger_options::expires_s, from(0, 31 * day_s),
           "How long after the event the message is still of use; 0: for ever.")
      .add("triggers.<name>.priority", &trigger_options::priority, one_of<push_priority>(),
           "Which messages go first.");
}

void add_push(std::vector<option_row>& rows) {
  rows_of(rows, &options::push)
      .add("push.max_queued", &push_options::max_queued, from(1, 100 * million),
           "Messages that are not at their end; one more is answered with 503.")
      .add("push.max_in_flight", &push_options::max_in_flight, from(1, 4'096),
           "Calls of WeChat at a time, for each app; an eighth of them in the first seconds of a rush. "
           "With fewer for all apps than wechat.max_connections some are left for logins.")
      .add("push.lease_s", &push_options::lease_s, from(1, hour_s),
           "How long a server may work on a message before another takes it up.")
      .add("push.max_attempts", &push_options::max_attempts, from(1, 100),
           "Attempts that reached WeChat; then the message has failed.")
      .add("push.retry_min_ms", &push_options::retry_min_ms, from(1, hour_ms),
           "The bound of the first random wait after a failure; it doubles for each further one.")
      .add("push.retry_max_ms", &push_options::retry_max_ms, from(1, day_ms), "The longest such bound.")
      .add("push.on_unknown", &push_options::on_unknown, one_of<unknown_rule>(),
           "What becomes of a send whose outcome is unknown and that WeChat would not recognise when "
           "repeated.")
      .add("push.send_without_credit", &push_options::send_without_credit, one_of<credit_rule>(),
           "Whether a message goes out to a user of whom no consent is on record.")
      .add("push.on_quota", &push_options::on_quota, one_of<quota_rule>(),
           "What becomes of an app's messages while its quota of WeChat is used up, until midnight in China.")
      .add("push.config_pause_s", &push_options::config_pause_s, from(1, day_s),
           "How long an app or a template rests after WeChat refused it as such.")
      .add("push.keep_days", &push_options::keep_days, from(1, 3'660),
           "How long messages are kept that are at their end.")
      .add("push.followers_refresh_s", &push_options::followers_refresh_s, from(0, 31 * day_s),
           "How often the followers of official accounts are read, to know them by their unionid; 0: never.")
      .add("push.mini_program_state", &push_options::mini_program_state, one_of<program_state>(),
           "Which version of the mini program a tap opens.")
      .add("push.lang", &push_options::lang, one_of({"zh_CN", "en_US", "zh_HK", "zh_TW"}),
           "The language of the mini program that a tap opens.");
}

} // namespace

void add_message_rows(std::vector<option_row>& rows) {
  add_clients(rows);
  add_templates(rows);
  add_triggers(rows);
  add_push(rows);
}

void add_message_maps(std::vector<option_map>& maps) {
  constexpr std::string_view template_words = "industry: or custom:, then 1 to 32 of a-z 0-9 _ -";
  constexpr std::string_view field_words = "a letter, then up to 31 of A-Z a-z 0-9 _";
  constexpr std::string_view member_words = "a letter or _, then up to 63 of A-Z a-z 0-9 _";
  maps.push_back(map_of<&clients>("clients", "<id>", is_entry_name, entry_name_words, 256));
  maps.push_back(map_of<&all_templates>("templates", "<name>", is_template_name, template_words, 1'024));
  maps.push_back(map_of<&fields>("templates.<name>.fields", "<field>", is_field_name, field_words, 32));
  maps.push_back(map_of<&triggers>("triggers", "<name>", is_entry_name, entry_name_words, 1'024));
  maps.push_back(map_of<&trigger_data>("triggers.<name>.data", "<field>", templates::is_variable_name,
                                       member_words, 64));
}

} // namespace weappd
