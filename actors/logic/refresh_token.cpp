#include "actors/logic/refresh_token.hpp"

#include <algorithm>

namespace weappd {
namespace {

crypto::hmac_sha256 mac_for(std::string_view lookup_key, std::string_view purpose) {
  const auto key = crypto::derive_key(lookup_key, purpose);
  return crypto::hmac_sha256({reinterpret_cast<const char*>(key.data()), key.size()});
}

bool same(const keyed_hash& a, const keyed_hash& b) {
  return crypto::equal(a.bytes, b.bytes);
}

} // namespace

refresh_chain::refresh_chain(std::string_view lookup_key)
    : hash_(mac_for(lookup_key, "refresh token hash")),
      succession_(mac_for(lookup_key, "refresh token succession")) {}

secret refresh_chain::first(user_id user, const session_id& session, crypto::random_source& random) const {
  refresh_secret bytes;
  random.fill(bytes);
  return compose_refresh_token(user, session, bytes);
}

// The whole text goes in: with it the session and, through the chain, the generation.
secret refresh_chain::successor(const secret& token, user_id user, const session_id& session) {
  return compose_refresh_token(user, session, succession_(token.reveal()));
}

std::optional<secret> refresh_chain::newest(const secret& first, const session_record& row) {
  if (row.generation > memory)
    return std::nullopt;
  auto token = first;
  for (std::uint32_t i = 0; i < row.generation; ++i)
    token = successor(token, row.user, row.id);
  if (!same(hash(token), row.refresh_hash))
    return std::nullopt;
  return token;
}

keyed_hash refresh_chain::hash(const secret& token) {
  return {hash_(token.reveal())};
}

std::optional<std::uint32_t> refresh_chain::age_of(const secret& presented, const session_record& row) {
  const auto presented_hash = hash(presented);
  if (same(presented_hash, row.refresh_hash))
    return 0;
  if (row.generation == 0)
    return std::nullopt;
  if (same(presented_hash, row.previous_refresh_hash))
    return 1;
  // An older token cannot be looked up, but it leads to the previous one: follow it.
  const auto parts = parse_refresh_token(presented.reveal());
  if (!parts || parts->user != row.user || parts->session != row.id)
    return std::nullopt;
  const auto steps = std::min(row.generation - 1, memory);
  auto token = presented;
  for (std::uint32_t i = 0; i < steps; ++i) {
    token = successor(token, row.user, row.id);
    if (same(hash(token), row.previous_refresh_hash))
      return i + 2; // steps to the previous one, and one more
  }
  return std::nullopt;
}

} // namespace weappd
