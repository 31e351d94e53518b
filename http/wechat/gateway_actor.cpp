#include "http/wechat/gateway_actor.hpp"

#include "http/wechat/endpoints.hpp"
#include "http/wechat/follower_endpoints.hpp"
#include "http/wechat/verdict.hpp"
#include "messages/meter/metered_actor.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace weappd {

wechat_gateway_state::~wechat_gateway_state() {
  constexpr auto why = "wechat gateway stopped";
  for (auto& [key, open] : calls_)
    std::visit([](auto& asked) { asked.answer.deliver(make_error(ec::wechat_unavailable, why)); },
               open.asked);
  for (auto& [key, open] : sends_)
    open.answer.deliver(of_unknown_outcome(why));
}

void wechat_gateway_state::init(wechat_gateway_self::pointer self, wechat_gateway_options options) {
  self_ = self;
  options_ = std::move(options);
  circuit_ = breaker({.failures = options_.wechat.breaker_failures,
                      .open_for = std::chrono::milliseconds(options_.wechat.breaker_open_ms)});
  jitter_.seed(static_cast<std::minstd_rand::result_type>(options_.jitter_seed));
}

caf::result<code_exchanged> wechat_gateway_state::exchange(const exchange_code& ask) {
  const auto* app = find_app(ask.app);
  if (!app)
    return make_error(ec::wechat_misconfigured, "wechat jscode2session: unknown app");
  if (app->kind == app_kind::official_account)
    return begin<code_exchanged>(oauth_exchange_call(options_.wechat, *app, ask.code),
                                 {judge_oauth_exchange});
  return begin<code_exchanged>(code_exchange_call(options_.wechat, *app, ask.code), {judge_code_exchange});
}

caf::result<access_token_fetched> wechat_gateway_state::fetch(const fetch_access_token& ask) {
  const auto* app = find_app(ask.app);
  if (!app)
    return make_error(ec::wechat_misconfigured, "wechat stable_token: unknown app");
  return begin<access_token_fetched>(stable_token_call(options_.wechat, *app), {judge_stable_token});
}

caf::result<templates_fetched> wechat_gateway_state::fetch(const fetch_templates& ask) {
  if (!find_app(ask.app))
    return make_error(ec::wechat_misconfigured, "wechat gettemplate: unknown app");
  return begin<templates_fetched>(template_list_call(options_.wechat, ask.access_token),
                                  {judge_template_list});
}

caf::result<followers_listed> wechat_gateway_state::list(const list_followers& ask) {
  if (!find_app(ask.app))
    return make_error(ec::wechat_misconfigured, "wechat user/get: unknown app");
  return begin<followers_listed>(follower_list_call(options_.wechat, ask), {judge_follower_list});
}

caf::result<followers_described> wechat_gateway_state::describe(const describe_followers& ask) {
  if (!find_app(ask.app))
    return make_error(ec::wechat_misconfigured, "wechat user/info/batchget: unknown app");
  return begin<followers_described>(follower_details_call(options_.wechat, ask), {judge_follower_details});
}

caf::result<send_result> wechat_gateway_state::send(const send_to_user& ask) {
  const auto* app = find_app(ask.app);
  if (!app)
    return rejected_send("unknown app");
  if (app->kind == app_kind::mini_program)
    return begin_send(subscribe_send_call(options_.wechat, options_.look, ask));
  if (ask.page_app.value.empty())
    return begin_send(template_send_call(options_.wechat, {}, ask));
  const auto* page_app = find_app(ask.page_app);
  if (!page_app)
    return rejected_send("unknown page_app");
  return begin_send(template_send_call(options_.wechat, page_app->app_id, ask));
}

template <class Answer>
caf::result<Answer> wechat_gateway_state::begin(http_call call, wechat_question<Answer> asked) {
  if (full())
    return refuse_as_full(*self_, ec::wechat_unavailable, "wechat: too many calls are waiting");
  const auto key = ++last_key_;
  auto answer = self_->make_response_promise<Answer>();
  asked.answer = answer;
  calls_.emplace(key, open_call{std::move(call), std::move(asked)});
  attempt(key);
  return answer;
}

/// The call is handed over and not kept: it is never made again.
caf::result<send_result> wechat_gateway_state::begin_send(http_call call) {
  constexpr auto too_many = "too many calls are waiting";
  if (full()) {
    note_shed(*self_);
    return not_reached(too_many);
  }
  const auto now = self_->clock().now();
  const auto permit = circuit_.ask(now);
  if (!permit.granted)
    return not_reached("circuit open");
  const auto key = ++last_key_;
  auto done = [me = wechat_gateway_self(self_), key](http_outcome outcome) {
    caf::anon_send(me, wechat_send_ended{key, std::move(outcome)});
  };
  if (!options_.client->start(std::move(call), std::move(done))) {
    circuit_.abandoned(permit);
    return not_reached(too_many);
  }
  auto answer = self_->make_response_promise<send_result>();
  sends_.emplace(key, open_send{answer, permit, now});
  return answer;
}

