#include "http/wechat/verdict.hpp"

#include "http/wechat/endpoints.hpp"
#include "http/wechat/error_map.hpp"
#include "http/wechat/follower_endpoints.hpp"
#include "http/wechat/send_endpoints.hpp"

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
constexpr endpoint oauth_exchange{"wechat oauth2 access_token", endpoint_group::oauth};
constexpr endpoint stable_token{"wechat stable_token", endpoint_group::token};
constexpr endpoint template_list{"wechat gettemplate", endpoint_group::business};
constexpr endpoint follower_list{"wechat user/get", endpoint_group::business};
constexpr endpoint follower_details{"wechat user/info/batchget", endpoint_group::business};

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

send_result ended(send_result::outcome what, std::string_view why) {
  send_result out;
  out.what = what;
  out.detail = why;
  return out;
}

send_result refused_as(const refusal_meaning& meaning, std::string_view why) {
  auto out = ended(send_result::outcome::refused, why);
  out.how = meaning.how;
  out.reason = meaning.reason;
  out.scope = meaning.scope;
  out.wait = meaning.wait;
  out.alert = meaning.alert;
  return out;
}

send_result refused_send(wechat_refusal&& refusal) {
  auto why = "errcode=" + std::to_string(refusal.errcode);
  if (!refusal.address.empty())
    why += " ip=" + refusal.address;
  auto out =
      refused_as(meaning_of(wechat_platform::mini_program, endpoint_group::business, refusal.errcode), why);
  out.errcode = refusal.errcode;
  out.rid = std::move(refusal.rid);
  out.bad_field = std::move(refusal.bad_field);
  return out;
}

send_result answered_send(const http_outcome& outcome) {
  auto answer = read_send(outcome.body.reveal());
  if (auto* accepted = std::get_if<send_accepted>(&answer)) {
    auto out = ended(send_result::outcome::accepted, {});
    out.errcode = accepted->errcode;
    out.platform_id = std::move(accepted->platform_id);
    return out;
  }
  if (auto* refusal = std::get_if<wechat_refusal>(&answer))
    return refused_send(std::move(*refusal));
  return of_unknown_outcome("status=" + std::to_string(outcome.status) + " answer not understood: " +
                            std::string(std::get<wechat_nonsense>(answer).problem));
}

} // namespace

std::variant<code_exchanged, wechat_trouble> judge_code_exchange(const http_outcome& outcome) {
  return judge<code_exchanged>(code_exchange, outcome, read_code_exchange);
}

std::variant<code_exchanged, wechat_trouble> judge_oauth_exchange(const http_outcome& outcome) {
  auto verdict = judge<oauth_exchanged>(oauth_exchange, outcome, read_oauth_exchange);
  if (auto* trouble = std::get_if<wechat_trouble>(&verdict))
    return std::move(*trouble);
  auto& exchanged = std::get<oauth_exchanged>(verdict);
  if (exchanged.snapshot)
    return wechat_trouble{ec::invalid_code, repeat::never,
                          std::string(oauth_exchange.name) + " is_snapshotuser=1"};
  return std::move(exchanged.session);
}

std::variant<access_token_fetched, wechat_trouble> judge_stable_token(const http_outcome& outcome) {
  return judge<access_token_fetched>(stable_token, outcome, read_stable_token);
}

std::variant<templates_fetched, wechat_trouble> judge_template_list(const http_outcome& outcome) {
  return judge<templates_fetched>(template_list, outcome, read_template_list);
}

std::variant<followers_listed, wechat_trouble> judge_follower_list(const http_outcome& outcome) {
  return judge<followers_listed>(follower_list, outcome, read_follower_list);
}

std::variant<followers_described, wechat_trouble> judge_follower_details(const http_outcome& outcome) {
  return judge<followers_described>(follower_details, outcome, read_follower_details);
}

send_result judge_send(const http_outcome& outcome) {
  if (outcome.failure != http_failure::none) {
    const auto why = "failure=" + std::string(to_string(outcome.failure));
    return outcome.request_written ? of_unknown_outcome(why) : not_reached(why);
  }
  if (outcome.status >= 200 && outcome.status <= 299)
    return answered_send(outcome);
  const auto why = "status=" + std::to_string(outcome.status);
  if (outcome.status >= 400 && outcome.status <= 499)
    return rejected_send(why);
  return of_unknown_outcome(why);
}

send_result not_reached(std::string_view why) {
  return ended(send_result::outcome::unreached, why);
}

send_result of_unknown_outcome(std::string_view why) {
  return ended(send_result::outcome::unknown, why);
}

send_result rejected_send(std::string_view why) {
  return refused_as(meaning_of_rejected_status(), why);
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
