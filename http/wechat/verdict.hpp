#pragma once

#include "http/client/http_client.hpp"
#include "messages/error.hpp"
#include "messages/followers.hpp"
#include "messages/wechat.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

/// From what happened on the wire to what the asker is told. Pure.
namespace weappd {

/// Whether the same request may be sent once more.
enum class repeat : std::uint8_t {
  never,
  after_busy,  ///< WeChat was busy (-1) and did nothing
  if_unreached ///< no byte of the request has left
};

struct wechat_trouble {
  ec code = ec::wechat_unavailable;
  repeat again = repeat::never;
  std::string detail; ///< for our log: "wechat jscode2session errcode=40029 rid=..."; no secret, no URL
};

std::variant<code_exchanged, wechat_trouble> judge_code_exchange(const http_outcome& outcome);
std::variant<code_exchanged, wechat_trouble> judge_oauth_exchange(const http_outcome& outcome);
std::variant<access_token_fetched, wechat_trouble> judge_stable_token(const http_outcome& outcome);
std::variant<templates_fetched, wechat_trouble> judge_template_list(const http_outcome& outcome);

std::variant<followers_listed, wechat_trouble> judge_follower_list(const http_outcome& outcome);
std::variant<followers_described, wechat_trouble> judge_follower_details(const http_outcome& outcome);

/// What became of a message to a user; all but the duration.
send_result judge_send(const http_outcome& outcome);

// The results of sends without an answer of WeChat's API; `why` is their detail.
/// No byte of the request has left.
send_result not_reached(std::string_view why);
/// The request was written.
send_result of_unknown_outcome(std::string_view why);
/// We are not let in at all, or could not even ask: no message of this app can be sent.
send_result rejected_send(std::string_view why);

/// What an outcome says of the host, for its circuit breaker.
enum class host_news : std::uint8_t {
  well,    ///< it answered; what it answered is another matter
  ill,     ///< unreachable, too slow, broken off, or HTTP 5xx
  unknown, ///< nothing: we broke off ourselves
};
host_news news_of(const http_outcome& outcome);

} // namespace weappd
