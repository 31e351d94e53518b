#pragma once

#include "config/secret.hpp"
#include "messages/ids.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

/// The text form of a refresh token: base64url without padding of the user id (8 bytes, big endian), the
/// session id (16) and 32 secret bytes. It carries its own address, so that whoever receives one knows which
/// session to ask; whether it is valid is the session's answer alone.
namespace weappd {

using refresh_secret = std::array<std::uint8_t, 32>;

inline constexpr std::size_t refresh_token_length = 75;

struct refresh_token_parts {
  user_id user;
  session_id session;
};

secret compose_refresh_token(user_id user, const session_id& session, const refresh_secret& bytes);

/// Nothing for anything that compose_refresh_token cannot have made: another length or alphabet, stray bits
/// in the last character, a user id of 0 or above 63 bits.
std::optional<refresh_token_parts> parse_refresh_token(std::string_view text);

} // namespace weappd
