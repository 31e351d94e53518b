#pragma once

#include "config/crypto/hmac.hpp"
#include "config/crypto/random.hpp"
#include "config/secret.hpp"
#include "messages/ids.hpp"
#include "messages/refresh_token.hpp"
#include "messages/user.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

/// The life of a refresh token: a random first one, and then a chain in which each token decides the next one
/// (DESIGN.md section 4). Neither memory nor disk holds a token, only the keyed hash of the newest two.
namespace weappd {

/// Not safe to use from several threads at once.
class refresh_chain {
public:
  /// How many generations back an ancestor is recognised. Bounds the work that one token makes (0.5 ms).
  static constexpr std::uint32_t memory = 1'000;

  /// `lookup_key`: the active key of key_set::lookup. A token is lost when that key changes.
  explicit refresh_chain(std::string_view lookup_key);

  [[nodiscard]] secret first(user_id user, const session_id& session, crypto::random_source& random) const;
  /// The token that takes the place of `token`, which has been recognised: always the same one.
  [[nodiscard]] secret successor(const secret& token, user_id user, const session_id& session);
  /// The token that is valid now, from the `first` one of the session. Nothing if `first` is another one, or
  /// more than `memory` generations ago.
  [[nodiscard]] std::optional<secret> newest(const secret& first, const session_record& row);
  [[nodiscard]] keyed_hash hash(const secret& token);
  /// How often the session was refreshed since the presented token was its newest: 0 is the one that is valid
  /// now. Nothing: a token that this session never had, or an ancestor too old to tell.
  [[nodiscard]] std::optional<std::uint32_t> age_of(const secret& presented, const session_record& row);

private:
  crypto::hmac_sha256 hash_;
  crypto::hmac_sha256 succession_;
};

} // namespace weappd
