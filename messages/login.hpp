#pragma once

#include "config/secret.hpp"
#include "messages/fwd.hpp"
#include "messages/ids.hpp"
#include "messages/user.hpp"

namespace weappd {

/// Exchange a wx.login code for a session of ours. Answer: token_grant.
/// The same code again within auth.code_memory_s gets the same session, with the tokens that are valid then,
/// and one that arrives while the first is under way gets the same answer; WeChat is asked once. A session
/// that has ended since is invalid_code, a user locked since is user_blocked. An answer of WeChat that is
/// final (invalid_code, user_blocked) is remembered too; one that is not (wechat_unavailable, wechat_timeout,
/// wechat_misconfigured) is forgotten at once, so that a retry is a real one. Errors: invalid_code,
/// user_blocked, wechat_*, storage_unavailable.
struct login {
  app_key app;
  secret code;
  device_info device;
};

} // namespace weappd

WEAPPD_MESSAGE(weappd::login)
