#pragma once

#include "config/secret.hpp"
#include "messages/fwd.hpp"
#include "messages/ids.hpp"
#include "messages/user.hpp"

namespace weappd {

/// Exchange a wx.login code for a session of ours. Answer: token_grant.
/// The same code again within auth.code_memory_s gets the same answer, and so does one that arrives while the
/// first is under way; WeChat is asked once. An answer of WeChat that is final (invalid_code, user_blocked)
/// is remembered too; one that is not (wechat_unavailable, wechat_timeout, wechat_misconfigured) is forgotten
/// at once, so that a retry is a real one. Errors: invalid_code, user_blocked, wechat_*, storage_unavailable.
struct login {
  app_key app;
  secret code;
  device_info device;
};

} // namespace weappd

WEAPPD_MESSAGE(weappd::login)
