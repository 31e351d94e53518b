#include "http/server/request_actor.hpp"

#include "http/server/limit_fields.hpp"

#include <caf/sec.hpp>

namespace weappd::http {

request_actor::request_actor(caf::actor_config& config, server_context& server, connection_ptr client,
                             std::uint64_t sequence, request_context context)
    : request_port::base(config), server_(server), client_(std::move(client)), sequence_(sequence),
      context_(std::move(context)) {}

// Usually on_exit() was there first; this is for an actor that never had a turn.
request_actor::~request_actor() {
  answer_unfinished();
}

void request_actor::on_exit() {
  answer_unfinished();
}

request_actor::behavior_type request_actor::make_behavior() {
  set_exception_handler([this](std::exception_ptr&) -> caf::error {
    server_.events.write(
        event_level::error, "http.handler_threw",
        {{"request_id", std::string(context_.id.view())}, {"route", std::string(context_.target->name)}});
    answer_once(failure(ec::internal_error, context_.id.view(), context_.problem_json));
    return caf::sec::runtime_error;
  });
  admit();
  return {[this](abandon) {
    let_go();
    quit();
  }};
}

void request_actor::admit() {
  const auto* policy = limit_for(server_, context_);
  if (policy == nullptr)
    return handle();
  const auto key = key_for(context_);
  ask(parts().rate_limiters.pick(std::hash<rate_key>{}(key)), acquire{policy->index, key},
      [this, policy](const verdict& v) {
        limit_fields_ = limit_fields(*policy, v);
        if (!v.allowed)
          return fail(ec::rate_limited);
        handle();
      });
}

void request_actor::handle() {
  if (context_.refused != ec::none)
    return fail(context_.refused);
  context_.target->handle(*this);
}

void request_actor::fail(ec code, const std::vector<json::problem>& details) {
  auto ready = failure(code, context_.id.view(), context_.problem_json, details);
  if (code == ec::invalid_access_token)
    ready.fields += context_.token_given ? "WWW-Authenticate: Bearer error=\"invalid_token\"\r\n"
                                         : "WWW-Authenticate: Bearer\r\n";
  answer(std::move(ready));
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
  ready.fields += limit_fields_;
  answer_once(std::move(ready));
  quit();
}

void request_actor::answer_once(http::response ready) {
  if (!client_)
    return;
  connection::reply(std::move(client_), sequence_, std::move(ready));
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
  connection::release(std::move(client_));
}

} // namespace weappd::http
