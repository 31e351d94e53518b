#include "persistence/sqlite_ledger.hpp"

#include "persistence/sqlite_message_statements.hpp"

#include <algorithm>

namespace weappd {

consent_entry consent_of(const sqlite_query& row) {
  return {.need = row.one_of(0, consent_need::long_term),
          .last = row.one_of(1, consent_answer::ban),
          .client_count = row.small(2),
          .platform_count = row.small(3),
          .used = row.small(4),
          .reserved = row.small(5),
          .event_at = row.time_if(6)};
}

sqlite_ledger::sqlite_ledger(SQLite::Database& connection)
    : moves_(connection), user_exists_(connection, message_sql::user_exists),
      load_consent_(connection, message_sql::load_consent),
      put_consent_(connection, message_sql::put_consent),
      count_moves_in_(connection, message_sql::count_moves_in) {}

std::optional<consent_entry> sqlite_ledger::find(user_id user, const std::string& template_name) {
  auto out = row_of(user, template_name);
  if (out)
    out->apply(moves_.of(user, template_name));
  return out;
}

const std::optional<consent_entry>& sqlite_ledger::row_of(user_id user, const std::string& template_name) {
  const auto key = key_of(user, template_name);
  if (const auto* known = rows_.find(key))
    return *known;
  sqlite_query row(load_consent_, user, template_name);
  return rows_.put(key, row.next() ? std::optional(consent_of(row)) : std::nullopt);
}

sqlite_ledger::row_key sqlite_ledger::key_of(user_id user, const std::string& template_name) {
  return {user, template_numbers_.try_emplace(template_name, template_numbers_.size()).first->second};
}

void sqlite_ledger::put(user_id user, const std::string& template_name, const consent_entry& entry,
                        timestamp at) {
  sqlite_query(put_consent_, user, template_name, entry.need, entry.last, entry.client_count,
               entry.platform_count, entry.used, entry.reserved, entry.event_at, moves_.newest(), at)
      .run();
  moves_.counted_in(user, template_name);
  rows_.put(key_of(user, template_name), entry);
}

void sqlite_ledger::reserve(user_id user, const std::string& template_name, timestamp at) {
  move(user, template_name, {.reserved = 1}, at);
}

void sqlite_ledger::spend(user_id user, const std::string& template_name, timestamp at) {
  move(user, template_name, {.reserved = -1, .used = 1}, at);
}

void sqlite_ledger::refund(user_id user, const std::string& template_name, timestamp at) {
  move(user, template_name, {.reserved = -1}, at);
}

void sqlite_ledger::move(user_id user, const std::string& template_name, const credit_move& how,
                         timestamp at) {
  moves_.add(user, template_name, how);
  latest_ = std::max(latest_, at);
}

void sqlite_ledger::flush() {
  for (const auto& [user, template_name] : moves_.note()) {
    if (const auto entry = find(user, *template_name)) {
      sqlite_query(count_moves_in_, user, *template_name, entry->reserved, entry->used, moves_.newest(),
                   latest_)
          .run();
      rows_.put(key_of(user, *template_name), entry);
    }
    moves_.counted_in(user, *template_name);
  }
}

caf::expected<consent_balances> sqlite_ledger::record(const record_consents& what) {
  if (!sqlite_query(user_exists_, what.user).next())
    return make_error(ec::user_not_found);
  consent_balances out;
  for (const auto& item : what.answers) {
    auto entry = find(what.user, item.template_name).value_or(consent_entry{});
    if (entry.record(item, what.source, what.event_at))
      put(what.user, item.template_name, entry, what.at);
    out.items.push_back(entry.balance(item.template_name));
  }
  return out;
}

caf::expected<consent_balances> sqlite_ledger::look(const record_consents& what) {
  if (!sqlite_query(user_exists_, what.user).next())
    return make_error(ec::user_not_found);
  consent_balances out;
  for (const auto& item : what.answers)
    out.items.push_back(
        find(what.user, item.template_name).value_or(consent_entry{}).balance(item.template_name));
  return out;
}

} // namespace weappd
