#include "config/templates/compose.hpp"
#include "http/api/body.hpp"
#include "http/api/draft.hpp"
#include "http/api/paging.hpp"
#include "http/api/push_codec.hpp"
#include "http/api/query_reader.hpp"
#include "http/api/routes.hpp"
#include "http/api/template_words.hpp"

#include <functional>
#include <map>
#include <utility>

namespace weappd::http {
namespace {

constexpr std::string_view page_characters = // visible ASCII
    "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
constexpr std::size_t most_members = 64;

// -- POST /api/v1/messages

struct message_request {
  std::string template_name;
  std::string to;
  std::map<std::string, std::string> data;
  std::optional<std::string> page;
  std::optional<std::string> app;
  std::optional<timestamp> not_after;
  message_priority priority = message_priority::normal;
};

message_request read_message(json::object_reader& body) {
  message_request wanted;
  wanted.template_name = body.required_text("template");
  wanted.to = body.required_text("to");
  body.required_members("data", most_members, [&](const std::string& name, const json::document& value) {
    const auto* text = value.get_ptr<const std::string*>();
    if (text == nullptr)
      return json::words::wrong_type;
    wanted.data.emplace(name, *text);
    return std::string_view{};
  });
  wanted.page = body.optional_text("page", {.max = 1'024, .allowed = page_characters});
  wanted.app = body.optional_text("app");
  wanted.not_after = body.optional_timestamp("not_after");
  wanted.priority =
      body.optional_value("priority", parse_message_priority).value_or(message_priority::normal);
  return wanted;
}

/// What the template and the clock have against it. The words live as long as `texts`.
std::vector<json::problem> problems_of(const message_request& wanted, const templates::composed& texts,
                                       const app_key& app, timestamp now) {
  std::vector<json::problem> problems;
  for (const auto& one : texts.problems)
    problems.push_back({data_path(one.member), one.problem});
  if (wanted.app && *wanted.app != app.value)
    problems.push_back({"app", json::words::unknown_app});
  if (wanted.not_after && *wanted.not_after <= now)
    problems.push_back({"not_after", json::words::out_of_range});
  return problems;
}

/// The body of the answer if accepting the message ends so.
kept_answer answer_if(request_actor& self, message_id id, message_state state, fail_reason reason) {
  const message_accepted outcome{.id = id, .state = state, .reason = reason};
  auto ready =
      success(202, self.context().id.view(), [&](json::writer& data) { write_accepted(data, outcome); });
  return {ready.status, secret(std::move(ready.body))};
}

/// Effect and answer become durable together, so the answer is written before it is known.
std::optional<kept_answers> answers_to_keep(request_actor& self, message_id id) {
  if (self.slot() == nullptr)
    return std::nullopt;
  const auto failed = [&](fail_reason why) { return answer_if(self, id, message_state::failed, why); };
  return kept_answers{.slot = *self.slot(),
                      .queued = answer_if(self, id, message_state::queued, fail_reason::none),
                      .not_subscribed = failed(fail_reason::not_subscribed),
                      .not_following = failed(fail_reason::not_following),
                      .bad_openid = failed(fail_reason::bad_openid)};
}

void answer_accepted(request_actor& self, const message_accepted& accepted) {
  self.succeed(202, [&](json::writer& data) { write_accepted(data, accepted); });
}

void send(request_actor& self, message_draft draft) {
  accept_message message;
  message.draft = std::move(draft);
  message.answers = answers_to_keep(self, message.draft.id);
  const auto pusher = self.parts().pusher_of(message.draft.to);
  self.ask(
      pusher, std::move(message),
      [&self](const message_accepted& accepted) {
        self.answer_is_kept();
        answer_accepted(self, accepted);
      },
      [&self](caf::error& error) {
        if (code_of(error) != ec::conflict)
          return self.fail(error);
        // An earlier request with this key was given up by its client while the store was at work on it: its
        // answer is there now, and the next request gets it. Or, hardly ever, the id was taken: then the next
        // request has another one.
        self.answer_is_kept();
        self.fail(ec::idempotency_in_progress);
      });
}

void post_message(request_actor& self) {
  auto wanted = read_body(self, read_message, ec::invalid_message);
  if (!wanted)
    return;
  const auto* form = find_template(self, wanted->template_name);
  if (form == nullptr)
    return self.fail(ec::template_not_found);
  const auto to = parse_user_id(wanted->to);
  if (!to)
    return self.fail(ec::user_not_found);
  const auto now = self.server().clock.now();
  auto texts = templates::compose(*form, wanted->data);
  auto problems = problems_of(*wanted, texts, app_of(*form, self.server().settings), now);
  if (!problems.empty())
    return self.fail(ec::invalid_message, problems);

  auto draft = new_draft(self, *to, wanted->template_name, *form, now);
  if (!draft)
    return;
  draft->priority = wanted->priority;
  draft->page = wanted->page.value_or(form->page);
  draft->data = std::move(texts.fields);
  draft->not_after = wanted->not_after;
  draft->sender = sender_of(self);
  send(self, std::move(*draft));
}

// -- GET /api/v1/messages/{id}, POST /api/v1/messages/{id}/retry

void fail_to_find(request_actor& self, const caf::error& error) {
  if (code_of(error) == ec::not_found)
    return self.fail(ec::message_not_found);
  self.fail(error);
}

/// Loads the message that the path names; `then_do` gets it.
template <class F>
void load(request_actor& self, F&& then_do) {
  const auto id = parse_message_id(self.context().parameter);
  if (!id)
    return self.fail(ec::message_not_found);
  self.ask(self.parts().store_readers.pick(std::hash<message_id>{}(*id)), load_message{*id},
           std::forward<F>(then_do), [&self](caf::error& error) { fail_to_find(self, error); });
}

void get_message(request_actor& self) {
  load(self, [&self](const message_record& message) {
    const message_view with{.history = true, .data = message.draft.sender == sender_of(self)};
    self.succeed(200, [&](json::writer& data) { write_message(data, message, with); });
  });
}

/// A retry has nothing to say besides which message; but what a client says is never passed over.
bool is_said_nothing(request_actor& self) {
  return read_body(
             self, [](json::object_reader&) { return true; }, ec::invalid_message)
      .has_value();
}

void post_retry(request_actor& self) {
  if (!is_said_nothing(self))
    return;
  load(self, [&self](const message_record& message) {
    const auto to = message.draft.to;
    self.ask(
        self.parts().pusher_of(to),
        retry_message{.id = message.draft.id,
                      .to = to,
                      .template_name = message.draft.template_name,
                      .once = self.guard(self.server().clock.now())},
        [&self](const message_accepted& accepted) { answer_accepted(self, accepted); },
        [&self](caf::error& error) { fail_to_find(self, error); });
  });
}

// -- GET /api/v1/messages

void get_messages(request_actor& self) {
  std::vector<json::problem> problems;
  query_reader query(self.context().query, problems);
  list_messages wanted;
  wanted.state = query.value("status", parse_message_state);
  wanted.to = query.value("to", parse_user_id);
  wanted.template_name = query.text("template");
  const auto place = read_page(query);
  wanted.page = place.page;
  wanted.limit = place.limit;
  wanted.oldest_first = query.value("sort", parse_order).value_or(false);
  query.finish();
  if (!problems.empty())
    return self.fail(ec::invalid_message, problems);
  const auto any = std::hash<std::string_view>{}(self.context().id.view());
  self.ask(self.parts().store_readers.pick(any), wanted, [&self, wanted](const message_page& page) {
    self.succeed(200, [&](json::writer& data) { write_messages(data, page, wanted); });
  });
}

} // namespace

std::vector<route> message_routes() {
  return {
      {.name = "messages.send",
       .verb = method::post,
       .pattern = "/api/v1/messages",
       .allowed = access::service,
       .needs = scope::messages_send,
       .body = body_kind::json,
       .rank = urgency::bulk,
       .handle = post_message},
      {.name = "messages.list",
       .verb = method::get,
       .pattern = "/api/v1/messages",
       .allowed = access::service,
       .needs = scope::messages_send,
       .rank = urgency::bulk,
       .handle = get_messages},
      {.name = "messages.get",
       .verb = method::get,
       .pattern = "/api/v1/messages/{id}",
       .allowed = access::service,
       .needs = scope::messages_send,
       .rank = urgency::bulk,
       .handle = get_message},
      {.name = "messages.retry",
       .verb = method::post,
       .pattern = "/api/v1/messages/{id}/retry",
       .allowed = access::service,
       .needs = scope::messages_send,
       .body = body_kind::optional_json,
       .rank = urgency::bulk,
       .handle = post_retry},
  };
}

} // namespace weappd::http
