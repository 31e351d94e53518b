#include "http/server/authenticator.hpp"

#include "http/server/characters.hpp"
#include "messages/ids.hpp"

namespace weappd::http {

std::string_view bearer_token(std::string_view authorization) {
  constexpr std::string_view scheme_name = "bearer ";
  return iequals(authorization.substr(0, scheme_name.size()), scheme_name)
             ? authorization.substr(scheme_name.size())
             : std::string_view{};
}

std::optional<sender> authenticator::who_sent(std::string_view authorization, std::int64_t now) {
  const auto token = bearer_token(authorization);
  if (const auto* known = verified_.find(token)) {
    if (crypto::judge_times(known->issued_at, known->expires_at, now) != crypto::token_failure::none)
      return std::nullopt;
    return known->from;
  }
  const auto verified = verifier_.verify(token, now);
  if (!verified)
    return std::nullopt;
  const auto from = read(verified.claims);
  if (from)
    verified_.remember(
        token,
        {.from = *from, .issued_at = verified.claims.issued_at, .expires_at = verified.claims.expires_at});
  return from;
}

std::optional<sender> authenticator::read(const crypto::access_claims& claims) const {
  constexpr std::string_view client_prefix = "client:";
  if (claims.role == "service") {
    if (!claims.user.starts_with(client_prefix) || !claims.session.empty() || !claims.app.empty())
      return std::nullopt;
    const auto* client = clients_.find(claims.user.substr(client_prefix.size()));
    return client != nullptr ? std::optional(sender{.who = {}, .service = client}) : std::nullopt;
  }
  const auto user = parse_user_id(claims.user);
  const auto session = parse_session_id(claims.session);
  if (!user || !session)
    return std::nullopt;
  return sender{.who = {*user, *session}, .app = apps_.find(claims.app)};
}

} // namespace weappd::http
