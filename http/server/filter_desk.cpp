#include "http/server/filter_desk.hpp"

#include <string>
#include <utility>

namespace weappd::http {
namespace {

std::shared_ptr<const active_filter> activated(const filter_options& configured, filter_figures& figures) {
  auto made = std::make_shared<const active_filter>(configured, figures);
  return made->rules.all().empty() ? nullptr : std::move(made);
}

} // namespace

std::uint64_t filter_report::add(std::chrono::nanoseconds now) noexcept {
  untold_.fetch_add(1, std::memory_order_relaxed);
  auto next = next_ns_.load(std::memory_order_relaxed);
  if (now.count() < next ||
      !next_ns_.compare_exchange_strong(next, std::chrono::nanoseconds(now + pace).count(),
                                        std::memory_order_relaxed)) // another thread tells
    return 0;
  return untold_.exchange(0, std::memory_order_relaxed);
}

active_filter::active_filter(const filter_options& configured, filter_figures& figures) : rules(configured) {
  for (const auto& rule : rules.all())
    states.push_back(std::make_unique<rule_state>(figures.matches(rule.name, rule.enforces)));
}

filter_desk::filter_desk(const filter_options& configured, filter_figures& figures, event_log& events)
    : figures_(figures), events_(events), current_(activated(configured, figures)) {}

void filter_desk::change(const filter_options& configured) {
  auto next = activated(configured, figures_);
  const std::lock_guard guard(mutex_);
  current_ = std::move(next);
  version_.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<const active_filter> filter_desk::copy() const {
  const std::lock_guard guard(mutex_);
  if (!current_)
    return nullptr;
  auto holder = std::make_shared<const std::shared_ptr<const active_filter>>(current_);
  return {holder, holder->get()};
}

bool filter_desk::refuses(const active_filter& with, const filter_subject& subject,
                          std::string_view request_id) const {
  const auto found = with.rules.look(subject);
  if (found.unseen)
    figures_.unseen();
  if (found.hits.empty())
    return false;
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  bool refused = false;
  for (const auto& hit : found.hits) {
    const auto& rule = with.rules.all()[hit.rule];
    auto& state = *with.states[hit.rule];
    refused = refused || rule.enforces;
    state.matches.Increment();
    if (const auto matches = state.report.add(now))
      tell(rule, hit.where, subject.target->name, request_id, matches);
  }
  return refused;
}

void filter_desk::tell(const filter_rule& rule, filter_place where, std::string_view route,
                       std::string_view request_id, std::uint64_t matches) const {
  events_.write(event_level::warn, rule.enforces ? "filter.refused" : "filter.would_refuse",
                {{"rule", rule.name},
                 {"where", std::string(to_string(where))},
                 {"route", std::string(route)},
                 {"request_id", std::string(request_id)},
                 {"matches", std::to_string(matches)}});
}

} // namespace weappd::http
