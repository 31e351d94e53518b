#include "persistence/credit_moves.hpp"

#include "persistence/sqlite_message_statements.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <tuple>
#include <utility>

namespace weappd {
namespace {

/// Rows of the ledger that are written for each move that is noted: the list shrinks although it grows.
constexpr std::size_t rows_for_each = 4;
constexpr std::size_t fewest_rows = 64;

constexpr std::size_t packed_size = 16;

template <std::size_t Bytes>
void append_number(std::string& out, std::uint64_t value) {
  for (std::size_t i = 0; i < Bytes; ++i)
    out += static_cast<char>(value >> 8 * i & 0xff);
}

template <std::size_t Bytes>
std::uint64_t take_number(std::string_view& packed) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < Bytes; ++i)
    value |= std::uint64_t{static_cast<std::uint8_t>(packed[i])} << 8 * i;
  packed.remove_prefix(Bytes);
  return value;
}

void append_move(std::string& out, user_id user, const credit_move& move) {
  append_number<8>(out, user.value);
  append_number<4>(out, std::bit_cast<std::uint32_t>(move.reserved));
  append_number<4>(out, std::bit_cast<std::uint32_t>(move.used));
}

std::int32_t take_signed(std::string_view& packed) {
  return std::bit_cast<std::int32_t>(static_cast<std::uint32_t>(take_number<4>(packed)));
}

} // namespace

std::vector<moves_of_user> unpack_moves(std::string_view packed) {
  if (packed.size() % packed_size != 0)
    throw bad_row("credit_moves.moves has a wrong length");
  std::vector<moves_of_user> out;
  out.reserve(packed.size() / packed_size);
  while (!packed.empty()) {
    const user_id user{take_number<8>(packed)};
    const auto reserved = take_signed(packed);
    out.push_back({user, {.reserved = reserved, .used = take_signed(packed)}});
  }
  return out;
}

credit_moves::credit_moves(SQLite::Database& connection)
    : list_(connection, message_sql::list_moves), note_(connection, message_sql::note_moves),
      strike_(connection, message_sql::strike_moves), find_moved_to_(connection, message_sql::find_moved_to) {
}

void credit_moves::add(user_id user, const std::string& template_name, const credit_move& move) {
  load();
  lacking_[template_name][user] += move;
  fresh_[template_name][user] += move;
}

credit_move credit_moves::of(user_id user, const std::string& template_name) {
  load();
  const auto users = lacking_.find(template_name);
  if (users == lacking_.end())
    return {};
  const auto found = users->second.find(user);
  return found == users->second.end() ? credit_move{} : found->second;
}

std::int64_t credit_moves::newest() {
  load();
  return newest_seq_;
}

void credit_moves::counted_in(user_id user, const std::string& template_name) {
  for (auto* moves : {&lacking_, &fresh_})
    if (const auto users = moves->find(template_name); users != moves->end())
      users->second.erase(user);
}

std::vector<credit_moves::key> credit_moves::note() {
  const auto added = note_fresh();
  if (added == 0 || (!segment_ && noted_ < segment_size))
    return {};
  if (!segment_)
    begin_segment();
  auto& now = *segment_;
  const auto end = std::min(now.keys.size(), now.taken + std::max(fewest_rows, rows_for_each * added));
  std::vector<key> out;
  for (; now.taken < end; ++now.taken) {
    const auto& one = now.keys[now.taken];
    if (lacking_.at(*one.template_name).contains(one.user)) // or it was written meanwhile
      out.push_back(one);
  }
  if (now.taken == now.keys.size())
    strike();
  return out;
}

void credit_moves::discard() noexcept {
  loaded_ = false;
  lacking_.clear();
  fresh_.clear();
  segment_.reset();
}

void credit_moves::load() {
  if (loaded_)
    return;
  lacking_.clear(); // of an attempt that has failed
  newest_seq_ = 0;
  noted_ = 0;
  std::map<std::string, std::unordered_map<user_id, std::int64_t>> known; // what rows say in moved_to
  sqlite_query row(list_);
  while (row.next()) {
    newest_seq_ = row.number(0);
    const auto template_name = row.text(1);
    auto& users = lacking_[template_name];
    auto& known_of = known[template_name];
    for (const auto& [user, move] : unpack_moves(row.text(2))) {
      ++noted_;
      const auto [at, fresh] = known_of.try_emplace(user);
      if (fresh)
        at->second = moved_to(user, template_name);
      if (at->second < newest_seq_)
        users[user] += move;
    }
  }
  loaded_ = true;
}

/// A row that is not there needs no moves.
std::int64_t credit_moves::moved_to(user_id user, const std::string& template_name) {
  sqlite_query row(find_moved_to_, user, template_name);
  return row.next() ? row.number(0) : std::numeric_limits<std::int64_t>::max();
}

/// How many moves those are.
std::size_t credit_moves::note_fresh() {
  std::size_t count = 0;
  std::string packed;
  for (auto& [template_name, users] : fresh_) {
    if (users.empty())
      continue;
    packed.clear();
    for (const auto& [user, move] : users)
      append_move(packed, user, move);
    sqlite_query(note_, ++newest_seq_, template_name, blob_view{packed}).run();
    count += users.size();
    users.clear();
  }
  noted_ += count;
  return count;
}

void credit_moves::begin_segment() {
  segment next;
  next.last_seq = newest_seq_;
  next.moves = noted_;
  for (const auto& [template_name, users] : lacking_)
    for (const auto& [user, move] : users)
      next.keys.push_back({user, &template_name});
  std::ranges::sort(next.keys, {}, [](const key& one) { return std::tie(one.user, *one.template_name); });
  segment_ = std::move(next);
}

/// Takes off the list what is in the rows, or will be by the end of the transaction.
void credit_moves::strike() {
  sqlite_query(strike_, std::min(segment_->last_seq, newest_seq_ - 1)).run();
  noted_ -= segment_->moves;
  segment_.reset();
}

} // namespace weappd
