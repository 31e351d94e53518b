#pragma once

#include <cstdint>
#include <string>

namespace weappd {

/// What became of a request that a policy counts.
enum class rate_outcome : std::uint8_t {
  allowed,
  delayed,      ///< allowed, but it had to wait its turn
  refused,      ///< by this policy
  would_refuse, ///< by this one if it were no shadow
};

/// The figures of one policy. Safe to use from several threads; it neither throws nor waits.
class policy_figures {
public:
  virtual ~policy_figures() = default;
  virtual void count(rate_outcome what) = 0;
};

/// Where rate limiters count what they do. Handed in, so that no actor knows how a figure is published. Safe
/// to use from several threads.
class rate_metrics {
public:
  virtual ~rate_metrics() = default;
  /// The figures of the policy of this name; they live as long as this object.
  virtual policy_figures& of(const std::string& policy) = 0;
};

} // namespace weappd
