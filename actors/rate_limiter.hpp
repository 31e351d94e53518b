#pragma once

#include "actors/logic/limit_table.hpp"
#include "actors/logic/limited_key.hpp"
#include "actors/logic/paced_report.hpp"
#include "actors/services.hpp"
#include "messages/actors.hpp"
#include "messages/rate.hpp"
#include "messages/rate_metrics.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

/// Who may pass: one shard of the counters of all limits. Options: limits, rate and pools.rate_limiter of
/// config/options.hpp.
namespace weappd {

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

using limited_keys = limit_table<limited_key, limited_key_hash>;

/// A question that another limiter got. Answer: verdict.
struct passed_on {
  acquire request;
  std::uint64_t change = 0; ///< the last one that it has heard of
};
/// From another limiter, before the first question that it passes on.
struct moved_counts {
  std::shared_ptr<std::vector<limited_keys::entry>> counts;
};

/// What a limiter really takes; who asks for a verdict sees a rate_limiter_actor.
using rate_limiter_self =
    rate_limiter_actor::extend<caf::replies_to<resize_limiters>::with<done>,
                               caf::replies_to<passed_on>::with<verdict>, caf::reacts_to<moved_counts>>;

/// In which order limiters must hear of a resize: those that keys move to come last, when all that is known
/// of their keys is on its way to them.
std::vector<std::size_t> order_of_resize(std::size_t from, std::size_t to);

struct rate_limiter_state {
  static inline const char* name = "rate_limiter";

  limits_in_force policies;
  std::uint64_t version = 0; ///< of the book, when it was last read
  std::optional<limited_keys> keys;
  std::size_t place = 0;        ///< in the pool
  std::size_t pool = 1;         ///< how many there are, as far as this one has heard
  std::size_t pool_before = 1;  ///< how many there were before that
  std::uint64_t change = 0;     ///< which one it has heard of last
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
/// `place` is its own in the pool. The pool may be resized while it is asked: counts move with their keys,
/// and no question is counted twice, or by one who does not know the earlier ones. A limiter that died
/// meanwhile has lost its counts, as always.
///
/// Status: degraded for a minute after something had to be forgotten that was still of use, since that limit
/// was inexact then.
rate_limiter_self::behavior_type rate_limiter(rate_limiter_self::stateful_pointer<rate_limiter_state> self,
                                              const services_ptr& services, std::size_t place);

} // namespace weappd

WEAPPD_MESSAGE(weappd::moved_counts)
WEAPPD_MESSAGE(weappd::passed_on)
