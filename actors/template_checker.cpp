#include "actors/template_checker.hpp"

#include "messages/token.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace weappd {
namespace {

using template_checker_ptr = template_checker_self::stateful_pointer<template_checker_state>;

// A comparison: ask_token (refresher) -> ask_templates (WeChat) -> compare, and then again after a while.
void ask_templates(template_checker_ptr self, const token_lease& lease);

void log_mismatch(const template_checker_state& state, const template_difference& difference) {
  state.services->events.write(event_level::warn, "template.mismatch",
                               {{"app", state.app.value},
                                {"template", difference.template_name},
                                {"field", difference.field},
                                {"difference", std::string(to_string(difference.what))}});
}

void compare(template_checker_ptr self, const templates_fetched& fetched) {
  auto& state = self->state;
  auto found = diff_templates(state.services->config, state.app, fetched.items);
  const auto known = state.differences.value_or(std::vector<template_difference>{});
  for (const auto& difference : found)
    if (std::find(known.begin(), known.end(), difference) == known.end())
      log_mismatch(state, difference);
  state.differences = std::move(found);
  state.failure = ec::none;
  state.failures = 0;
  self->delayed_send(self, compare_interval, tick_compare{});
}

void try_again(template_checker_ptr self, const caf::error& error) {
  auto& state = self->state;
  state.failure = code_of(error);
  const auto doublings = std::min(state.failures++, 16U);
  const auto wait = std::min<std::chrono::seconds>(compare_retry_min * (1U << doublings), compare_retry_max);
  state.services->events.write(event_level::warn, "template.check_failed",
                               {{"app", state.app.value},
                                {"error", std::string(describe(state.failure).name)},
                                {"retry_in_s", std::to_string(wait.count())}});
  self->delayed_send(self, wait, tick_compare{});
}

/// Null handle: there is no such app, or its refresher is not there.
token_refresher_actor refresher_of(const template_checker_state& state) {
  const auto& tokens = state.services->peers->tokens;
  const auto found = tokens.find(state.app);
  return found == tokens.end() ? token_refresher_actor{} : found->second.get();
}

void ask_token(template_checker_ptr self) {
  const auto& state = self->state;
  const auto refresher = refresher_of(state);
  if (!refresher)
    return try_again(self, make_error(ec::overloaded));
  self->request(refresher, patience(*state.services), get_access_token{})
      .then([self](const token_lease& lease) { ask_templates(self, lease); },
            [self](const caf::error& error) { try_again(self, error); });
}

void ask_templates(template_checker_ptr self, const token_lease& lease) {
  const auto& state = self->state;
  const auto wechat = state.services->peers->wechat.get();
  if (!wechat)
    return try_again(self, make_error(ec::overloaded));
  self->request(wechat, patience(*state.services), fetch_templates{state.app, lease.token})
      .then([self](const templates_fetched& fetched) { compare(self, fetched); },
            [self, epoch = lease.epoch](const caf::error& error) {
              const auto refresher = refresher_of(self->state);
              if (code_of(error) == ec::token_rejected && refresher)
                self->send(refresher, access_token_rejected{epoch});
              try_again(self, error);
            });
}

std::string list_of(const std::vector<template_difference>& differences) {
  constexpr std::size_t shown = 5;
  std::string out;
  for (std::size_t i = 0; i < std::min(differences.size(), shown); ++i)
    out += (i == 0 ? "" : "; ") + sentence_of(differences[i]);
  if (differences.size() > shown)
    out += "; and " + std::to_string(differences.size() - shown) + " more";
  return out;
}

status_report report(const template_checker_state& state) {
  if (state.differences && !state.differences->empty())
    return {.state = health::degraded, .detail = list_of(*state.differences)};
  if (state.failure != ec::none)
    return {.state = health::degraded,
            .detail = "templates could not be compared: " + std::string(describe(state.failure).name)};
  return {.state = health::ok,
          .detail = state.differences ? "as configured" : "not compared with the platform's yet"};
}

} // namespace

template_checker_self::behavior_type template_checker(template_checker_ptr self, services_ptr services,
                                                      app_key app) {
  auto& state = self->state;
  state.services = std::move(services);
  state.app = std::move(app);
  ask_token(self);
  return {
      [self](get_status) { return report(self->state); },
      [self](tick_compare) { ask_token(self); },
  };
}

} // namespace weappd