void wechat_gateway_state::send_ended(std::uint64_t key, const http_outcome& outcome) {
  const auto at = sends_.find(key);
  if (at == sends_.end())
    return;
  auto& open = at->second;
  note(open.permit, outcome);
  auto result = judge_send(outcome);
  result.duration = std::chrono::duration_cast<std::chrono::milliseconds>(self_->clock().now() - open.begun);
  open.answer.deliver(std::move(result));
  sends_.erase(at);
}

void wechat_gateway_state::attempt(std::uint64_t key) {
  const auto at = calls_.find(key);
  if (at == calls_.end())
    return;
  auto& open = at->second;
  open.permit = circuit_.ask(self_->clock().now());
  if (!open.permit.granted)
    return settle(at, {ec::wechat_unavailable, repeat::never, "wechat: circuit open"});
  auto done = [me = wechat_gateway_self(self_), key](http_outcome outcome) {
    caf::anon_send(me, wechat_call_ended{key, std::move(outcome)});
  };
  if (!options_.client->start(open.call, std::move(done))) {
    circuit_.abandoned(open.permit);
    settle(at, {ec::wechat_unavailable, repeat::never, "wechat: too many calls are waiting"});
  }
}

void wechat_gateway_state::call_ended(std::uint64_t key, const http_outcome& outcome) {
  const auto at = calls_.find(key);
  if (at == calls_.end())
    return;
  auto& open = at->second;
  note(open.permit, outcome);
  std::visit(
      [&](auto& asked) {
        auto verdict = asked.judge(outcome);
        if (auto* trouble = std::get_if<wechat_trouble>(&verdict))
          return settle(at, std::move(*trouble));
        asked.answer.deliver(std::move(std::get<0>(verdict)));
        calls_.erase(at);
      },
      open.asked);
}

/// Tells the circuit breaker.
void wechat_gateway_state::note(breaker::permit of, const http_outcome& outcome) {
  switch (news_of(outcome)) {
  case host_news::well:
    circuit_.succeeded(of);
    break;
  case host_news::ill:
    circuit_.failed(of, self_->clock().now());
    break;
  case host_news::unknown:
    circuit_.abandoned(of);
    break;
  }
}

bool wechat_gateway_state::full() const noexcept {
  const auto bound = std::size_t{options_.wechat.max_connections} + options_.wechat.max_waiting;
  return in_flight() >= bound;
}

/// Tries once more if that is allowed, else tells the asker.
void wechat_gateway_state::settle(call_map::iterator at, wechat_trouble trouble) {
  auto& [key, open] = *at;
  if (trouble.again == repeat::after_busy && open.busy_tries < options_.wechat.busy_retries)
    return self_->delayed_send(self_, pause(open.busy_tries++), tick_wechat_retry{key});
  if (trouble.again == repeat::if_unreached && !std::exchange(open.reconnected, true))
    return self_->delayed_send(self_, pause(0), tick_wechat_retry{key});
  std::visit([&](auto& asked) { asked.answer.deliver(make_error(trouble.code, std::move(trouble.detail))); },
             open.asked);
  calls_.erase(at);
}

/// Doubled for each try; between one half and the whole of it, so that askers who failed together do not come
/// back together.
std::chrono::milliseconds wechat_gateway_state::pause(std::uint32_t tries) {
  constexpr std::uint32_t max_doublings = 10;
  const auto whole = std::uint64_t{options_.wechat.busy_retry_ms} << std::min(tries, max_doublings);
  std::uniform_int_distribution<std::uint64_t> some(whole / 2, whole);
  return std::chrono::milliseconds(some(jitter_));
}

status_report wechat_gateway_state::status() const {
  if (circuit_.closed())
    return {};
  return {health::degraded, "WeChat cannot be reached: circuit open"};
}

const app_options* wechat_gateway_state::find_app(const app_key& key) const {
  const auto found = options_.apps.find(key.value);
  return found == options_.apps.end() ? nullptr : &found->second;
}

wechat_gateway_self::behavior_type
wechat_gateway(wechat_gateway_self::stateful_pointer<wechat_gateway_state> self,
               wechat_gateway_options options) {
  self->state.init(self, std::move(options));
  return {
      [self](get_status) { return self->state.status(); },
      [self](const exchange_code& ask) { return self->state.exchange(ask); },
      [self](const fetch_access_token& ask) { return self->state.fetch(ask); },
      [self](const fetch_templates& ask) { return self->state.fetch(ask); },
      [self](const list_followers& ask) { return self->state.list(ask); },
      [self](const describe_followers& ask) { return self->state.describe(ask); },
      [self](const send_to_user& ask) { return self->state.send(ask); },
      [self](const wechat_send_ended& end) { self->state.send_ended(end.key, end.outcome); },
      [self](const wechat_call_ended& end) { self->state.call_ended(end.key, end.outcome); },
      [self](tick_wechat_retry tick) { self->state.attempt(tick.key); },
  };
}

wechat_gateway_actor spawn_wechat_gateway(caf::actor_system& system, wechat_gateway_options options) {
  return spawn_metered(system, wechat_gateway, std::move(options));
}

} // namespace weappd
