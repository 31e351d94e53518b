#pragma once

#include "actors/logic/limit_table.hpp"
#include "actors/logic/limited_key.hpp"
#include "config/options.hpp"
#include "messages/bans.hpp"

#include <array>
#include <chrono>
#include <cstddef>

/// How often each address did what it may be banned for. Pure; time is handed in.
namespace weappd {

/// Remembers at most bans.max_watched addresses and kinds (limit_table says what is forgotten beyond that),
/// and of each the moments within the window.
class offence_counts {
public:
  using time = limit_state::time; ///< of a clock that does not go back

  offence_counts(const ban_options& rules, const limited_key_hash& hash);

  /// One more. True if it makes the number that an address is banned for, within a stretch of time as long as
  /// bans.window_s without its end; then the address begins anew.
  [[nodiscard]] bool add(const rate_key& who, offence_kind what, time now);
  /// As if it had never done anything.
  void forget(const rate_key& who);

  [[nodiscard]] std::size_t size() const noexcept { return table_.size(); }

private:
  static constexpr std::size_t kinds = 2;
  /// For limit_table: a policy for each kind, which lets one less pass than an address is banned for.
  struct policy_pair {
    std::array<limit_policy, kinds> all;
    [[nodiscard]] const limit_policy* find(policy_id id) const noexcept { return &all[id - 1]; }
  };

  std::array<std::uint32_t, kinds> enough_; ///< 0: never
  policy_pair policies_;
  limit_table<limited_key, limited_key_hash> table_;
};

} // namespace weappd
