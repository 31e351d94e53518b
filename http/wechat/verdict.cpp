#include "http/wechat/verdict.hpp"

#include "http/wechat/endpoints.hpp"
#include "http/wechat/error_map.hpp"

#include <optional>
#include <string_view>
#include <utility>

namespace weappd {
namespace {

/// What an endpoint is called in the log, and where the error table looks.
struct endpoint {
  std::string_view name;
  endpoint_group group;
};
constexpr endpoint code_exchange{"wechat jscode2session", endpoint_group::login};
constexpr endpoint stable_token{"wechat stable_token", endpoint_group::token};

wechat_trouble transport_trouble(const endpoint& of, const http_outcome& outcome) {
  const bool late = outcome.failure == http_failure::timeout_before_send ||
                    outcome.failure == http_failure::timeout_after_send;
  const bool unreached = outcome.failure == http_failure::connect && !outcome.request_written;
  return {late ? ec::wechat_timeout : ec::wechat_unavailable,
          unreached ? repeat::if_unreached : repeat::never,
          std::string(of.name) + " failure=" + std::string(to_string(outcome.failure))};
}

wechat_trouble trouble_of(const endpoint& of, const http_outcome&, const wechat_refusal& refusal) {
  constexpr std::int64_t busy = -1;
  auto detail = std::string(of.name) + " errcode=" + std::to_string(refusal.errcode);
  if (!refusal.rid.empty())
    detail += " rid=" + refusal.rid;
  if (!refusal.address.empty())
    detail += " ip=" + refusal.address;
  return {error_of(of.group, refusal.errcode), refusal.errcode == busy ? repeat::after_busy : repeat::never,
          std::move(detail)};
}

wechat_trouble trouble_of(const endpoint& of, const http_outcome& outcome, const wechat_nonsense& nonsense) {
  return {ec::wechat_unavailable, repeat::never,
          std::string(of.name) + " status=" + std::to_string(outcome.status) +
              " answer not understood: " + std::string(nonsense.problem)};
}

template <class Answer>
std::variant<Answer, wechat_trouble> judge(const endpoint& of, const http_outcome& outcome,
                                           wechat_answer<Answer> (*read)(std::string_view)) {
  if (outcome.failure != http_failure::none)
    return transport_trouble(of, outcome);
  if (outcome.status < 200 || outcome.status > 299)
    return wechat_trouble{error_of_status(outcome.status), repeat::never,
                          std::string(of.name) + " status=" + std::to_string(outcome.status)};
  auto answer = read(outcome.body.reveal());
  if (auto* good = std::get_if<Answer>(&answer))
    return std::move(*good);
  if (const auto* refusal = std::get_if<wechat_refusal>(&answer))
    return trouble_of(of, outcome, *refusal);
  return trouble_of(of, outcome, std::get<wechat_nonsense>(answer));
}

} // namespace

std::variant<code_exchanged, wechat_trouble> judge_code_exchange(const http_outcome& outcome) {
  return judge<code_exchanged>(code_exchange, outcome, read_code_exchange);
}

std::variant<access_token_fetched, wechat_trouble> judge_stable_token(const http_outcome& outcome) {
  return judge<access_token_fetched>(stable_token, outcome, read_stable_token);
}

host_news news_of(const http_outcome& outcome) {
  switch (outcome.failure) {
  case http_failure::none:
    return outcome.status >= 500 ? host_news::ill : host_news::well;
  case http_failure::too_large:
    return host_news::well;
  case http_failure::stopped:
    return host_news::unknown;
  default:
    return host_news::ill;
  }
}

} // namespace weappd
