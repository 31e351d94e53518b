#pragma once

#include "messages/event_log.hpp"
#include "messages/time.hpp"

#include <prometheus/counter.h>
#include <prometheus/registry.h>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

namespace weappd::http {

/// Counts how handshakes end and tells of those that fail, at most one line in a second: anybody can make a
/// handshake fail as often as he likes. Safe to use from several threads.
class handshake_watch {
public:
  /// `events` and `clock` outlive it.
  handshake_watch(prometheus::Registry& registry, event_log& events, const wall_clock& clock);

  void done(bool resumed) { (resumed ? resumed_ : full_).Increment(); }
  /// `reason` in OpenSSL's words.
  void failed(std::string_view reason);
  /// It took longer than it may.
  void timed_out();
  /// The client hung up. Not told: load balancers and scanners do it all day.
  void abandoned() { abandoned_.Increment(); }

private:
  void tell(std::string_view reason);

  event_log& events_;
  const wall_clock& clock_;
  prometheus::Family<prometheus::Counter>& handshakes_;
  prometheus::Counter& full_;
  prometheus::Counter& resumed_;
  prometheus::Counter& failed_;
  prometheus::Counter& timed_out_;
  prometheus::Counter& abandoned_;
  std::mutex mutex_;
  std::uint64_t untold_ = 0;
  std::optional<timestamp> told_;
};

} // namespace weappd::http
