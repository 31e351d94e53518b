#include "actors/template_pusher.hpp"
#include "messages/error.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace weappd {
namespace {

using verb = send_decision::verb;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string_view name_of(send_result::outcome what) {
  switch (what) {
  case send_result::outcome::accepted:
    return "accepted";
  case send_result::outcome::refused:
    return "refused";
  case send_result::outcome::unreached:
    return "unreached";
  case send_result::outcome::unknown:
    break;
  }
  return "unknown";
}

/// Do other messages have to wait, or end, because of it?
bool brings_rest(const send_decision& decision) {
  return decision.pause.count() != 0 &&
         (decision.pause_scope == send_scope::template_ || decision.pause_scope == send_scope::api);
}

/// An alert is an error in the log once: in the line of the rest that it brings, or else in that of the
/// attempt.
event_level level_of(const send_decision& decision) {
  if (!decision.alert)
    return event_level::info;
  return brings_rest(decision) ? event_level::warn : event_level::error;
}

/// For a message whose template or app is not in the configuration any more.
send_result not_configured() {
  send_result out;
  out.what = send_result::outcome::refused;
  out.detail = "not configured any more";
  out.how = handling::stop_config_alert;
  out.reason = fail_reason::template_unusable;
  out.scope = send_scope::message;
  return out;
}

send_to_user call_for(const leased_message& letter, const template_options& of, const app_key& app,
                      const secret& token) {
  send_to_user call{.app = app,
                    .access_token = token,
                    .to = letter.who,
                    .template_id = of.template_id,
                    .page = letter.page.empty() ? of.page : letter.page,
                    .page_app = {of.page_app},
                    .url = of.url,
                    .data = letter.data};
  if (of.kind == template_kind::subscribe)
    return call;
  call.client_msg_id = to_string(letter.id);
  for (const auto& [name, field] : of.fields)
    if (const auto& color = field.color.empty() ? of.color : field.color; !color.empty())
      call.colors.emplace_back(name, color);
  return call;
}

} // namespace

// -- from the lease to the call

void template_pusher_state::begin(leased_message& letter) {
  auto* item = queue_->find(letter.id);
  item->entry.attempts = letter.attempts;
  if (item->entry.first_attempt_at == timestamp{})
    item->entry.first_attempt_at = now();
  attempt one;
  one.of = find_template(item->entry.template_name);
  one.began = self_->clock().now();
  const auto id = letter.id;
  one.letter = std::move(letter);
  attempts_.insert_or_assign(id, std::move(one));
  if (!std::exchange(sweeping_, true))
    self_->delayed_send(self_, push_sweep_interval, tick_push_sweep{});
}

/// True if the attempt is not made; see before_attempt.
bool template_pusher_state::is_left_alone(message_id id) {
  auto& one = attempts_.at(id);
  const auto decision = before_attempt(facts_of(one, *queue_->find(id)), services_->config.push);
  if (!decision)
    return false;
  one.events.push_back({.what = message_event::kind::sending, // no attempt is told that would say it
                        .at = now(),
                        .state = message_state::sending,
                        .rule = std::string(rule_of_a_turn),
                        .attempt = one.letter.attempts});
  one.events.push_back({.what = message_event::kind::decided,
                        .at = now(),
                        .state = state_after(decision->what),
                        .rule = std::string(decision->rule)});
  conclude(id, *decision);
  return true;
}

/// The attempt, while it is under way; null once it was given up on.
template_pusher_state::attempt* template_pusher_state::find_attempt(attempt_key key) {
  const auto found = attempts_.find(key.id);
  if (found == attempts_.end() || found->second.letter.lease != key.lease || found->second.ended ||
      queue_->find(key.id) == nullptr)
    return nullptr;
  return &found->second;
}

void template_pusher_state::fetch_token_and_send(const app_key& app, const std::vector<attempt_key>& keys) {
  const auto found = services_->peers->tokens.find(app);
  if (found == services_->peers->tokens.end()) {
    for (const auto key : keys)
      on_result(key, not_configured());
    return;
  }
  const auto refresher = found->second.get();
  if (!refresher) {
    for (const auto key : keys)
      on_no_token(key, make_error(ec::overloaded));
    return;
  }
  self_->request(refresher, caf::infinite, get_access_token{})
      .then(
          [this, keys](const token_lease& token) {
            for (const auto key : keys)
              send(key, token);
          },
          [this, keys](const caf::error& error) {
            for (const auto key : keys)
              on_no_token(key, error);
            work();
          });
}

