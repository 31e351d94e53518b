#include "messages/refresh_token.hpp"

#include "config/crypto/base64url.hpp"

#include <algorithm>
#include <string>

namespace weappd {
namespace {

constexpr std::size_t user_bytes = 8;
constexpr std::size_t session_bytes = std::tuple_size_v<decltype(session_id::bytes)>;
constexpr std::size_t secret_bytes = std::tuple_size_v<refresh_secret>;
constexpr std::size_t all_bytes = user_bytes + session_bytes + secret_bytes;
static_assert(refresh_token_length == (all_bytes * 8 + 5) / 6);

} // namespace

secret compose_refresh_token(user_id user, const session_id& session, const refresh_secret& bytes) {
  // Taken over by a secret, so that the bytes are wiped when this function returns.
  std::string plain(all_bytes, '\0');
  for (std::size_t i = 0; i < user_bytes; ++i)
    plain[i] = static_cast<char>(user.value >> (8 * (user_bytes - 1 - i)) & 0xFF);
  std::copy(session.bytes.begin(), session.bytes.end(), plain.begin() + user_bytes);
  std::copy(bytes.begin(), bytes.end(), plain.begin() + user_bytes + session_bytes);
  const secret wiped(std::move(plain));
  return secret(crypto::base64url_encode(wiped.reveal()));
}

std::optional<refresh_token_parts> parse_refresh_token(std::string_view text) {
  if (text.size() != refresh_token_length)
    return std::nullopt;
  auto decoded = crypto::base64url_decode(text);
  if (!decoded)
    return std::nullopt;
  const secret plain(std::move(*decoded));
  const auto& bytes = plain.reveal();
  refresh_token_parts parts;
  for (std::size_t i = 0; i < user_bytes; ++i)
    parts.user.value = parts.user.value << 8 | static_cast<std::uint8_t>(bytes[i]);
  if (parts.user.value == 0 || parts.user.value >> 63 != 0)
    return std::nullopt;
  std::copy_n(bytes.begin() + user_bytes, session_bytes, parts.session.bytes.begin());
  return parts;
}

} // namespace weappd
