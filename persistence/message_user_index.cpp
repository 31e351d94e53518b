#include "persistence/message_user_index.hpp"

#include "persistence/sqlite_connection.hpp"
#include "persistence/sqlite_message_statements.hpp"

#include <algorithm>

namespace weappd {
namespace {

/// Rows that are taken over for each that is added: the list shrinks although it grows.
constexpr std::size_t pace = 8;
constexpr std::size_t least_part = 64;

} // namespace

message_user_index::message_user_index(SQLite::Database& connection)
    : note_(connection, message_sql::note_to_index), count_(connection, message_sql::count_to_index),
      gather_(connection, message_sql::gather_to_index), take_(connection, message_sql::index_message),
      strike_(connection, message_sql::strike_indexed), remove_(connection, message_sql::unindex_message) {}

void message_user_index::added(message_id message, user_id user) {
  sqlite_query(note_, user, message).run();
  ++added_;
  if (waiting_)
    ++*waiting_;
}

void message_user_index::advance() {
  if (added_ == 0)
    return;
  const auto part = std::max(least_part, pace * std::exchange(added_, 0));
  if (segment_)
    take(part);
  else if (waiting() >= segment_size)
    begin_segment();
}

bool message_user_index::catch_up(std::size_t rows) {
  for (std::size_t done = 0; waiting() > 0 && done < rows; done += least_part) {
    if (!segment_)
      begin_segment();
    take(least_part);
  }
  return waiting() == 0;
}

void message_user_index::removed(message_id message, user_id user) {
  sqlite_query(remove_, user, message).run();
}

void message_user_index::discard() noexcept {
  waiting_.reset();
  segment_.reset();
  added_ = 0;
}

std::size_t message_user_index::waiting() {
  if (!waiting_) {
    sqlite_query row(count_);
    row.next();
    waiting_ = static_cast<std::size_t>(row.number(0));
  }
  return *waiting_;
}

void message_user_index::begin_segment() {
  segment next;
  sqlite_query row(gather_, static_cast<std::int64_t>(segment_size));
  while (row.next()) {
    if (next.rows.empty())
      next.first_seq = row.number(0);
    next.last_seq = row.number(0);
    next.rows.emplace_back(row.user(1), row.message(2));
  }
  std::ranges::sort(next.rows);
  segment_ = std::move(next);
}

void message_user_index::take(std::size_t rows) {
  auto& now = *segment_;
  if (now.taken == now.rows.size())
    return strike(rows);
  const auto end = std::min(now.rows.size(), now.taken + rows);
  for (; now.taken < end; ++now.taken)
    sqlite_query(take_, now.rows[now.taken].first, now.rows[now.taken].second).run();
}

/// Takes rows off the list that are all in the index.
void message_user_index::strike(std::size_t rows) {
  auto& now = *segment_;
  const auto last = std::min(now.last_seq, now.first_seq + static_cast<std::int64_t>(rows) - 1);
  *waiting_ -= static_cast<std::size_t>(sqlite_query(strike_, last).run());
  now.first_seq = last + 1;
  if (last == now.last_seq)
    segment_.reset();
}

} // namespace weappd