void template_pusher_state::send(attempt_key key, const token_lease& token) {
  auto* one = find_attempt(key);
  if (one == nullptr)
    return;
  one->token_epoch = token.epoch;
  if (one->of == nullptr)
    return on_result(key, not_configured());
  const auto gateway = services_->peers->wechat.get();
  if (!gateway)
    return on_result(key, {.what = send_result::outcome::unreached, .detail = "no gateway"});
  one->handed_over = true;
  const auto& app = queue_->find(key.id)->entry.app;
  self_->request(gateway, caf::infinite, call_for(one->letter, *one->of, app, token.token))
      .then([this, key](const send_result& result) { on_result(key, result); },
            [this, key](const caf::error&) { on_lost(key, "the gateway died"); });
}

/// The request was handed over, and nobody is left who could tell what became of it.
void template_pusher_state::on_lost(attempt_key key, const char* why) {
  if (const auto* one = find_attempt(key))
    on_result(key, {.what = send_result::outcome::unknown, .detail = why, .duration = age_of(*one)});
}

/// How long ago its turn came.
milliseconds template_pusher_state::age_of(const attempt& one) const {
  return std::chrono::duration_cast<milliseconds>(self_->clock().now() - one.began);
}

/// Nothing is under way for ever: a send that never came back counts as unknown, a wait for a token as none.
void template_pusher_state::sweep() {
  sweeping_ = false;
  const auto limit = self_->clock().now() - seconds(services_->config.push.lease_s);
  std::vector<attempt_key> lost;
  std::vector<attempt_key> unsent;
  for (const auto& [id, one] : attempts_)
    if (!one.ended && one.began < limit)
      (one.handed_over ? lost : unsent).push_back({id, one.letter.lease});
  for (const auto key : lost)
    on_lost(key, "no answer");
  for (const auto key : unsent)
    on_no_token(key, make_error(ec::wechat_timeout));
  if (!unsent.empty())
    work();
  if (!attempts_.empty() && !std::exchange(sweeping_, true))
    self_->delayed_send(self_, push_sweep_interval, tick_push_sweep{});
}

// -- from the answer to the decision

send_facts template_pusher_state::facts_of(const attempt& one, const push_queue::item& item) const {
  const auto quota = out_of_quota_.find(item.entry.app);
  return {.need = one.of != nullptr ? need_of(*one.of) : consent_need::long_term,
          .attempts = item.entry.attempts,
          .failures = item.failures + 1,
          .token_renewed = one.token_renewed,
          .out_of_quota = quota != out_of_quota_.end() && quota->second > now(),
          .unknown_before = item.entry.maybe_sent,
          .other_credits = one.letter.other_credits,
          .first_attempt_at = item.entry.first_attempt_at,
          .now = now()};
}

void template_pusher_state::on_result(attempt_key key, const send_result& result) {
  auto* found = find_attempt(key);
  if (found == nullptr)
    return;
  auto& one = *found;
  const auto id = key.id;
  auto* item = queue_->find(id);
  const bool sent = result.what == send_result::outcome::accepted; // then nothing is left to chance
  const auto decision =
      after_attempt(result, facts_of(one, *item), services_->config.push, sent ? 0 : random());
  if (result.what == send_result::outcome::unknown)
    item->entry.maybe_sent = true;
  services_->figures.attempted(name_of(result.what), result.errcode.value_or(0), result.duration);
  message_event event{.what = message_event::kind::attempt,
                      .at = now(),
                      .state = state_after(decision.what),
                      .rule = std::string(decision.rule),
                      .attempt = item->entry.attempts,
                      .errcode = result.errcode,
                      .outcome = std::string(name_of(result.what)),
                      .rid = result.rid,
                      .token_epoch = one.token_epoch,
                      .duration = result.duration};
  if (decision.what == verb::retry)
    event.next_at = now() + decision.wait;
  one.events.push_back(std::move(event));
  if (decision.what != verb::sent)
    services_->events.write(level_of(decision), "message.attempt_failed",
                            {{"request_id", item->entry.request_id},
                             {"trace_id", item->entry.trace_id},
                             {"message_id", to_string(id)},
                             {"app", item->entry.app.value},
                             {"template", item->entry.template_name},
                             {"outcome", std::string(name_of(result.what))},
                             {"errcode", result.errcode ? std::to_string(*result.errcode) : std::string()},
                             {"rid", result.rid},
                             {"field", result.bad_field},
                             {"detail", result.detail},
                             {"decision", std::string(decision.rule)}});
  if (result.what == send_result::outcome::refused && result.how == handling::refresh_token_and_retry)
    report_token(item->entry.app, one.token_epoch);
  if (decision.what == verb::renew_and_retry)
    return renew_token(key, one, item->entry.app);
  rest(*item, decision, result.what == send_result::outcome::refused);
  one.platform_id = result.platform_id;
  conclude(id, decision);
  work();
}

