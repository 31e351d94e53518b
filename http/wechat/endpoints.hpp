#pragma once

#include "config/options.hpp"
#include "config/secret.hpp"
#include "http/client/http_client.hpp"
#include "http/wechat/refusal.hpp"
#include "messages/wechat.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

/// The requests to WeChat's endpoints and how their answers are read. Pure.
namespace weappd {

/// sns/jscode2session. Never repeatable: the code works once.
http_call code_exchange_call(const wechat_options& options, const app_options& app, const secret& code);

/// sns/oauth2/access_token. Never repeatable: the code works once.
http_call oauth_exchange_call(const wechat_options& options, const app_options& app, const secret& code);

/// cgi-bin/stable_token in normal mode.
http_call stable_token_call(const wechat_options& options, const app_options& app);

/// wxaapi/newtmpl/gettemplate.
http_call template_list_call(const wechat_options& options, const secret& access_token);

/// The answer is not what the endpoint promises.
struct wechat_nonsense {
  std::string_view problem; ///< a literal
};

template <class Answer>
using wechat_answer = std::variant<Answer, wechat_refusal, wechat_nonsense>;

/// The body of an answer with status 2xx. The content type does not matter; an errcode that is missing is 0;
/// numbers may come as strings; members that we do not know are ignored.
wechat_answer<code_exchanged> read_code_exchange(std::string_view body);
wechat_answer<access_token_fetched> read_stable_token(std::string_view body);

/// An official account's answer has no session_key; its tokens are of no use to us.
struct oauth_exchanged {
  code_exchanged session;
  bool snapshot = false; ///< a page that was only looked at: the openid is of nobody
};
wechat_answer<oauth_exchanged> read_oauth_exchange(std::string_view body);
/// The fields of a template are those that its content names ("{{thing1.DATA}}").
wechat_answer<templates_fetched> read_template_list(std::string_view body);

/// A call with the time-outs of the options.
http_call prepared_call(const wechat_options& options);
/// The whole URL of an endpoint that is asked with an access token.
secret with_access_token(const wechat_options& options, std::string_view path, const secret& access_token);

/// Everything but A-Z a-z 0-9 - . _ ~ becomes %XX (RFC 3986).
std::string percent_encode(std::string_view text);

} // namespace weappd
