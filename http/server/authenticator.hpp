#pragma once

#include "config/crypto/access_token.hpp"
#include "config/keyring.hpp"
#include "http/server/sender.hpp"
#include "http/server/verified_tokens.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace weappd::http {

/// The token of `Authorization: Bearer <token>`; the scheme is case-insensitive (RFC 9110 section 11.1).
/// Empty: there is none.
[[nodiscard]] std::string_view bearer_token(std::string_view authorization);

/// Tells who sent a request from its access token. SHA-256 without processor support would be most of the
/// work of a request; so a token that was found good once is not computed and read again, only judged by the
/// time. Whether a user's session still exists is not known here: its actor knows. What a service client may
/// do is what the configuration says now, not when its token was made. One for each io thread.
class authenticator {
public:
  /// `clients` and `apps` outlive it.
  authenticator(const keyring& ring, std::string_view issuer, std::string_view audience,
                const service_clients& clients, const app_numbers& apps)
      : verifier_(ring, issuer, audience), clients_(clients), apps_(apps) {}

  /// `authorization`: the value of the field; `now` in seconds since 1970. Nothing unless it holds a token of
  /// ours that is in force (crypto::token_verifier), of a user or of a client that is configured.
  [[nodiscard]] std::optional<sender> who_sent(std::string_view authorization, std::int64_t now);

private:
  [[nodiscard]] std::optional<sender> read(const crypto::access_claims& claims) const;

  crypto::token_verifier verifier_;
  const service_clients& clients_;
  const app_numbers& apps_;
  verified_tokens verified_;
};

} // namespace weappd::http
