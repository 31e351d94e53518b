#include "tests/kit/actors/memory_store.hpp"

#include <algorithm>

namespace weappd {

user_record& memory_store::add_user(user_id id, timestamp at) {
  auto& row = users[id];
  row.user.id = id;
  row.user.created_at = row.user.updated_at = row.user.last_login_at = at;
  newest = std::max(newest, id);
  return row.user;
}

user_record& memory_store::add_user(user_id id, timestamp at, const app_key& app, const openid& who) {
  identities.emplace(std::pair(app, who), id);
  return add_user(id, at);
}

session_record* memory_store::find_session(user_id user, const session_id& session) {
  const auto row = users.find(user);
  if (row == users.end())
    return nullptr;
  auto& sessions = row->second.sessions;
  const auto found =
      std::find_if(sessions.begin(), sessions.end(), [&](const auto& s) { return s.id == session; });
  return found == sessions.end() ? nullptr : &*found;
}

std::size_t memory_store::count_sessions(user_id user) const {
  const auto row = users.find(user);
  return row == users.end() ? 0 : row->second.sessions.size();
}

int memory_store::count(const std::string& message) const {
  const auto found = calls.find(message);
  return found == calls.end() ? 0 : found->second;
}

caf::expected<identity_resolved> memory_store::resolve(const resolve_identity& wanted) {
  const auto key = std::pair(wanted.app, wanted.who);
  if (const auto known = identities.find(key); known != identities.end())
    return identity_resolved{known->second, false};
  auto user = wanted.candidate;
  bool created = true;
  const bool new_union_id = wanted.union_id && !unions.contains(*wanted.union_id);
  if (wanted.union_id) {
    const auto [person, is_new] = unions.try_emplace(*wanted.union_id, wanted.candidate);
    user = person->second;
    created = is_new;
  }
  if (created) {
    if (users.contains(user))
      return make_error(ec::conflict);
    add_user(user, wanted.at);
  }
  identities.emplace(key, user);
  if (new_union_id)
    std::erase_if(followers, [&](const auto& row) {
      if (row.second != *wanted.union_id)
        return false;
      identities.emplace(row.first, user);
      return true;
    });
  return identity_resolved{user, created, new_union_id};
}

caf::expected<stored> memory_store::add(const add_session& wanted) {
  const auto row = users.find(wanted.session.user);
  if (row == users.end())
    return make_error(ec::not_found);
  if (find_session(wanted.session.user, wanted.session.id) != nullptr)
    return make_error(ec::conflict);
  if (auto removed = remove({wanted.session.user, wanted.evicted}); !removed)
    return removed;
  auto& [user, sessions, keys, marks] = row->second;
  marks.clear();
  sessions.push_back(wanted.session);
  user.last_login_at = wanted.session.created_at;
  keys[wanted.session.app] = wanted.session_key.reveal();
  return stored{};
}

caf::expected<stored> memory_store::rotate(const rotate_refresh_token& wanted) {
  auto* row = find_session(wanted.session.user, wanted.session.id);
  if (row == nullptr)
    return make_error(ec::not_found);
  if (row->refresh_hash != wanted.expected)
    return make_error(ec::conflict);
  row->refresh_hash = wanted.session.refresh_hash;
  row->previous_refresh_hash = wanted.session.previous_refresh_hash;
  row->refreshed_at = wanted.session.refreshed_at;
  row->refresh_expires_at = wanted.session.refresh_expires_at;
  row->generation = wanted.session.generation;
  return stored{};
}

caf::expected<stored> memory_store::remove(const remove_sessions& wanted) {
  if (const auto row = users.find(wanted.user); row != users.end())
    std::erase_if(row->second.sessions, [&](const auto& session) {
      return std::find(wanted.ids.begin(), wanted.ids.end(), session.id) != wanted.ids.end();
    });
  return stored{};
}

caf::expected<stored> memory_store::save(const save_user& wanted) {
  const auto row = users.find(wanted.user.id);
  if (row == users.end())
    return make_error(ec::not_found);
  auto& user = row->second.user;
  const auto before = user;
  user = wanted.user;
  user.created_at = before.created_at;
  user.last_login_at = before.last_login_at;
  return stored{};
}

caf::expected<stored> memory_store::touch(const touch_sessions& wanted) {
  for (const auto& [id, at] : wanted.seen)
    if (auto* row = find_session(wanted.user, id))
      row->last_seen_at = std::max(row->last_seen_at, at);
  return stored{};
}

caf::expected<user_snapshot> memory_store::load(user_id id) const {
  const auto row = users.find(id);
  if (row == users.end())
    return make_error(ec::not_found);
  return user_snapshot{row->second.user, row->second.sessions};
}

} // namespace weappd
