#pragma once

#include "actors/logic/recent_rotations.hpp"
#include "config/options.hpp"
#include "messages/user.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

/// What is decided about sessions, without an actor, a clock or a store.
namespace weappd {

/// What happens to a presented refresh token.
enum class refresh_decision : std::uint8_t {
  rotate, ///< valid: a new pair, and this token becomes the previous one
  repeat, ///< two requests of one client: the same new pair again
  refuse, ///< nothing else happens
  revoke, ///< used again too late: stolen, whoever holds the newest one; the session ends
};

/// RFC 9700 section 4.14.2 with a window for racing requests: an old token is harmless up to
/// auth.refresh_reuse_window_s after it was itself replaced, and proof of theft after it. Only the token that
/// was replaced last gets the pair again; one still older is refused within its window: somebody was slow by
/// two rotations. When an older one was replaced is known of `recent` rotations alone; any other counts as
/// long ago. `age` as refresh_chain tells it. A clock that ran back counts as "within".
refresh_decision judge_refresh(std::optional<std::uint32_t> age, const session_record& row,
                               const recent_rotations& recent, timestamp now, const auth_options& auth);

/// Ended, by the end of its refresh token or by auth.session_max_age_s, whichever is first.
bool has_ended(const session_record& row, timestamp now, const auth_options& auth);

/// The end of a refresh token that begins now in a session made at `created_at`.
timestamp refresh_end(timestamp created_at, timestamp now, const auth_options& auth);

/// The end of the access token that belongs to the row: never later than the session itself. In whole
/// seconds, as a JWT has it.
std::chrono::sys_seconds access_end(const session_record& row, const auth_options& auth);

/// The sessions to remove so that one more has room: all that have ended and, while there are still
/// auth.max_sessions_per_user of them, the ones unseen for longest (of equals the oldest).
std::vector<session_id> sessions_to_evict(std::span<const session_record> rows, timestamp now,
                                          const auth_options& auth);

} // namespace weappd
