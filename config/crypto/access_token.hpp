#pragma once

#include "config/crypto/hmac.hpp"
#include "config/keyring.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Access tokens: JWT (RFC 7519) signed with HS256, judged by RFC 8725. Only tokens that this server makes
/// are accepted: exactly the header that it writes (alg, kid, typ), so there is no algorithm to confuse.
namespace weappd::crypto {

/// The texts are signed as they are: each is empty or made of [A-Za-z0-9_.:/-], so that JSON needs no
/// escapes.
struct access_claims {
  std::string_view user;    ///< sub: a user id, or "client:<id>" for a service client
  std::string_view session; ///< sid; empty for a service client, as app is
  std::string_view token;   ///< jti
  std::string_view app;
  std::string_view role;
  std::int64_t issued_at = 0;  ///< iat, seconds since 1970
  std::int64_t expires_at = 0; ///< exp
};

/// May this text be signed? See access_claims; issuer and audience follow the same rule.
[[nodiscard]] bool is_signable(std::string_view text) noexcept;

/// Makes tokens with the active key of the ring. The same claims give the same token. One thread at a time.
class token_signer {
public:
  token_signer(const keyring& ring, std::string_view issuer, std::string_view audience);
  /// An empty text, which no verifier accepts, if a text is not signable, a time is negative or the token
  /// would be longer than a verifier reads: never a token with broken JSON in it.
  [[nodiscard]] std::string sign(const access_claims& claims);

private:
  hmac_sha256 mac_;
  std::string header_; ///< base64url, with its dot
  std::string issuer_;
  std::string audience_;
};

enum class token_failure : std::uint8_t {
  none,
  malformed,     ///< too long, not three parts, or not the header of a key of ours (alg, kid, typ)
  bad_signature, ///< the signature is not the one text that belongs to header and payload
  wrong_claims,  ///< signed by us, but not for this: iss, aud, iat, or not the flat object that we write
  expired,
};

/// Are these times of a token in force at `now`, all in seconds since 1970? No leeway for exp: our own clock
/// wrote it; iat may be 60 s in the future (wrong_claims beyond that).
[[nodiscard]] token_failure judge_times(std::int64_t issued_at, std::int64_t expires_at,
                                        std::int64_t now) noexcept;

/// Checks tokens with the keys of the ring: the signature first, then what is signed. One thread at a time.
class token_verifier {
public:
  token_verifier(const keyring& ring, std::string_view issuer, std::string_view audience);

  struct result {
    token_failure failure = token_failure::none;
    access_claims claims; ///< valid until the next call
    explicit operator bool() const noexcept { return failure == token_failure::none; }
  };
  /// `now` in seconds since 1970, see judge_times(). Texts longer than 2,048 bytes are malformed.
  [[nodiscard]] result verify(std::string_view token, std::int64_t now);

private:
  struct known_key {
    std::string header; ///< base64url, with its dot
    hmac_sha256 mac;
  };
  std::vector<known_key> keys_;
  std::string issuer_;
  std::string audience_;
  std::string payload_;   ///< decoded, kept between calls
  std::string signature_; ///< as it ought to be, kept between calls
};

} // namespace weappd::crypto
