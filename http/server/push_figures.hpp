#pragma once

#include "messages/directory.hpp"
#include "messages/push_metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weappd::http {

/// The figures of pushers for Prometheus. All series are made beforehand, so their number is known and no
/// call of an actor makes or looks for a label: errcodes that we do not know are counted as "other", and so
/// is a template that is not configured (of a message that is older than the configuration).
class push_figures final : public push_metrics {
public:
  /// `shards`: how many pushers there are at first.
  push_figures(prometheus::Registry& registry, const std::vector<std::string>& templates, std::size_t shards);

  void accepted(std::string_view template_name) override;
  void attempted(std::string_view outcome, std::int64_t errcode, std::chrono::milliseconds duration) override;
  void finished(message_state state, fail_reason reason, std::chrono::milliseconds age) override;
  /// There will be so many pushers. Those that go keep their series, with what they say last. Before the
  /// first of them says anything; from any thread.
  void expect(std::size_t shards);
  /// Of a shard that was not expected: nothing.
  void queued(std::size_t shard, std::size_t messages) override;

private:
  static constexpr std::size_t states = 6;
  static constexpr std::size_t reasons = 10;

  std::map<std::string, prometheus::Counter*, std::less<>> accepted_; ///< "other" is one of them
  std::map<std::string, prometheus::Counter*, std::less<>>
      attempts_;                                          ///< by outcome, of those without errcode
  std::map<std::int64_t, prometheus::Counter*> refusals_; ///< by errcode
  prometheus::Counter* other_refusals_ = nullptr;
  prometheus::Counter* other_attempts_ = nullptr; ///< of an outcome that we do not know
  std::array<std::array<prometheus::Counter*, reasons>, states> finished_{}; ///< null: cannot be
  prometheus::Histogram& attempt_seconds_;
  prometheus::Histogram& age_seconds_;
  prometheus::Family<prometheus::Gauge>& queues_;
  std::array<std::atomic<prometheus::Gauge*>, max_pool_size> queued_{}; ///< null: not expected yet
};

} // namespace weappd::http
