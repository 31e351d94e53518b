#include "http/server/request_actor.hpp"

#include "http/server/limit_rules.hpp"

#include <caf/sec.hpp>
#include <caf/send.hpp>

#include <algorithm>

namespace weappd::http {
namespace {

bool takes_idempotency_key(const route& target) {
  return target.verb == method::post && target.pattern.starts_with("/api/");
}

} // namespace

request_actor::request_actor(caf::actor_config& config, server_context& server, connection_ptr client,
                             std::uint64_t sequence, request_context context)
    : request_port::base(config), server_(server), client_(std::move(client)), sequence_(sequence),
      context_(std::move(context)) {}

// Usually on_exit() was there first; this is for an actor that never had a turn.
request_actor::~request_actor() {
  answer_unfinished();
}

void request_actor::on_exit() {
  give_back_slot();
  answer_unfinished();
}

request_actor::behavior_type request_actor::make_behavior() {
  set_exception_handler([this](std::exception_ptr&) -> caf::error {
    server_.events.write(
        event_level::error, "http.handler_threw",
        {{"request_id", std::string(context_.id.view())}, {"route", std::string(context_.target->name)}});
    give_back_slot();
    answer_once(failure(ec::internal_error, context_.id.view(), context_.problem_json));
    return caf::sec::runtime_error;
  });
  ask_next_limit();
  return {[this](abandon) {
            let_go();
            if (once_ != once_state::asking) // else begun() ends it: the slot may be ours by now
              quit();
          },
          [this](tick_admitted) { handle(); }};
}

/// One key after the other: who is refused under a key of his own is not counted under those that he shares
/// with others.
void request_actor::ask_next_limit() {
  const auto& groups = context_.limits->groups_of(*context_.target, role_of(context_));
  while (limits_asked_ < groups.size()) {
    const auto& group = groups[limits_asked_++];
    const auto key = key_of(context_, group);
    const auto policies = group.of_app(context_.app);
    if (!key || policies.size() == 0)
      continue;
    return ask(parts().rate_limiters.pick(std::hash<rate_key>{}(*key)), acquire{*key, policies},
               [this](const verdict& said) { took(said); });
  }
  admit();
}

void request_actor::took(const verdict& said) {
  if (strictest_.policy == 0 || is_stricter(said, strictest_))
    strictest_ = said;
  delay_ = std::max(delay_, said.delay);
  if (said.allowed)
    return ask_next_limit();
  limit_fields_ = limit_fields(context_.limits->find(said.policy), said);
  // Who is refused because others used up what all share has done nothing.
  const auto by = context_.limits->groups_of(*context_.target, role_of(context_))[limits_asked_ - 1].by;
  if (context_.watched.refusals && by != limit_key::app && by != limit_key::global)
    report(offence_kind::refusal);
  fail(ec::rate_limited);
}

/// More than the keeper can take in are not reported.
void request_actor::report(offence_kind what) {
  const auto keeper = parts().ban_keeper.get();
  if (!keeper)
    return; // between a death and a restart
  if (const auto counted = server_.bans.begin_report())
    caf::anon_send(keeper, offence{.who = context_.client, .what = what, .report = *counted});
}

void request_actor::admit() {
  if (const auto* policy = context_.limits->find(strictest_.policy))
    limit_fields_ = limit_fields(policy, strictest_);
  if (delay_ == std::chrono::nanoseconds{0})
    return handle();
  this->delayed_send(this, delay_, tick_admitted{});
}

/// Only bodies that somebody reads are looked at.
bool request_actor::is_refused_by_filter() {
  const auto& target = *context_.target;
  const auto body = target.body == body_kind::none ? std::string_view{} : std::string_view(context_.body);
  return server_.filter.refuses(*context_.filter->rules,
                                {.target = &target,
                                 .parameter = context_.parameter,
                                 .query = context_.query,
                                 .body = body,
                                 .headers = context_.filter->headers},
                                context_.id.view());
}

void request_actor::handle() {
  if (context_.filter && is_refused_by_filter())
    return fail(ec::request_refused);
  if (context_.refused != ec::none)
    return fail(context_.refused);
  if (!context_.has_idempotency_key || !takes_idempotency_key(*context_.target))
    return run();
  if (!is_idempotency_key(context_.idempotency_key))
    return fail(ec::invalid_idempotency_key);
  begin();
}

void request_actor::begin() {
  slot_ = server_.slots.slot_of(context_);
  once_ = once_state::asking;
  ask(
      once_desk(), begin_once{slot_}, [this](const once_verdict& verdict) { begun(verdict); },
      [this](caf::error& error) {
        once_ = once_state::free;
        fail(error);
      });
}

void request_actor::begun(const once_verdict& verdict) {
  once_ = verdict.replay ? once_state::free : once_state::running;
  if (!client_)
    return quit(); // abandoned meanwhile; on_exit() gives the slot back
  if (!verdict.replay)
    return run(); // the handler asks the session
  with_live_caller([this, kept = *verdict.replay] { replay(kept); });
}

/// Only body and status are kept. What else a failure in the form of RFC 9457 had is told by its body.
void request_actor::replay(const kept_answer& kept) {
  http::response again;
  again.status = kept.status;
  again.body = kept.body.reveal();
  if (again.body.starts_with(R"({"type":)"))
    again.content_type = "application/problem+json";
  again.fields = "Idempotency-Replayed: true\r\n";
  answer(std::move(again));
}

void request_actor::run() {
  context_.target->handle(*this);
}

void request_actor::fail(ec code, const std::vector<json::problem>& details) {
  if (code == ec::invalid_code || code == ec::invalid_client) {
    if (context_.watched.failed_logins)
      report(offence_kind::failed_login);
    note_login(false);
  }
  auto ready = failure(code, context_.id.view(), context_.problem_json, details);
  if (code == ec::invalid_access_token)
    ready.fields += context_.token_given ? "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n"
                                         : "WWW-Authenticate: Bearer\r\n";
  answer(std::move(ready));
}

/// Each of these follows a question to the desk that was answered, so no more are on their way than requests
/// are worked on.
void request_actor::note_login(bool succeeded) {
  if (!context_.challenge)
    return;
  if (const auto desk = parts().challenge_desk.get()) // else it died after it had answered
    caf::anon_send(desk, login_ended{.who = context_.client,
                                     .attempt = std::move(context_.challenge->attempt),
                                     .succeeded = succeeded});
}

void request_actor::fail(const caf::error& error) {
  const auto code = code_of(error);
  const auto& info = describe(code);
  if (info.kind == error_class::ours || info.kind == error_class::upstream ||
      info.kind == error_class::internal)
    server_.events.write(event_level::warn, "http.request_failed",
                         {{"request_id", std::string(context_.id.view())},
                          {"trace_id", std::string(context_.trace_id.view())},
                          {"route", std::string(context_.target->name)},
                          {"error", std::string(info.name)},
                          {"detail", detail_of(error)}});
  fail(info.kind == error_class::internal ? ec::internal_error : code);
}

void request_actor::answer(http::response ready) {
  if (once_ == once_state::keeping)
    return; // it has its answer
  if (once_ == once_state::running && !kept_by_handler_ && is_final(ready.status))
    return keep(std::move(ready));
  give_back_slot(); // before the client can send the key again
  if (ready.fields.empty())
    ready.fields = std::move(limit_fields_);
  else
    ready.fields += limit_fields_;
  ready.held_back = delay_;
  answer_once(std::move(ready));
  quit();
}

/// The answer is durable before the client has it: what was told once is told again.
void request_actor::keep(http::response ready) {
  once_ = once_state::keeping;
  auto kept = kept_answer{ready.status, secret(ready.body)};
  const auto end = [this](http::response final_answer) {
    once_ = once_state::free; // the desk has heard its end
    answer(std::move(final_answer));
  };
  ask(
      once_desk(), end_once{slot_, std::move(kept)},
      [end, ready = std::move(ready)](const weappd::done&) mutable { end(std::move(ready)); },
      [this](caf::error& error) {
        once_ = once_state::free;
        fail(error);
      });
}

void request_actor::give_back_slot() {
  if (std::exchange(once_, once_state::free) == once_state::running)
    if (const auto desk = once_desk())
      caf::anon_send(desk, end_once{slot_, std::nullopt});
}

void request_actor::answer_once(http::response ready) {
  if (!client_)
    return;
  connection::reply(std::move(client_), *context_.target, sequence_, std::move(ready));
}

/// Ended without an answer: it was killed, or a handler quit.
void request_actor::answer_unfinished() {
  if (client_)
    answer_once(failure(ec::overloaded, context_.id.view(), context_.problem_json));
}

/// The connection does not want the answer any more.
void request_actor::let_go() {
  if (!client_)
    return;
  connection::release(std::move(client_), *context_.target);
}

} // namespace weappd::http
