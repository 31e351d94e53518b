#include "http/api/trigger_decision.hpp"

#include "config/templates/compose.hpp"
#include "config/templates/quiet_hours.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace weappd::http {
namespace {

/// Texts with variables of the event, and what it lacked for them.
class event_texts {
public:
  explicit event_texts(const templates::event_data& event) {
    for (const auto& [name, value] : event)
      values_.emplace(name, value.text);
  }

  std::string render(std::string_view text) {
    const auto parsed = templates::variable_text::parse(text);
    if (!parsed)
      return std::string(text); // the loader of the configuration has refused such a text
    for (const auto& name : parsed->names())
      if (!values_.contains(name))
        add(name, json::words::required);
    return parsed->render(values_);
  }
  void add(std::string_view member, std::string_view word) {
    json::problem one{"data.", word};
    json::append_name(one.field, member);
    if (std::ranges::find(problems_, one) == problems_.end())
      problems_.push_back(std::move(one));
  }
  [[nodiscard]] const templates::variables& values() const noexcept { return values_; }
  [[nodiscard]] std::vector<json::problem>& problems() noexcept { return problems_; }

private:
  templates::variables values_;
  std::vector<json::problem> problems_;
};

/// The message's data: as the trigger maps it, or what the template takes of the event as it is.
templates::variables message_data(const trigger_options& trigger, const template_options& form,
                                  event_texts& texts) {
  templates::variables data;
  for (const auto& [name, text] : trigger.data)
    data.emplace(name, texts.render(text));
  if (trigger.data.empty())
    for (const auto& name : templates::members_of(form))
      if (const auto found = texts.values().find(name); found != texts.values().end())
        data.insert(*found);
  return data;
}

std::optional<std::string> first_that_fails(const std::vector<std::string>& conditions,
                                            const templates::event_data& event) {
  const auto failing = std::ranges::find_if_not(conditions, [&](const std::string& text) {
    const auto parsed = templates::condition::parse(text);
    return parsed && parsed->holds(event);
  });
  return failing == conditions.end() ? std::nullopt : std::optional(*failing);
}

timestamp when_to_send(const trigger_options& trigger, timestamp now) {
  const auto due = now + std::chrono::seconds(trigger.delay_s);
  const auto quiet = templates::parse_quiet_hours(trigger.quiet_hours);
  return quiet ? templates::first_outside(*quiet, due, std::chrono::minutes(trigger.utc_offset_min)) : due;
}

message_priority priority_of(const trigger_options& trigger) {
  switch (trigger.priority) {
  case push_priority::high:
    return message_priority::high;
  case push_priority::bulk:
    return message_priority::bulk;
  case push_priority::normal:
    break;
  }
  return message_priority::normal;
}

} // namespace

trigger_decision decide(const trigger_options& trigger, const template_options& form,
                        const templates::event_data& event, timestamp now) {
  if (auto failing = first_that_fails(trigger.when, event))
    return trigger_drops{std::move(*failing)};

  event_texts texts(event);
  const auto data = message_data(trigger, form, texts);
  trigger_sends message;
  message.page = trigger.page.empty() ? form.page : trigger.page;
  message.dedup_key = texts.render(trigger.dedup_key);
  if (!texts.problems().empty())
    return trigger_misfits{std::move(texts.problems())};

  auto composed = templates::compose(form, data);
  for (const auto& one : composed.problems)
    texts.add(one.member, one.problem);
  if (!texts.problems().empty())
    return trigger_misfits{std::move(texts.problems())};

  message.data = std::move(composed.fields);
  message.priority = priority_of(trigger);
  message.send_at = when_to_send(trigger, now);
  if (trigger.expires_s != 0)
    message.not_after = now + std::chrono::seconds(trigger.expires_s);
  return message;
}

} // namespace weappd::http
