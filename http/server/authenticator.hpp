#pragma once

#include "config/crypto/access_token.hpp"
#include "config/keyring.hpp"
#include "http/server/verified_tokens.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace weappd::http {

/// Tells who sent a request from its access token. SHA-256 without processor support would be most of the
/// work of a request; so a token that was found good once is not computed and read again, only judged by the
/// time. Whether the session still exists is not known here: its actor knows. One for each io thread.
class authenticator {
public:
  authenticator(const keyring& ring, std::string_view issuer, std::string_view audience)
      : verifier_(ring, issuer, audience) {}

  /// `authorization`: the value of the field; `now` in seconds since 1970. Nothing unless it holds a token of
  /// ours that is in force (crypto::token_verifier).
  [[nodiscard]] std::optional<caller> who_sent(std::string_view authorization, std::int64_t now);

private:
  crypto::token_verifier verifier_;
  verified_tokens verified_;
};

} // namespace weappd::http
