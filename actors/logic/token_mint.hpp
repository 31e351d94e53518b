#pragma once

#include "actors/logic/refresh_token.hpp"
#include "config/crypto/access_token.hpp"
#include "config/crypto/random.hpp"
#include "config/keyring.hpp"
#include "config/options.hpp"
#include "messages/ids.hpp"
#include "messages/time.hpp"
#include "messages/user.hpp"

#include <cstdint>
#include <mutex>
#include <optional>

namespace weappd {

/// Makes and recognises the tokens of all sessions. One for the process: keyed MAC contexts are too heavy for
/// every session to have its own, and a login needs them for a few microseconds only. Safe to use from
/// several threads. What it makes is a function of the stored row (and of random bytes for a first refresh
/// token), so a repeated refresh gets equal bytes, also after a restart.
class token_mint {
public:
  token_mint(const key_set& keys, const auth_options& auth);

  /// iat is when the row was refreshed last, exp is access_end, jti is made of session and generation.
  [[nodiscard]] secret access_token(const session_record& row, user_role role);

  /// A service client's: sub is "client:<id>", sid and app are empty, the role is "service"; lives
  /// auth.service_ttl_s. Empty if the id cannot be signed, which the configuration does not let through.
  [[nodiscard]] secret service_token(const client_id& client, timestamp now, crypto::random_source& random);

  [[nodiscard]] secret first_refresh_token(user_id user, const session_id& session,
                                           crypto::random_source& random);
  [[nodiscard]] secret successor(const secret& token, user_id user, const session_id& session);
  [[nodiscard]] std::optional<secret> newest_refresh_token(const secret& first, const session_record& row);
  [[nodiscard]] keyed_hash hash(const secret& refresh_token);
  [[nodiscard]] std::optional<std::uint32_t> age_of(const secret& refresh_token, const session_record& row);

private:
  const auth_options auth_;
  std::mutex mutex_;
  crypto::token_signer signer_;
  crypto::hmac_sha256 token_id_;
  refresh_chain chain_;
};

} // namespace weappd
