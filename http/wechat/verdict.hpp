#pragma once

#include "http/client/http_client.hpp"
#include "messages/error.hpp"
#include "messages/wechat.hpp"

#include <cstdint>
#include <string>
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
std::variant<access_token_fetched, wechat_trouble> judge_stable_token(const http_outcome& outcome);

/// What an outcome says of the host, for its circuit breaker.
enum class host_news : std::uint8_t {
  well,    ///< it answered; what it answered is another matter
  ill,     ///< unreachable, too slow, broken off, or HTTP 5xx
  unknown, ///< nothing: we broke off ourselves
};
host_news news_of(const http_outcome& outcome);

} // namespace weappd
