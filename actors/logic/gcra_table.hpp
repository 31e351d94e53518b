#pragma once

#include "actors/logic/gcra.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

/// The states of many keys in bounded memory. Pure; time is handed in.
namespace weappd {

/// Open addressing with linear probing: a known key is decided without any allocation, and a new one
/// allocates only while the table still grows to its bound.
///
/// What is forgotten, and when: a new key for which the table would have to grow, or may not, looks at the
/// next eight keys of a walk around the table and drops those with their full burst, which loses nothing. If
/// the table is at its bound and none of the eight was full, the one nearest to full is dropped: of these it
/// loses the least, and who has used up a limit stays refused. Only that case makes a limit inexact;
/// forced_out() counts it.
///
/// `Key` has operator== and a member `policy`, the index of its policy. `Hash` should be keyed when keys come
/// from outside.
template <class Key, class Hash>
class gcra_table {
public:
  using time = gcra_state::time;

  /// At most `max_keys` keys (at least one) are remembered.
  gcra_table(std::size_t max_keys, Hash hash)
      : max_keys_(std::max<std::size_t>(max_keys, 1)), hash_(std::move(hash)),
        slots_(std::min<std::size_t>(first_slots, slots_for(max_keys_))) {}

  /// Counts one request of that key. `policies[key.policy]` must exist.
  [[nodiscard]] limit_verdict decide(const Key& key, time now, std::span<const gcra_policy> policies) {
    auto at = find(key);
    if (!slots_[at].used) {
      make_room(now, policies);
      at = find(key); // dropping keys moves others
      slots_[at] = {.state = {}, .key = key, .used = true};
      ++size_;
    }
    const auto& policy = policies[key.policy];
    const auto verdict = slots_[at].state.judge(now, policy);
    if (verdict.allowed)
      slots_[at].state.count(now, policy);
    return verdict;
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Keys that were dropped before they had their full burst again.
  [[nodiscard]] std::uint64_t forced_out() const noexcept { return forced_out_; }

private:
  struct slot {
    gcra_state state;
    Key key{};
    bool used = false;
  };
  static constexpr std::size_t first_slots = 1024;
  static constexpr int looked_at = 8;

  /// A power of two that keys fill to three quarters at most, so that a probe is short.
  static std::size_t slots_for(std::size_t keys) { return std::bit_ceil(keys + keys / 3 + 2); }
  [[nodiscard]] std::size_t mask() const noexcept { return slots_.size() - 1; }

  /// Where the key is, or the free slot where it belongs. There is always a free slot.
  [[nodiscard]] std::size_t find(const Key& key) const {
    auto at = hash_(key) & mask();
    while (slots_[at].used && !(slots_[at].key == key))
      at = (at + 1) & mask();
    return at;
  }

  void make_room(time now, std::span<const gcra_policy> policies) {
    const auto is_crowded = [this] { return slots_for(size_ + 1) > slots_.size(); };
    if (size_ < max_keys_ && !is_crowded())
      return;
    sweep(now, policies);
    if (size_ < max_keys_ && is_crowded())
      grow();
  }

  /// Walks on over eight keys; drops the full ones and, at the bound, at least one. Gives up after 64 slots,
  /// for a table that was fuller once, but not before there is something to drop that must be.
  void sweep(time now, std::span<const gcra_policy> policies) {
    std::optional<Key> nearest; // a key, not a slot: dropping others moves it
    time nearest_wait{};
    int keys = static_cast<int>(std::min<std::size_t>(looked_at, size_));
    bool dropped = false;
    const bool must = size_ >= max_keys_;
    for (int steps = 0; keys > 0 && (steps < 64 || (must && !dropped && !nearest)); ++steps) {
      auto& seen = slots_[walk_];
      if (!seen.used) {
        walk_ = (walk_ + 1) & mask();
        continue;
      }
      --keys;
      const auto wait = seen.state.until_full(now, policies[seen.key.policy]);
      if (wait == time::zero()) {
        drop(walk_); // another key may have moved here: look at this slot again
        dropped = true;
        continue;
      }
      if (!nearest || wait < nearest_wait) {
        nearest = seen.key;
        nearest_wait = wait;
      }
      walk_ = (walk_ + 1) & mask();
    }
    if (must && !dropped && nearest) {
      drop(find(*nearest));
      ++forced_out_;
    }
  }

  /// Frees a slot and moves the keys behind it up, so that no probe meets a gap.
  void drop(std::size_t gap) {
    slots_[gap].used = false;
    --size_;
    for (auto at = (gap + 1) & mask(); slots_[at].used; at = (at + 1) & mask()) {
      const auto home = hash_(slots_[at].key) & mask();
      if (((at - home) & mask()) >= ((at - gap) & mask())) {
        slots_[gap] = slots_[at];
        slots_[at].used = false;
        gap = at;
      }
    }
  }

  void grow() {
    std::vector<slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (auto& moved : old)
      if (moved.used)
        slots_[find(moved.key)] = moved;
    walk_ &= mask();
  }

  std::size_t max_keys_;
  Hash hash_;
  std::vector<slot> slots_;
  std::size_t size_ = 0;
  std::size_t walk_ = 0;
  std::uint64_t forced_out_ = 0;
};

} // namespace weappd
