#pragma once

#include "config/secret.hpp"
#include "messages/fwd.hpp"
#include "messages/ids.hpp"

#include <chrono>
#include <string>
#include <vector>

/// Service clients: other programs of the team, which ask for messages and access tokens.
namespace weappd {

/// A client id and its secret for an access token. Answer: service_grant. Errors: invalid_client (the two do
/// not belong together; which one is wrong is not told), overloaded (too many are being checked).
struct authenticate_client {
  client_id id;
  secret password;
};
struct service_grant {
  secret access_token;
  std::chrono::seconds ttl{};
  std::vector<std::string> scopes; ///< in the order of the configuration
};

/// Is this the secret of that hash? Slow on purpose; on a thread of its own. Answer: secret_checked.
struct check_secret {
  secret password;
  std::string hash; ///< config/crypto/secret_hash.hpp
};
struct secret_checked {
  bool fits = false;
};

} // namespace weappd

WEAPPD_MESSAGE(weappd::authenticate_client)
WEAPPD_MESSAGE(weappd::service_grant)
WEAPPD_MESSAGE(weappd::check_secret)
WEAPPD_MESSAGE(weappd::secret_checked)
