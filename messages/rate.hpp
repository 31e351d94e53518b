#pragma once

#include "messages/fwd.hpp"
#include "messages/ids.hpp"

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace weappd {

/// Whom a limit counts: 128 bits, so that it is exact for IPv6 addresses and user ids, and no text is copied.
struct rate_key {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const rate_key&, const rate_key&) = default;
};

/// Names a policy as limit_set of the configuration does; 0 is none.
using policy_id = std::uint32_t;

class limit_set;

/// Some policies, without an allocation.
class policy_list {
public:
  static constexpr std::size_t capacity = 8;

  /// Not more than `capacity`.
  void add(policy_id policy) noexcept { ids_[size_++] = policy; }
  [[nodiscard]] const policy_id* begin() const noexcept { return ids_.data(); }
  [[nodiscard]] const policy_id* end() const noexcept { return ids_.data() + size_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool is_full() const noexcept { return size_ == capacity; }

private:
  std::array<policy_id, capacity> ids_{};
  std::uint8_t size_ = 0;
};

/// May one more request of this key pass under all of these policies? If one refuses, nothing is counted
/// under any of them. A policy that is not in force any more does not refuse. Answer: verdict.
struct acquire {
  rate_key key;
  policy_list policies;
};

/// The strictest of what the policies said: of those that refused the one with the longest wait, else the one
/// under which the least remains. Shadows have no say.
struct verdict {
  bool allowed = true;
  policy_id policy = 0;             ///< whose answer this is; 0: none had a say
  std::uint32_t remaining = 0;      ///< how many more would pass now
  std::uint32_t reset_s = 0;        ///< seconds until all of the limit is there again, rounded up
  std::uint32_t retry_after_s = 0;  ///< when refused: seconds until one would pass, rounded up
  std::chrono::nanoseconds delay{}; ///< when allowed: how long it must wait before it is worked on
};

/// Whether a verdict counts more than another one of the same request.
[[nodiscard]] inline bool is_stricter(const verdict& one, const verdict& other) {
  if (one.allowed != other.allowed)
    return !one.allowed;
  if (!one.allowed)
    return one.retry_after_s > other.retry_after_s;
  return one.remaining != other.remaining ? one.remaining < other.remaining : one.reset_s > other.reset_s;
}

/// Policies that are in force from now on. Counts of those whose ids were in force before are kept. Answer:
/// done.
struct use_limits {
  std::shared_ptr<const limit_set> limits;
};

/// There will be so many limiters: hand what is known of other limiters' keys to them, and pass their
/// questions on from now on. Answer: done, when that is on its way.
struct resize_limiters {
  std::size_t size = 1;
  std::uint64_t change = 0; ///< the how manieth, from one on
};

} // namespace weappd

template <>
struct std::hash<weappd::rate_key> {
  std::size_t operator()(const weappd::rate_key& key) const noexcept {
    std::uint64_t mixed =
        key.high * 0x9E3779B97F4A7C15ULL ^ (key.low + 0xD1B54A32D192ED03ULL) * 0xBF58476D1CE4E5B9ULL;
    return mixed ^ mixed >> 32;
  }
};

WEAPPD_MESSAGE(weappd::acquire)
WEAPPD_MESSAGE(weappd::verdict)
WEAPPD_MESSAGE(weappd::use_limits)
WEAPPD_MESSAGE(weappd::resize_limiters)
