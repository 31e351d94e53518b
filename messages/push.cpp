#include "messages/push.hpp"

#include <array>
#include <charconv>
#include <cstddef>

namespace weappd {
namespace {

constexpr std::array<std::string_view, 6> state_names{"queued", "sending", "sent",
                                                      "failed", "expired", "cancelled"};
constexpr std::array<std::string_view, 10> reason_names{"",
                                                        "not_subscribed",
                                                        "not_following",
                                                        "bad_openid",
                                                        "bad_data",
                                                        "template_unusable",
                                                        "no_permission",
                                                        "quota_exhausted",
                                                        "retries_exhausted",
                                                        "outcome_unknown"};
constexpr std::array<std::string_view, 3> priority_names{"high", "normal", "bulk"};
constexpr std::array<std::string_view, 4> answer_names{"accept", "reject", "ban", "filter"};
constexpr std::array<std::string_view, 6> kind_names{"accepted", "validated", "reserved",
                                                     "attempt",  "decided",   "sending"};

template <class Enum, std::size_t N>
std::string_view name_of(Enum value, const std::array<std::string_view, N>& names) {
  const auto index = static_cast<std::size_t>(value);
  return index < N ? names[index] : std::string_view{};
}

template <class Enum, std::size_t N>
std::optional<Enum> value_of(std::string_view text, const std::array<std::string_view, N>& names) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == text)
      return static_cast<Enum>(i);
  return std::nullopt;
}

} // namespace

std::string_view to_string(message_state state) {
  return name_of(state, state_names);
}
std::optional<message_state> parse_message_state(std::string_view text) {
  return value_of<message_state>(text, state_names);
}
bool may_move(message_state from, message_state to) {
  using enum message_state;
  switch (from) {
  case queued:
    return to == sending || to == failed || to == expired || to == cancelled;
  case sending:
    return to != sending;
  case failed:
    return to == queued;
  case sent:
  case expired:
  case cancelled:
    break;
  }
  return false;
}
std::string_view to_string(fail_reason reason) {
  return name_of(reason, reason_names);
}
std::string_view to_string(message_priority priority) {
  return name_of(priority, priority_names);
}
std::optional<message_priority> parse_message_priority(std::string_view text) {
  return value_of<message_priority>(text, priority_names);
}
std::optional<consent_answer> parse_consent_answer(std::string_view text) {
  return value_of<consent_answer>(text, answer_names);
}
std::string_view to_string(consent_answer answer) {
  return name_of(answer, answer_names);
}
std::string_view to_string(message_event::kind what) {
  return name_of(what, kind_names);
}

// -- stories: fields with a tab between them, in this order, a line for each event

namespace {

void append_number(std::string& out, std::int64_t number) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
}

/// Takes the text up to the next separator off the front.
std::string_view take(std::string_view& text, char separator) {
  const auto end = text.find(separator);
  const auto part = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return part;
}

template <class Number>
bool read(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

/// Empty if there was none, for which older programs wrote 0.
bool read_errcode(std::string_view text, message_event& event) {
  if (text.empty() || (text == "0" && event.outcome != "accepted"))
    return true;
  return read(text, event.errcode.emplace());
}

constexpr std::int64_t never = -1;

std::optional<message_event> parse_event(std::string_view line) {
  message_event out;
  std::int64_t at = 0;
  std::int64_t duration = 0;
  std::int64_t next = never;
  std::uint8_t what = 0;
  std::uint8_t state = 0;
  if (!read(take(line, '\t'), what) || !read(take(line, '\t'), at) || !read(take(line, '\t'), state))
    return std::nullopt;
  if (what >= kind_names.size() || state >= state_names.size())
    return std::nullopt;
  out.what = static_cast<message_event::kind>(what);
  out.at = timestamp(std::chrono::milliseconds(at));
  out.state = static_cast<message_state>(state);
  out.rule = take(line, '\t');
  if (!read(take(line, '\t'), next))
    return std::nullopt;
  if (next != never)
    out.next_at = timestamp(std::chrono::milliseconds(next));
  if (out.what == message_event::kind::sending)
    return read(take(line, '\t'), out.attempt) ? std::optional(std::move(out)) : std::nullopt;
  if (out.what != message_event::kind::attempt)
    return out;
  out.outcome = take(line, '\t');
  out.rid = take(line, '\t');
  if (!read(take(line, '\t'), out.attempt) || !read_errcode(take(line, '\t'), out) ||
      !read(take(line, '\t'), out.token_epoch) || !read(take(line, '\t'), duration))
    return std::nullopt;
  out.duration = std::chrono::milliseconds(duration);
  return out;
}

} // namespace

void append_event(std::string& story, const message_event& event) {
  const auto number = [&story](std::int64_t value) {
    append_number(story, value);
    story += '\t';
  };
  number(static_cast<std::int64_t>(event.what));
  number(event.at.time_since_epoch().count());
  number(static_cast<std::int64_t>(event.state));
  (story += event.rule) += '\t';
  append_number(story, event.next_at ? event.next_at->time_since_epoch().count() : never);
  if (event.what == message_event::kind::sending)
    append_number(story += '\t', event.attempt);
  if (event.what == message_event::kind::attempt) {
    ((story += '\t') += event.outcome) += '\t';
    (story += event.rid) += '\t';
    number(event.attempt);
    if (event.errcode)
      append_number(story, *event.errcode);
    story += '\t';
    number(static_cast<std::int64_t>(event.token_epoch));
    append_number(story, event.duration.count());
  }
  story += '\n';
}

message_story parse_story(std::string_view story) {
  message_story out;
  while (!story.empty())
    if (auto event = parse_event(take(story, '\n')))
      out.push_back(std::move(*event));
  return out;
}

} // namespace weappd
