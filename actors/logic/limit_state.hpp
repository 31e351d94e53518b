#pragma once

#include "actors/logic/fixed_window.hpp"
#include "actors/logic/gcra.hpp"
#include "actors/logic/leaky_bucket.hpp"
#include "actors/logic/limit_verdict.hpp"
#include "actors/logic/sliding_window.hpp"
#include "config/options.hpp"

#include <chrono>
#include <cstddef>
#include <variant>

/// One value for what is remembered of a key, whichever algorithm its limit has. Pure; time is handed in.
namespace weappd {

/// A limit, ready to judge.
using limit_policy =
    std::variant<gcra_policy, leaky_bucket_policy, fixed_window_policy, sliding_window_policy>;

[[nodiscard]] limit_policy make_limit_policy(const limit_options& from);

/// 24 bytes, and for a sliding window the moments that it holds. Each function wants the policy with which
/// the state was made, and a clock that does not go back.
class limit_state {
public:
  using time = std::chrono::nanoseconds; ///< since any fixed moment, not negative

  /// Nobody's: only is_set() may be asked.
  limit_state() = default;
  /// Of a key that nothing is known of.
  explicit limit_state(const limit_policy& policy);

  [[nodiscard]] bool is_set() const noexcept { return state_.index() != 0; }
  /// May one more request pass now? What is said of the rest is said as if it had.
  [[nodiscard]] limit_verdict judge(time now, const limit_policy& policy) const;
  /// One more passes that judge() has allowed at this moment.
  void count(time now, const limit_policy& policy);
  /// The same without room for one more moment: a sliding window forgets its oldest one for it, so that one
  /// too many may pass later.
  void count_without_growth(time now, const limit_policy& policy);
  /// How long until all of the limit is there again. Zero: forgetting this key changes nothing.
  [[nodiscard]] time until_full(time now, const limit_policy& policy) const;

  /// Moments for which there is room outside of this object, 8 bytes each.
  [[nodiscard]] std::size_t stamps() const noexcept;
  /// How many more count() would make room for.
  [[nodiscard]] std::size_t growth(time now, const limit_policy& policy) const;

private:
  std::variant<std::monostate, gcra_state, leaky_bucket_state, fixed_window_state, sliding_window_state>
      state_;
};
static_assert(sizeof(limit_state) == 24);

} // namespace weappd
