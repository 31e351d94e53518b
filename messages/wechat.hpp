#pragma once

#include "config/secret.hpp"
#include "messages/fwd.hpp"
#include "messages/ids.hpp"

#include <chrono>
#include <optional>

/// What may be asked of the WeChat gateway, the only part that speaks to WeChat.
/// Common errors: wechat_unavailable (busy, unreachable, circuit open, nonsense), wechat_timeout,
/// wechat_misconfigured. The detail carries platform, endpoint, errcode and rid.
namespace weappd {

/// sns/jscode2session. Answer: code_exchanged. Errors besides the common ones: invalid_code, user_blocked.
/// Sent again by the gateway only where the code is certainly unused: after "system busy", and when no byte
/// was written.
struct exchange_code {
  app_key app;
  secret code;
};
struct code_exchanged {
  openid who;
  std::optional<unionid> union_id;
  secret session_key; ///< base64 of 16 bytes
};

/// cgi-bin/stable_token in normal mode. Answer: access_token_fetched.
struct fetch_access_token {
  app_key app;
};
struct access_token_fetched {
  secret token;
  std::chrono::seconds expires_in{}; ///< remaining life, more than 0
};

} // namespace weappd

WEAPPD_MESSAGE(weappd::exchange_code)
WEAPPD_MESSAGE(weappd::code_exchanged)
WEAPPD_MESSAGE(weappd::fetch_access_token)
WEAPPD_MESSAGE(weappd::access_token_fetched)
