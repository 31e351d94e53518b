#pragma once

#include "messages/push_metrics.hpp"

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace weappd {

/// Figures that remember, so that a test can ask what a pusher counted.
class recorded_figures final : public push_metrics {
public:
  struct attempt {
    std::string outcome;
    std::int64_t errcode = 0;
    std::chrono::milliseconds duration{0};
  };
  struct end {
    message_state state = message_state::sent;
    fail_reason reason = fail_reason::none;
    std::chrono::milliseconds age{0};
  };

  void accepted(std::string_view template_name) override {
    std::lock_guard guard(mutex_);
    ++accepted_[std::string(template_name)];
  }
  void attempted(std::string_view outcome, std::int64_t errcode,
                 std::chrono::milliseconds duration) override {
    std::lock_guard guard(mutex_);
    attempts_.push_back({std::string(outcome), errcode, duration});
  }
  void finished(message_state state, fail_reason reason, std::chrono::milliseconds age) override {
    std::lock_guard guard(mutex_);
    ends_.push_back({state, reason, age});
  }
  void queued(std::size_t shard, std::size_t messages) override {
    std::lock_guard guard(mutex_);
    queued_[shard] = messages;
  }

  /// Messages of that template that were accepted.
  [[nodiscard]] int count_accepted(const std::string& template_name) const {
    std::lock_guard guard(mutex_);
    const auto found = accepted_.find(template_name);
    return found == accepted_.end() ? 0 : found->second;
  }
  [[nodiscard]] std::vector<attempt> attempts() const {
    std::lock_guard guard(mutex_);
    return attempts_;
  }
  [[nodiscard]] std::vector<end> ends() const {
    std::lock_guard guard(mutex_);
    return ends_;
  }
  /// What all pushers said last, together.
  [[nodiscard]] std::size_t queued() const {
    std::lock_guard guard(mutex_);
    std::size_t sum = 0;
    for (const auto& [shard, messages] : queued_)
      sum += messages;
    return sum;
  }

private:
  mutable std::mutex mutex_;
  std::map<std::string, int> accepted_;
  std::vector<attempt> attempts_;
  std::vector<end> ends_;
  std::map<std::size_t, std::size_t> queued_;
};

} // namespace weappd
