#pragma once

#include "http/server/filter_figures.hpp"
#include "http/server/filter_rules.hpp"
#include "messages/event_log.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

namespace weappd::http {

/// What is told of one rule: the first match at once, then what has come together, at most every `pace`.
/// Without a timer: the last ones of a wave are told with the next. Safe to use from several threads.
class filter_report {
public:
  static constexpr std::chrono::seconds pace{10};

  /// One more; how many to tell of, 0: not now.
  [[nodiscard]] std::uint64_t add(std::chrono::nanoseconds now) noexcept;

private:
  std::atomic<std::uint64_t> untold_{0};
  std::atomic<std::int64_t> next_ns_{0}; ///< since the epoch of the steady clock
};

/// Rules in force, with what is counted and told of each.
struct active_filter {
  struct rule_state {
    explicit rule_state(prometheus::Counter& counter) : matches(counter) {}
    prometheus::Counter& matches;
    filter_report report;
  };
  active_filter(const filter_options& configured, filter_figures& figures);

  filter_rules rules;
  std::vector<std::unique_ptr<rule_state>> states; ///< as rules.all()
};

/// The request filter of the server. Who changes it is another thread than those that ask. Safe to use from
/// several threads.
class filter_desk {
public:
  filter_desk(const filter_options& configured, filter_figures& figures, event_log& events);

  /// Puts these in force, which have no filter_problems(). Requests under way keep the rules that they came
  /// under.
  void change(const filter_options& configured);
  /// What is in force, with a count of users of its own; null: no rule is.
  [[nodiscard]] std::shared_ptr<const active_filter> copy() const;
  /// Grows with each change: whoever has looked needs no lock to know that nothing is new. Never 0.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

  /// Looks at a request, counts what is found and tells of it: rule, place, route, request id, and never a
  /// byte of what was matched, which may be somebody's secret. Whether the request is to be refused.
  [[nodiscard]] bool refuses(const active_filter& with, const filter_subject& subject,
                             std::string_view request_id) const;

private:
  void tell(const filter_rule& rule, filter_place where, std::string_view route, std::string_view request_id,
            std::uint64_t matches) const;

  filter_figures& figures_;
  event_log& events_;
  mutable std::mutex mutex_;
  std::shared_ptr<const active_filter> current_; ///< null: no rule is in force
  std::atomic<std::uint64_t> version_{1};
};

} // namespace weappd::http
