#pragma once

#include "messages/error.hpp"

#include <cstdint>
#include <optional>

/// What an errcode of the platform means for us. The same number means different things at different places,
/// so the key is (platform, group of endpoints, errcode), with a default for each platform.
namespace weappd {

enum class wechat_platform : std::uint8_t {
  mini_program, ///< and official account: api.weixin.qq.com
  wecom,        ///< qyapi.weixin.qq.com
};

/// Endpoints at which some numbers differ from the default of their platform.
enum class endpoint_group : std::uint8_t {
  business, ///< the default
  login,    ///< sns/jscode2session
  token,    ///< cgi-bin/token, cgi-bin/stable_token, cgi-bin/gettoken
  oauth,    ///< sns/oauth2/..., sns/userinfo, sns/auth: with tokens of one user
  link,     ///< wxa/generatescheme, wxa/generate_urllink
};

/// What the caller of an endpoint has to do.
enum class handling : std::uint8_t {
  ok,
  retry_backoff,           ///< passes by itself: again, with growing pauses, at most 3 times
  refresh_token_and_retry, ///< a new token, then once more
  stop_mark_user,          ///< final for this user (or this user and template)
  stop_bad_request,        ///< our request is wrong: never again
  stop_config_alert,       ///< account, secret, address list or permission: an operator must look
  quota_exhausted,         ///< not before the window is over
};

/// Nothing for a number that is not in the table; callers treat it as stop_bad_request, so that a send is
/// never repeated on a code nobody knows.
std::optional<handling> find_handling(wechat_platform platform, endpoint_group group, std::int64_t errcode);

/// The error of ours for an errcode at sns/jscode2session or at a token endpoint. `errcode` is not 0.
/// A number that nobody knows is wechat_unavailable: our client may try again.
ec error_of(endpoint_group group, std::int64_t errcode);

/// The error of ours for an HTTP status that is not 2xx: 4xx says that we are not welcome, all else is
/// trouble.
ec error_of_status(int status);

} // namespace weappd
