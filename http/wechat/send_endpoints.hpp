#pragma once

#include "config/options.hpp"
#include "http/client/http_client.hpp"
#include "http/wechat/endpoints.hpp"
#include "messages/wechat.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Messages to users: the requests and how their answers are read. Pure, and made for tens of thousands of
/// them a second: no tree of JSON in between. Text goes out as UTF-8, never as \uXXXX, which WeChat refuses
/// (40033, 47002) or shows. The calls are never repeatable.
namespace weappd {

/// Which version of a mini program a message opens, and the language that its card is labelled in.
struct card_look {
  program_state version = program_state::formal;
  std::string lang = "zh_CN"; ///< zh_CN, zh_HK, zh_TW or en_US
};

/// cgi-bin/message/subscribe/send, of a mini program. Names of fields are taken as they are: the
/// configuration has checked them.
http_call subscribe_send_call(const wechat_options& options, const card_look& look, const send_to_user& what);

/// cgi-bin/message/template/send, of an official account. `page_app_id` is the AppID of the mini program that
/// a tap opens; empty: none.
http_call template_send_call(const wechat_options& options, std::string_view page_app_id,
                             const send_to_user& what);

struct send_accepted {
  std::optional<std::int64_t> errcode; ///< 0, or missing
  std::string platform_id;             ///< the msgid, a number or [0-9A-Za-z_-]; empty if there is none
};
/// The body of an answer of either with status 2xx. Here errcode may be missing only beside a msgid.
wechat_answer<send_accepted> read_send(std::string_view body);

} // namespace weappd
