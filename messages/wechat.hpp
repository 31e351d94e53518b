#pragma once

#include "config/secret.hpp"
#include "messages/fwd.hpp"
#include "messages/ids.hpp"
#include "messages/push.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What may be asked of the WeChat gateway, the only part that speaks to WeChat.
/// Common errors: wechat_unavailable (busy, unreachable, circuit open, nonsense), wechat_timeout,
/// wechat_misconfigured. The detail carries platform, endpoint, errcode and rid.
namespace weappd {

/// sns/jscode2session for a mini program; sns/oauth2/access_token for an official account, which gives no
/// session_key. Answer: code_exchanged. Errors besides the common ones: invalid_code, user_blocked.
/// Sent again by the gateway only where the code is certainly unused: after "system busy", and when no byte
/// was written.
struct exchange_code {
  app_key app{};
  secret code{};
};
struct code_exchanged {
  openid who{};
  std::optional<unionid> union_id{};
  secret session_key{}; ///< base64 of 16 bytes; empty for an official account
};

/// cgi-bin/stable_token in normal mode. Answer: access_token_fetched.
struct fetch_access_token {
  app_key app{};
};
struct access_token_fetched {
  secret token{};
  std::chrono::seconds expires_in{}; ///< remaining life, more than 0
};

/// What the caller of an endpoint has to do about its answer.
enum class handling : std::uint8_t {
  ok,
  retry_backoff,           ///< passes by itself: again, with growing pauses
  refresh_token_and_retry, ///< a new token, then once more
  stop_mark_user,          ///< final for this user (or this user and template)
  stop_bad_request,        ///< our request is wrong: never again
  stop_config_alert,       ///< account, secret, address list or permission: an operator must look
  quota_exhausted,         ///< not before the window is over
};
std::string_view to_string(handling what);

/// cgi-bin/message/subscribe/send for a mini program, cgi-bin/message/template/send for an official account.
/// Sent once: the gateway never repeats it. Answer: send_result, also when the platform refused or could not
/// be reached; an error only if the gateway itself is gone.
struct send_to_user {
  app_key app{};
  secret access_token{};
  openid to{};
  std::string template_id{}; ///< the platform's
  std::string page{};        ///< of the mini program; empty: none
  app_key page_app{}; ///< official account: the mini program (of ours) that the page is in; empty: no jump
  std::string url{};  ///< official account: where a tap leads if there is no mini program; may be empty
  field_values data{};
  std::vector<std::pair<std::string, std::string>> colors{}; ///< official account: by field name
  std::string client_msg_id{}; ///< official account: the platform sends one message for it within 10 minutes
};

/// Which further messages an answer of the platform is about.
enum class send_scope : std::uint8_t {
  message,       ///< this one alone
  user,          ///< all to this user in this app
  user_template, ///< those of this template to this user
  template_,     ///< those of this template
  api,           ///< all of this app
};

struct send_result {
  enum class outcome : std::uint8_t {
    accepted,  ///< errcode 0, or none with all that belongs to a success
    refused,   ///< errcode, understood: the message was not sent
    unreached, ///< no byte of the request left, or the gateway was too busy: the message was not sent
    unknown,   ///< the request was written and no answer that makes sense came: it may have been sent
  };
  outcome what = outcome::unknown;
  std::optional<std::int64_t> errcode{}; ///< if an answer came that had one
  std::string rid{};                     ///< [0-9a-f-], or empty
  std::string bad_field{};               ///< of 47003, if the platform named it: [A-Za-z0-9_]
  std::string platform_id{};             ///< the platform's msgid, if there is one
  std::string detail{};                  ///< for the log: "status=502", "failure=connect"; no secret
  std::chrono::milliseconds duration{0};

  // What the answer means (http/wechat/error_map); of `refused` alone:
  handling how = handling::ok;
  fail_reason reason = fail_reason::none; ///< if it ends here
  send_scope scope = send_scope::message;
  /// How long the platform wants to be left alone (45011: a minute, 43108: a few seconds); 0: nothing said.
  std::chrono::milliseconds wait{0};
  bool alert = false; ///< an operator must look, whatever the handling
};

/// wxaapi/newtmpl/gettemplate. Answer: templates_fetched. Errors: the common ones, and token_rejected.
struct fetch_templates {
  app_key app{};
  secret access_token{};
};
struct platform_template {
  std::string id{};
  bool long_term = false;
  std::vector<std::string> fields{}; ///< "thing1", in the order of its content
};
struct templates_fetched {
  std::vector<platform_template> items{};
};

} // namespace weappd

WEAPPD_MESSAGE(weappd::exchange_code)
WEAPPD_MESSAGE(weappd::code_exchanged)
WEAPPD_MESSAGE(weappd::fetch_access_token)
WEAPPD_MESSAGE(weappd::access_token_fetched)
WEAPPD_MESSAGE(weappd::send_to_user)
WEAPPD_MESSAGE(weappd::send_result)
WEAPPD_MESSAGE(weappd::fetch_templates)
WEAPPD_MESSAGE(weappd::templates_fetched)
