#include "actors/logic/session_rules.hpp"

#include <algorithm>
#include <tuple>

namespace weappd {

using std::chrono::seconds;

refresh_decision judge_refresh(std::optional<std::uint32_t> age, const session_record& row,
                               const recent_rotations& recent, timestamp now, const auth_options& auth) {
  if (!age || has_ended(row, now, auth))
    return refresh_decision::refuse;
  if (*age == 0)
    return refresh_decision::rotate;
  const auto replaced_at = *age == 1 ? std::optional(row.refreshed_at) : recent.replaced_at(row.id, *age);
  if (!replaced_at || now - *replaced_at > seconds(auth.refresh_reuse_window_s))
    return refresh_decision::revoke;
  return *age == 1 ? refresh_decision::repeat : refresh_decision::refuse;
}

bool has_ended(const session_record& row, timestamp now, const auth_options& auth) {
  // The row was written under the options of its day; a shorter life takes effect at once.
  return now >= row.refresh_expires_at || now >= row.created_at + seconds(auth.session_max_age_s);
}

timestamp refresh_end(timestamp created_at, timestamp now, const auth_options& auth) {
  return std::min<timestamp>(now + seconds(auth.refresh_ttl_s), created_at + seconds(auth.session_max_age_s));
}

std::chrono::sys_seconds access_end(const session_record& row, const auth_options& auth) {
  using std::chrono::floor;
  return std::min(floor<seconds>(row.refreshed_at) + seconds(auth.access_ttl_s),
                  floor<seconds>(row.refresh_expires_at));
}

std::vector<session_id> sessions_to_evict(std::span<const session_record> rows, timestamp now,
                                          const auth_options& auth) {
  std::vector<session_id> evicted;
  std::vector<const session_record*> alive;
  for (const auto& row : rows) {
    if (has_ended(row, now, auth))
      evicted.push_back(row.id);
    else
      alive.push_back(&row);
  }
  const std::size_t room = std::max<std::uint32_t>(auth.max_sessions_per_user, 1) - 1;
  if (alive.size() > room) {
    std::sort(alive.begin(), alive.end(), [](const session_record* a, const session_record* b) {
      return std::tie(a->last_seen_at, a->created_at, a->id) <
             std::tie(b->last_seen_at, b->created_at, b->id);
    });
    for (std::size_t i = 0; i < alive.size() - room; ++i)
      evicted.push_back(alive[i]->id);
  }
  return evicted;
}

} // namespace weappd
