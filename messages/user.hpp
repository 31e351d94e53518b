#pragma once

#include "messages/ids.hpp"
#include "messages/time.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace weappd {

enum class user_status : std::uint8_t { active, locked };
enum class user_role : std::uint8_t { user, operator_ };

/// What we know of a user, as the store keeps it and the session actor holds it.
struct user_record {
  user_id id;
  std::string nickname;
  std::string avatar_url;
  phone_number phone; ///< empty: not known
  user_role role = user_role::user;
  user_status status = user_status::active;
  timestamp created_at;
  timestamp updated_at;
  timestamp last_login_at;
};
/// Handed around without copies; a change makes a new record.
using user_ptr = std::shared_ptr<const user_record>;

/// What the client says of itself at login. Both may be empty; at most 64 bytes of UTF-8 each.
struct device_info {
  std::string name;
  std::string platform;
};

/// One login, as the store keeps it. The refresh token itself is nowhere: only its hash.
struct session_record {
  session_id id;
  user_id user;
  app_key app;
  device_info device;
  timestamp created_at;
  timestamp last_seen_at;
  timestamp refresh_expires_at;
  keyed_hash refresh_hash;            ///< of the refresh token that is valid now
  keyed_hash previous_refresh_hash{}; ///< of the one before it; all zero: there was none
  timestamp refreshed_at;             ///< when the valid one took the place of the previous one
  std::uint32_t generation = 0;       ///< how often it was refreshed
};

} // namespace weappd