void template_pusher_state::on_no_token(attempt_key key, const caf::error& error) {
  auto* found = find_attempt(key);
  if (found == nullptr)
    return;
  auto& one = *found;
  const auto id = key.id;
  const auto* item = queue_->find(id);
  const auto decision = without_token(facts_of(one, *item), services_->config.push, random());
  one.events.push_back({.what = message_event::kind::attempt,
                        .at = now(),
                        .state = message_state::queued,
                        .rule = std::string(decision.rule),
                        .attempt = item->entry.attempts,
                        .outcome = "unreached",
                        .duration = age_of(one),
                        .next_at = now() + decision.wait});
  services_->events.write(event_level::info, "message.attempt_failed",
                          {{"request_id", item->entry.request_id},
                           {"message_id", to_string(id)},
                           {"app", item->entry.app.value},
                           {"error", std::string(describe(code_of(error)).name)},
                           {"decision", std::string(decision.rule)}});
  rest(*item, decision, false);
  conclude(id, decision);
}

void template_pusher_state::report_token(const app_key& app, std::uint64_t epoch) {
  const auto found = services_->peers->tokens.find(app);
  if (found == services_->peers->tokens.end())
    return;
  if (const auto refresher = found->second.get())
    self_->send(refresher, access_token_rejected{epoch});
}

void template_pusher_state::renew_token(attempt_key key, attempt& one, const app_key& app) {
  one.token_renewed = true;
  one.handed_over = false; // what was written was refused
  fetch_token_and_send(app, {key});
  work();
}

/// The message has its decision; the next one to the same user may go, and the store is told.
void template_pusher_state::conclude(message_id id, const send_decision& decision) {
  auto& one = attempts_.at(id);
  auto* item = queue_->find(id);
  one.ended = true;
  if (decision.what == verb::retry)
    ++item->failures;
  if (!decision.attempt_counts && --item->entry.attempts == 0)
    item->entry.first_attempt_at = {};
  settlement what{.id = id,
                  .lease = one.letter.lease,
                  .state = state_after(decision.what),
                  .reason = decision.reason,
                  .attempt_counts = decision.attempt_counts,
                  .credit = decision.credit,
                  .accepts = one.letter.accepts,
                  .mark = decision.mark,
                  .maybe_sent = item->entry.maybe_sent,
                  .events = std::move(one.events),
                  .at = now()};
  if (decision.what == verb::retry)
    what.next_attempt_at = now() + decision.wait;
  if (decision.what == verb::sent)
    what.platform_id = std::move(one.platform_id);
  queue_->land(id);
  to_settle_.push_back(std::move(what));
}

/// More than this message has to wait, or is refused.
void template_pusher_state::rest(const push_queue::item& item, const send_decision& decision,
                                 bool platform_said_so) {
  if (!brings_rest(decision))
    return;
  const bool is_template = decision.pause_scope == send_scope::template_;
  const told_to_rest what{.app = item.entry.app,
                          .template_name = is_template ? item.entry.template_name : std::string(),
                          .until = now() + decision.pause,
                          .messages_fail = decision.others_fail};
  if (!take_rest(what))
    return; // known already
  if (platform_said_so)
    tell_the_pool(what);
  services_->events.write(decision.alert ? event_level::error : event_level::warn, "push.resting",
                          {{"app", what.app.value},
                           {"template", what.template_name},
                           {"until", to_rfc3339(what.until)},
                           {"decision", std::string(decision.rule)}});
}

/// True if it is news.
bool template_pusher_state::take_rest(const told_to_rest& what) {
  if (!what.messages_fail)
    return what.template_name.empty() ? queue_->pause_app(what.app, what.until)
                                      : queue_->pause_template(what.template_name, what.until);
  auto& until = out_of_quota_[what.app];
  return std::exchange(until, std::max(until, what.until)) < what.until;
}

void template_pusher_state::tell_the_pool(const told_to_rest& what) {
  auto& pool = services_->peers->pushers;
  for (std::size_t i = 0; i < pool.size(); ++i)
    if (const auto other = pool[i].get(); other && i != place_)
      self_->send(caf::actor_cast<template_pusher_self>(other), what);
}

void template_pusher_state::on_told_to_rest(const told_to_rest& what) {
  take_rest(what);
}

} // namespace weappd
