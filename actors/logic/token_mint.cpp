#include "actors/logic/token_mint.hpp"

#include "actors/logic/session_rules.hpp"
#include "config/crypto/base64url.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace weappd {
namespace {

std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string_view claim_of(user_role role) {
  return role == user_role::operator_ ? "operator" : "user";
}

constexpr std::size_t id_bytes = 12; // 96 bits: no two tokens share one

} // namespace

token_mint::token_mint(const key_set& keys, const auth_options& auth)
    : auth_(auth), signer_(keys.signing, auth.issuer, auth.audience),
      token_id_(as_text(crypto::derive_key(keys.lookup.active().bytes.reveal(), "access token id"))),
      chain_(keys.lookup.active().bytes.reveal()) {}

secret token_mint::access_token(const session_record& row, user_role role) {
  const auto user = to_string(row.user);
  const auto session = to_string(row.id);
  const auto generation = std::to_string(row.generation);
  std::lock_guard guard(mutex_);
  const auto token = crypto::base64url_encode(as_text(token_id_(session, generation)).substr(0, id_bytes));
  return secret(signer_.sign({
      .user = user,
      .session = session,
      .token = token,
      .app = row.app.value,
      .role = claim_of(role),
      .issued_at = std::chrono::floor<std::chrono::seconds>(row.refreshed_at).time_since_epoch().count(),
      .expires_at = access_end(row, auth_).time_since_epoch().count(),
  }));
}

secret token_mint::service_token(const client_id& client, timestamp now, crypto::random_source& random) {
  std::array<std::uint8_t, id_bytes> id{};
  random.fill(id);
  const auto token = crypto::base64url_encode(as_text(id));
  const auto subject = "client:" + client.value;
  const auto issued_at = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
  const auto expires_at = issued_at + std::chrono::seconds(auth_.service_ttl_s);
  std::lock_guard guard(mutex_);
  return secret(signer_.sign({
      .user = subject,
      .session = {},
      .token = token,
      .app = {},
      .role = "service",
      .issued_at = issued_at.count(),
      .expires_at = expires_at.count(),
  }));
}

secret token_mint::first_refresh_token(user_id user, const session_id& session,
                                       crypto::random_source& random) {
  std::lock_guard guard(mutex_);
  return chain_.first(user, session, random);
}

secret token_mint::successor(const secret& token, user_id user, const session_id& session) {
  std::lock_guard guard(mutex_);
  return chain_.successor(token, user, session);
}

std::optional<secret> token_mint::newest_refresh_token(const secret& first, const session_record& row) {
  std::lock_guard guard(mutex_);
  return chain_.newest(first, row);
}

keyed_hash token_mint::hash(const secret& refresh_token) {
  std::lock_guard guard(mutex_);
  return chain_.hash(refresh_token);
}

std::optional<std::uint32_t> token_mint::age_of(const secret& refresh_token, const session_record& row) {
  std::lock_guard guard(mutex_);
  return chain_.age_of(refresh_token, row);
}

} // namespace weappd
