#pragma once

#include "actors/logic/limit_table.hpp"
#include "actors/logic/paced_report.hpp"
#include "actors/services.hpp"
#include "messages/actors.hpp"
#include "messages/rate.hpp"
#include "messages/rate_metrics.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// Who may pass: one shard of the counters of all limits. Options: limits, rate and pools.rate_limiter of
/// config/options.hpp.
namespace weappd {

/// What is counted: a key under a policy.
struct limited_key {
  rate_key who;
  policy_id policy = 0;
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

/// A policy in force.
struct limit_in_force {
  policy_id id = 0;
  limit_policy rule;
  bool shadow = false;
  std::string name;
  policy_figures* figures = nullptr;
  paced_report report;
};

/// All of them, for limit_table.
class limits_in_force {
public:
  [[nodiscard]] limit_in_force* get(policy_id id) noexcept;
  [[nodiscard]] const limit_policy* find(policy_id id) const noexcept;
  /// What was known of policies that stay is kept.
  void adopt(const limit_set& next, rate_metrics& figures);

private:
  std::vector<limit_in_force> policies_; ///< by id
};

struct rate_limiter_state {
  static inline const char* name = "rate_limiter";

  limits_in_force policies;
  std::uint64_t version = 0; ///< of the book, when it was last read
  std::optional<limit_table<limited_key, limited_key_hash>> keys;
  std::uint64_t forced_out = 0; ///< of the table, when it was last looked at
  std::chrono::nanoseconds forced_out_at{-1};
};

/// Remembers at most rate.max_keys / pools.rate_limiter keys, of 48 bytes in a table that is at least a third
/// full, and rate.max_stamps / pools.rate_limiter moments of sliding windows beside the first four of each
/// key; limit_table says what is forgotten beyond that. An acquire of a known key costs no allocation but its
/// answer, and nothing here has a timer. A restart forgets all counts: everybody has the full burst again.
///
/// Starts with the policies that services.limits holds, and reads them again when it is asked for one that it
/// does not know. An event "rate.refused" names a policy that refuses, at most every ten seconds.
///
/// Status: degraded for a minute after something had to be forgotten that was still of use, since that limit
/// was inexact then.
rate_limiter_actor::behavior_type rate_limiter(rate_limiter_actor::stateful_pointer<rate_limiter_state> self,
                                               const services_ptr& services);

} // namespace weappd
