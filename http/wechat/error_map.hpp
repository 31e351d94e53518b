#pragma once

#include "messages/error.hpp"
#include "messages/push.hpp"
#include "messages/wechat.hpp"

#include <chrono>
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

/// Nothing for a number that is not in the table; callers treat it as stop_bad_request, so that a send is
/// never repeated on a code nobody knows.
std::optional<handling> find_handling(wechat_platform platform, endpoint_group group, std::int64_t errcode);

/// What an errcode means for messages to users; the members are those of send_result.
struct refusal_meaning {
  handling how = handling::ok;
  fail_reason reason = fail_reason::none;
  send_scope scope = send_scope::message;
  std::chrono::milliseconds wait{0};
  bool alert = false;
};

/// A number that is not in the table ends the message it met and says nothing of others.
refusal_meaning meaning_of(wechat_platform platform, endpoint_group group, std::int64_t errcode);
/// The same for an answer with HTTP status 4xx.
refusal_meaning meaning_of_rejected_status();

/// The error of ours for an errcode at an exchange of a code, at a token endpoint, or at any that is asked
/// with an access token and sends nothing (there token_rejected, quota_exhausted and not_found are possible).
/// `errcode` is not 0. A number that nobody knows is wechat_unavailable: our client may try again.
ec error_of(endpoint_group group, std::int64_t errcode);

/// The error of ours for an HTTP status that is not 2xx: 4xx says that we are not welcome, all else is
/// trouble.
ec error_of_status(int status);

} // namespace weappd
