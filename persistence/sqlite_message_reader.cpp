#include "persistence/sqlite_message_reader.hpp"

#include "messages/error.hpp"
#include "messages/place_among.hpp"
#include "persistence/credit_moves.hpp"
#include "persistence/message_rows.hpp"
#include "persistence/sqlite_ledger.hpp"
#include "persistence/sqlite_message_statements.hpp"

#include <initializer_list>
#include <string>
#include <utility>

namespace weappd {
namespace {

std::vector<SQLite::Statement> prepared(SQLite::Database& connection,
                                        std::initializer_list<const char*> texts) {
  std::vector<SQLite::Statement> out;
  out.reserve(texts.size());
  for (const auto* text : texts)
    out.emplace_back(connection, text);
  return out;
}

// Filters as the statements take them; these values stand for "any".
std::int64_t state_filter(const list_messages& what) {
  return what.state ? static_cast<std::int64_t>(*what.state) : -1;
}
user_id user_filter(const list_messages& what) {
  return what.to.value_or(user_id{});
}
std::string template_filter(const list_messages& what) {
  return what.template_name.value_or("");
}

} // namespace

sqlite_message_reader::sqlite_message_reader(SQLite::Database& connection, const sealed_columns& sealed)
    : sealed_(sealed), load_message_(connection, message_sql::load_message),
      load_unfinished_(connection, message_sql::load_unfinished),
      newest_message_(connection, message_sql::newest_message),
      load_consents_(connection, message_sql::load_consents),
      list_moves_(connection, message_sql::list_moves), find_answer_(connection, message_sql::find_answer),
      load_counts_(connection, message_sql::load_counts),
      count_of_user_(connection, message_sql::count_of_user),
      newest_first_(
          prepared(connection, {message_sql::list_all, message_sql::list_state, message_sql::list_user,
                                message_sql::list_template, message_sql::list_leases})),
      oldest_first_(prepared(connection, {message_sql::list_all_oldest, message_sql::list_state_oldest,
                                          message_sql::list_user_oldest, message_sql::list_template_oldest,
                                          message_sql::list_leases_oldest})) {}

caf::expected<message_record> sqlite_message_reader::load(const load_message& what) {
  sqlite_query row(load_message_, what.id);
  if (!row.next())
    return make_error(ec::not_found);
  auto out = record_of(row, sealed_);
  out.story = parse_story(row.text(19));
  return out;
}

message_page sqlite_message_reader::list(const list_messages& what) {
  const auto plan = plan_for(what);
  message_page out{.items = {}, .total = plan.total};
  const auto page = std::uint64_t{what.page > 0 ? what.page : 1U};
  const auto skipped = (page - 1) * what.limit;
  if (skipped >= plan.total) // nothing is walked over for a page that is not there
    return out;
  sqlite_query row(statement_for(plan.by, what.oldest_first), state_filter(what), user_filter(what),
                   template_filter(what), what.limit, static_cast<std::int64_t>(skipped));
  while (row.next())
    out.items.push_back(record_of(row, sealed_));
  return out;
}

/// By user if there is one, who has few. Else the counts tell which way is shorter.
sqlite_message_reader::walk_plan sqlite_message_reader::plan_for(const list_messages& what) {
  if (what.to) {
    sqlite_query row(count_of_user_, *what.to, state_filter(what), template_filter(what));
    row.next();
    return {walk::user, static_cast<std::uint64_t>(row.number(0))};
  }
  std::uint64_t of_state = 0;
  std::uint64_t of_template = 0;
  walk_plan out;
  sqlite_query row(load_counts_);
  while (row.next()) {
    const bool in_state = !what.state || row.one_of(0, message_state::cancelled) == *what.state;
    const bool in_template = !what.template_name || row.text(1) == *what.template_name;
    const auto count = static_cast<std::uint64_t>(row.number(2));
    of_state += in_state ? count : 0;
    of_template += in_template ? count : 0;
    out.total += in_state && in_template ? count : 0;
  }
  if (what.template_name && (!what.state || of_template < of_state))
    out.by = walk::by_template;
  else if (what.state)
    out.by = *what.state == message_state::sending ? walk::leases : walk::state;
  return out;
}

SQLite::Statement& sqlite_message_reader::statement_for(walk by, bool oldest_first) {
  auto& statements = oldest_first ? oldest_first_ : newest_first_;
  return statements[static_cast<std::size_t>(by)];
}

unfinished_messages sqlite_message_reader::unfinished(const load_unfinished& what) {
  unfinished_messages out;
  out.last = what.after;
  const auto shards = what.shards > 0 ? what.shards : 1;
  std::uint32_t seen = 0;
  // One more than wanted, to know whether there are more.
  sqlite_query row(load_unfinished_, what.after, std::int64_t{what.limit} + 1);
  while (row.next()) {
    if (seen++ == what.limit) {
      out.more = true;
      break;
    }
    out.last = row.message(0);
    if (pusher_place(row.user(1), shards) == what.shard)
      out.entries.push_back(entry_of(row));
  }
  return out;
}

consent_balances sqlite_message_reader::consents(const load_consents& what) {
  const auto moves = moves_of(what.user);
  consent_balances out;
  sqlite_query row(load_consents_, what.user);
  while (row.next()) {
    auto entry = consent_of(row);
    auto template_name = row.text(7);
    for (const auto& one : moves)
      if (one.template_name == template_name && one.seq > row.number(8))
        entry.apply(one.move);
    out.items.push_back(entry.balance(std::move(template_name)));
  }
  return out;
}

std::vector<sqlite_message_reader::noted_move> sqlite_message_reader::moves_of(user_id user) {
  std::vector<noted_move> out;
  sqlite_query row(list_moves_);
  while (row.next())
    for (const auto& one : unpack_moves(row.text(2)))
      if (one.user == user)
        out.push_back({row.number(0), row.text(1), one.move});
  return out;
}

answer_found sqlite_message_reader::answer(const find_answer& what) {
  answer_found out;
  sqlite_query row(find_answer_, what.name);
  if (!row.next())
    return out;
  auto body = sealed_.open_answer(row.text(2), what.name);
  if (!body)
    throw bad_row("kept_answers.sealed_body does not open: changed, moved, or its key is not known any more");
  out.kept = answer_found::row{.fingerprint = {row.bytes<32>(0)},
                               .answer = {static_cast<int>(row.number(1)), std::move(*body)},
                               .at = row.time(3)};
  return out;
}

newest_message sqlite_message_reader::newest() {
  sqlite_query row(newest_message_);
  row.next(); // an aggregate always has its row; NULL, which reads as 0, when there is no message
  return {row.message(0)};
}

} // namespace weappd
