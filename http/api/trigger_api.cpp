#include "http/api/body.hpp"
#include "http/api/draft.hpp"
#include "http/api/routes.hpp"
#include "http/api/trigger_decision.hpp"

#include <charconv>
#include <chrono>
#include <memory>
#include <utility>

namespace weappd::http {
namespace {

constexpr std::size_t most_event_members = 64;

// -- the request

struct event_report {
  std::string user;
  templates::event_data data;
};

std::string number_text(const json::document& value) {
  if (value.is_number_integer())
    return value.dump(); // digits; only texts can make it throw
  char digits[32];
  const auto number = value.get<double>();
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  return {digits, end};
}

/// Flat values only.
std::optional<templates::event_value> read_value(const json::document& value) {
  using type = templates::event_value::type;
  if (const auto* text = value.get_ptr<const std::string*>())
    return templates::event_value{.kind = type::text, .text = *text};
  if (value.is_boolean())
    return templates::event_value{.kind = type::truth, .text = value.get<bool>() ? "true" : "false"};
  if (value.is_number())
    return templates::event_value{
        .kind = type::number, .text = number_text(value), .number = value.get<double>()};
  return std::nullopt;
}

event_report read_event(json::object_reader& body) {
  event_report event;
  event.user = body.required_text("user_id");
  body.required_members("data", most_event_members,
                        [&](const std::string& name, const json::document& value) {
                          auto read = read_value(value);
                          if (!read)
                            return json::words::wrong_type;
                          const auto fault = json::fault_of(read->text, {.min = 0, .max = 1'024});
                          event.data.emplace(name, std::move(*read));
                          return fault;
                        });
  return event;
}

// -- what becomes of it

/// One trigger of the event, and what came of it.
struct trigger_result {
  std::string trigger;
  std::string_view outcome{}; ///< queued, failed, dropped, duplicate
  message_id id{};            ///< 0: none
  std::string_view reason{};  ///< of failed
  std::string rule{};         ///< of dropped: the condition
};

/// The messages of an event go to the pusher one after the other.
struct event_run {
  struct message {
    std::size_t result = 0; ///< its index
    accept_message what;
  };
  std::vector<trigger_result> results; ///< one for each trigger of the event
  std::vector<message> messages;
  std::size_t next = 0; ///< of messages
  bool any_accepted = false;
  caf::error first_error;
};
using run_ptr = std::shared_ptr<event_run>;

void answer_event(request_actor& self, const event_run& run) {
  self.succeed(202, [&](json::writer& data) {
    data.begin_object();
    data.member("event", self.context().parameter);
    data.begin_array("results");
    for (const auto& one : run.results) {
      data.begin_object();
      data.member("trigger", one.trigger);
      data.member("outcome", one.outcome);
      if (one.id != message_id{})
        data.member("message_id", one.id);
      if (!one.reason.empty())
        data.member("reason", one.reason);
      if (!one.rule.empty())
        data.member("rule", one.rule);
      data.end_object();
    }
    data.end_array();
    data.end_object();
  });
}

/// What this very request has done before is told as it was then, unless the message has failed meanwhile.
void note(trigger_result& result, const message_accepted& accepted) {
  result.id = accepted.id;
  if (accepted.duplicate && !accepted.repeated) {
    result.outcome = "duplicate";
  } else if (accepted.state == message_state::failed) {
    result.outcome = "failed";
    result.reason = to_string(accepted.reason);
  } else {
    result.outcome = "queued";
  }
}

/// An error is the answer only when nothing was accepted: what was, must be told.
void send_next(request_actor& self, const run_ptr& run) {
  if (run->next == run->messages.size()) {
    if (run->first_error && !run->any_accepted)
      return self.fail(run->first_error);
    return answer_event(self, *run);
  }
  auto& [index, what] = run->messages[run->next++];
  auto& result = run->results[index];
  const auto pusher = self.parts().pusher_of(what.draft.to);
  self.ask(
      pusher, std::move(what),
      [&self, run, &result](const message_accepted& accepted) {
        run->any_accepted = true;
        note(result, accepted);
        send_next(self, run);
      },
      [&self, run, &result](caf::error& error) {
        result.outcome = "failed";
        result.reason = describe(code_of(error)).name;
        if (!run->first_error)
          run->first_error = error;
        send_next(self, run);
      });
}

/// False when the client has been told that no id can be made now.
bool plan_message(request_actor& self, event_run& run, user_id to, const std::string& name,
                  const trigger_options& trigger, const template_options& form, trigger_sends decided,
                  timestamp now) {
  auto draft = new_draft(self, to, trigger.template_name, form, now);
  if (!draft)
    return false;
  draft->priority = decided.priority;
  draft->page = std::move(decided.page);
  draft->data = std::move(decided.data);
  draft->send_at = decided.send_at;
  draft->not_after = decided.not_after;
  draft->sender = "trigger:" + name;
  accept_message message;
  message.draft = std::move(*draft);
  if (!decided.dedup_key.empty()) // the same event for another user is another message
    message.guard = duplicate_guard{.scope = name,
                                    .key = to_string(to) + ' ' + decided.dedup_key,
                                    .until = now + std::chrono::seconds(trigger.dedup_s)};
  message.once = self.guard(now, name);
  run.messages.push_back({run.results.size(), std::move(message)});
  run.results.push_back({.trigger = name});
  return true;
}

/// What all triggers of the event make of it; null when the client has been told why nothing is sent.
run_ptr plan(request_actor& self, user_id to, const templates::event_data& data) {
  const auto now = self.server().clock.now();
  auto run = std::make_shared<event_run>();
  std::vector<json::problem> problems;
  for (const auto& [name, trigger] : self.server().settings.triggers) {
    const auto* form = find_template(self, trigger.template_name);
    if (trigger.event != self.context().parameter || form == nullptr)
      continue;
    auto decided = decide(trigger, *form, data, now);
    if (auto* misfits = std::get_if<trigger_misfits>(&decided))
      problems.insert(problems.end(), misfits->problems.begin(), misfits->problems.end());
    else if (auto* drops = std::get_if<trigger_drops>(&decided))
      run->results.push_back({.trigger = name, .outcome = "dropped", .rule = std::move(drops->condition)});
    else if (!plan_message(self, *run, to, name, trigger, *form, std::move(std::get<trigger_sends>(decided)),
                           now))
      return nullptr;
  }
  if (!problems.empty())
    self.fail(ec::invalid_message, problems);
  else if (run->results.empty())
    self.fail(ec::trigger_not_found);
  else
    return run;
  return nullptr;
}

void post_event(request_actor& self) {
  const auto event = read_body(self, read_event, ec::invalid_message);
  if (!event)
    return;
  const auto to = parse_user_id(event->user);
  if (!to)
    return self.fail(ec::user_not_found);
  if (const auto run = plan(self, *to, event->data))
    send_next(self, run);
}

} // namespace

std::vector<route> trigger_routes() {
  return {{.name = "triggers.report",
           .verb = method::post,
           .pattern = "/api/v1/triggers/{event}",
           .allowed = access::service,
           .needs = scope::messages_send,
           .body = body_kind::json,
           .rank = urgency::bulk,
           .handle = post_event}};
}

} // namespace weappd::http
