#include "config/crypto/access_token.hpp"

#include "config/crypto/base64url.hpp"
#include "config/crypto/flat_claims.hpp"

#include <algorithm>
#include <cstddef>

#include <openssl/crypto.h>

namespace weappd::crypto {
namespace {

constexpr std::size_t longest_token = 2'048;
constexpr std::size_t signature_length = 43; ///< 32 bytes in base64url
constexpr std::int64_t clock_skew_s = 60;    ///< how far iat may lie in the future

std::string_view as_text(const digest& mac) {
  return {reinterpret_cast<const char*>(mac.data()), mac.size()};
}

/// The one header that tokens of this key have, ready to be compared.
std::string header_of(const named_key& key) {
  std::string header = base64url_encode(R"({"alg":"HS256","typ":"JWT","kid":")" + key.id + R"("})");
  header += '.';
  return header;
}

/// Appends `"name":"text",`.
void add(std::string& json, std::string_view name, std::string_view text) {
  json += '"';
  json += name;
  json += "\":\"";
  json += text;
  json += "\",";
}

void add(std::string& json, std::string_view name, std::int64_t number) {
  json += '"';
  json += name;
  json += "\":";
  json += std::to_string(number);
  json += ',';
}

bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

/// False if one of ours is missing or has another type.
bool read_claims(const flat_claims& json, access_claims& claims) {
  const auto user = json.text("sub"), session = json.text("sid"), token = json.text("jti");
  const auto app = json.text("app"), role = json.text("role");
  const auto issued_at = json.number("iat"), expires_at = json.number("exp");
  if (!user || !session || !token || !app || !role || !issued_at || !expires_at)
    return false;
  claims = {.user = *user,
            .session = *session,
            .token = *token,
            .app = *app,
            .role = *role,
            .issued_at = *issued_at,
            .expires_at = *expires_at};
  return true;
}

} // namespace

bool is_signable(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '-' && c <= ':') || c == '_';
  }); // '-' to ':' is exactly "-./0123456789:"
}

token_signer::token_signer(const keyring& ring, std::string_view issuer, std::string_view audience)
    : mac_(ring.active().bytes.reveal()), header_(header_of(ring.active())), issuer_(issuer),
      audience_(audience) {}

std::string token_signer::sign(const access_claims& claims) {
  for (const auto text : {std::string_view(issuer_), std::string_view(audience_), claims.user, claims.session,
                          claims.token, claims.app, claims.role})
    if (!is_signable(text))
      return {};
  if (claims.issued_at < 0 || claims.expires_at < 0)
    return {};

  std::string json = "{";
  add(json, "iss", issuer_);
  add(json, "aud", audience_);
  add(json, "sub", claims.user);
  add(json, "sid", claims.session);
  add(json, "jti", claims.token);
  add(json, "app", claims.app);
  add(json, "role", claims.role);
  add(json, "iat", claims.issued_at);
  add(json, "exp", claims.expires_at);
  json.back() = '}';

  std::string token = header_;
  base64url_append(token, json);
  const digest mac = mac_(token);
  token += '.';
  base64url_append(token, as_text(mac));
  return token.size() <= longest_token ? token : std::string{};
}

token_failure judge_times(std::int64_t issued_at, std::int64_t expires_at, std::int64_t now) noexcept {
  if (issued_at > now + clock_skew_s)
    return token_failure::wrong_claims;
  return expires_at <= now ? token_failure::expired : token_failure::none;
}

token_verifier::token_verifier(const keyring& ring, std::string_view issuer, std::string_view audience)
    : issuer_(issuer), audience_(audience) {
  for (const auto& key : ring.all())
    keys_.push_back({.header = header_of(key), .mac = hmac_sha256(key.bytes.reveal())});
}

token_verifier::result token_verifier::verify(std::string_view token, std::int64_t now) {
  const auto refuse = [](token_failure failure) { return result{.failure = failure, .claims = {}}; };
  if (token.size() > longest_token)
    return refuse(token_failure::malformed);
  const auto key = std::ranges::find_if(keys_, [&](const auto& k) { return token.starts_with(k.header); });
  if (key == keys_.end())
    return refuse(token_failure::malformed);
  const auto dot = token.find('.', key->header.size());
  if (dot == std::string_view::npos || token.find('.', dot + 1) != std::string_view::npos)
    return refuse(token_failure::malformed);

  // The text of the signature is compared, not its bytes: so it has no second spelling.
  const auto signature = token.substr(dot + 1);
  if (signature.size() != signature_length)
    return refuse(token_failure::bad_signature);
  signature_.clear();
  base64url_append(signature_, as_text(key->mac(token.substr(0, dot))));
  if (!same_text(signature, signature_))
    return refuse(token_failure::bad_signature);

  // From here on the text is ours. It may still be of another version, or meant for somebody else.
  flat_claims json;
  result found;
  const auto payload = token.substr(key->header.size(), dot - key->header.size());
  if (!base64url_decode(payload, payload_) || !json.read(payload_) || !read_claims(json, found.claims))
    return refuse(token_failure::wrong_claims);
  const auto& claims = found.claims;
  if (json.text("iss") != issuer_ || json.text("aud") != audience_)
    return refuse(token_failure::wrong_claims);
  if (claims.issued_at < 0 || claims.expires_at < 0)
    return refuse(token_failure::wrong_claims);
  if (const auto failure = judge_times(claims.issued_at, claims.expires_at, now);
      failure != token_failure::none)
    return refuse(failure);
  return found;
}

} // namespace weappd::crypto
