#pragma once

#include "actors/logic/gcra_table.hpp"
#include "actors/services.hpp"
#include "messages/actors.hpp"
#include "messages/rate.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

/// Who may pass: one shard of the counters of all limits. Options: limits, rate and pools.rate_limiter of
/// config/options.hpp.
namespace weappd {

/// What is counted: a key under a policy.
struct limited_key {
  rate_key who;
  policy_index policy = 0;
  friend bool operator==(const limited_key&, const limited_key&) = default;
};

/// Keyed, so that nobody who chooses addresses can make them meet in one slot.
class limited_key_hash {
public:
  explicit limited_key_hash(std::array<std::uint64_t, 2> key) : key_(key) {}
  std::size_t operator()(const limited_key& key) const noexcept;

private:
  std::array<std::uint64_t, 2> key_;
};

struct rate_limiter_state {
  static inline const char* name = "rate_limiter";

  std::vector<gcra_policy> policies; ///< in the order of their names in options.limits
  std::optional<gcra_table<limited_key, limited_key_hash>> keys;
  std::uint64_t forced_out = 0; ///< of the table, when it was last looked at
  std::chrono::nanoseconds forced_out_at{-1};
};

/// Remembers at most rate.max_keys / pools.rate_limiter keys; gcra_table says what is forgotten beyond that.
/// An acquire of a known key costs no allocation but its answer, and nothing here has a timer. A restart
/// forgets all counts: everybody has the full burst again.
///
/// Errors: internal_error for a policy that is not configured. Status: degraded for a minute after a key had
/// to be forgotten that was not full, since that limit was inexact then.
rate_limiter_actor::behavior_type rate_limiter(rate_limiter_actor::stateful_pointer<rate_limiter_state> self,
                                               const services_ptr& services);

} // namespace weappd
