#pragma once

#include "config/options.hpp"
#include "config/secret.hpp"
#include "http/client/http_client.hpp"
#include "messages/wechat.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

/// The requests to WeChat's endpoints and how their answers are read. Pure.
namespace weappd {

/// sns/jscode2session. Never repeatable: the code works once.
http_call code_exchange_call(const wechat_options& options, const app_options& app, const secret& code);

/// cgi-bin/stable_token in normal mode.
http_call stable_token_call(const wechat_options& options, const app_options& app);

/// WeChat refused. `rid` and `address` are empty if errmsg does not hold them in their exact form, so they
/// are fit for a log; the rest of errmsg is not kept.
struct wechat_refusal {
  std::int64_t errcode = 0;
  std::string rid;     ///< WeChat's support can look it up
  std::string address; ///< our address as WeChat sees it ("invalid ip ...")
};

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

/// Everything but A-Z a-z 0-9 - . _ ~ becomes %XX (RFC 3986).
std::string percent_encode(std::string_view text);

} // namespace weappd
