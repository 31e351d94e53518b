#include "http/server/authenticator.hpp"

#include "http/server/characters.hpp"
#include "messages/ids.hpp"

namespace weappd::http {
namespace {

/// The token of `Authorization: Bearer <token>`; the scheme is case-insensitive (RFC 9110 section 11.1).
std::string_view bearer_token(std::string_view authorization) {
  constexpr std::string_view scheme = "bearer ";
  return iequals(authorization.substr(0, scheme.size()), scheme) ? authorization.substr(scheme.size())
                                                                 : std::string_view{};
}

} // namespace

std::optional<caller> authenticator::who_sent(std::string_view authorization, std::int64_t now) {
  const auto token = bearer_token(authorization);
  if (const auto* known = verified_.find(token)) {
    if (crypto::judge_times(known->issued_at, known->expires_at, now) != crypto::token_failure::none)
      return std::nullopt;
    return known->who;
  }
  const auto verified = verifier_.verify(token, now);
  if (!verified)
    return std::nullopt;
  const auto user = parse_user_id(verified.claims.user);
  const auto session = parse_session_id(verified.claims.session);
  if (!user || !session)
    return std::nullopt;
  const caller who{*user, *session};
  verified_.remember(
      token, {.who = who, .issued_at = verified.claims.issued_at, .expires_at = verified.claims.expires_at});
  return who;
}

} // namespace weappd::http
