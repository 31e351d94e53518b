#pragma once

#include "config/secret.hpp"
#include "messages/fwd.hpp"
#include "messages/time.hpp"

#include <cstdint>

/// What may be asked of a token refresher: the one holder of an app's WeChat access token.
namespace weappd {

/// Answer: token_lease. A valid token is answered at once; without one the asker waits for the fetch that is
/// under way. Errors: wechat_unavailable, wechat_timeout, wechat_misconfigured.
struct get_access_token {};

struct token_lease {
  secret token;
  std::uint64_t epoch = 0; ///< counts the tokens of this app; name it when the token was refused
  timestamp expires_at;
};

/// WeChat refused the token of that epoch (40001, 40014, 42001). About an older epoch: does nothing, because
/// that token has been replaced already. No answer.
struct access_token_rejected {
  std::uint64_t epoch = 0;
};

} // namespace weappd

WEAPPD_MESSAGE(weappd::get_access_token)
WEAPPD_MESSAGE(weappd::token_lease)
WEAPPD_MESSAGE(weappd::access_token_rejected)
