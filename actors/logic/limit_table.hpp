#pragma once

#include "actors/logic/limit_state.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

/// The states of many keys in bounded memory. Pure; time is handed in.
namespace weappd {

/// What a table may hold.
struct limit_table_bounds {
  std::size_t keys = 1;   ///< at least one
  std::size_t stamps = 0; ///< moments of sliding windows, beside the first four of each key
};

/// Open addressing with linear probing: a known key is decided without any allocation, and a new one
/// allocates only while the table still grows to its bound (and for a sliding window its moments).
///
/// What is forgotten, and when: a new key for which the table would have to grow, or may not, looks at the
/// next eight keys of a walk over the table (four times eight before it grows) and drops those of which all
/// is there again, which loses nothing. If the table is at its bound and none of the eight was so, the one
/// nearest to it is dropped: of these it loses the least, and who has used up a limit stays refused. When
/// there are too many moments, the same is done with keys that hold some; if that does not make enough room,
/// the key that wanted it forgets its oldest. Only these two cases make a limit inexact; forced_out() counts
/// them.
///
/// `Key` has operator== and a member `policy`, the id of its policy. `Hash` should be keyed when keys come
/// from outside. `Policies` has find(id), which gives a const limit_policy*; null for a policy that is gone,
/// whose keys are dropped like those of which all is there again.
template <class Key, class Hash>
class limit_table {
public:
  using time = limit_state::time;

  limit_table(limit_table_bounds bounds, Hash hash)
      : max_keys_(std::max<std::size_t>(bounds.keys, 1)), max_stamps_(bounds.stamps), hash_(std::move(hash)),
        slots_(std::min<std::size_t>(first_slots, slots_for(max_keys_))) {}

  /// May one more request of that key pass? Counts nothing. `policy` is that of the key.
  [[nodiscard]] limit_verdict judge(const Key& key, time now, const limit_policy& policy) const {
    const auto& found = slots_[find(key)];
    return found.is_used() ? found.state.judge(now, policy) : limit_state(policy).judge(now, policy);
  }

  /// Counts one request of that key, which judge() has allowed at this moment. Its policy must be there.
  template <class Policies>
  void count(const Key& key, time now, const Policies& policies) {
    auto at = find(key);
    const auto& policy = *policies.find(key.policy);
    if (!slots_[at].is_used())
      at = add(key, now, policies);
    count_at(at, now, policy, policies);
  }

  /// Both in one, for one lookup less.
  template <class Policies>
  [[nodiscard]] limit_verdict decide(const Key& key, time now, const Policies& policies) {
    auto at = find(key);
    const auto& policy = *policies.find(key.policy);
    if (!slots_[at].is_used())
      at = add(key, now, policies);
    const auto verdict = slots_[at].state.judge(now, policy);
    if (verdict.allowed)
      count_at(at, now, policy, policies);
    return verdict;
  }

  /// As if nothing were known of that key.
  void forget(const Key& key) {
    if (const auto at = find(key); slots_[at].is_used())
      drop(at);
  }

  /// What is remembered of a key, on its way to another table.
  struct entry {
    Key key{};
    limit_state state;
  };
  /// Takes everything out.
  [[nodiscard]] std::vector<entry> take_all() {
    std::vector<entry> all;
    all.reserve(size_);
    for (auto& from : slots_)
      if (from.is_used())
        all.push_back({from.key, std::exchange(from.state, limit_state())});
    slots_ = std::vector<slot>(std::min(first_slots, slots_for(max_keys_)));
    size_ = stamps_ = walk_ = 0;
    return all;
  }
  /// What may be held from now on; of an empty table.
  void use(limit_table_bounds bounds) {
    max_keys_ = std::max<std::size_t>(bounds.keys, 1);
    max_stamps_ = bounds.stamps;
    slots_ = std::vector<slot>(std::min(first_slots, slots_for(max_keys_)));
  }
  /// Goes on with what another table has known. Loses what is of no use any more, and what there is no room
  /// for.
  template <class Policies>
  void put(entry known, time now, const Policies& policies) {
    const auto* policy = policies.find(known.key.policy);
    if (policy == nullptr || known.state.until_full(now, *policy) == time::zero() ||
        slots_[find(known.key)].is_used())
      return;
    const auto stamps = known.state.stamps();
    if (stamps != 0 && !make_stamp_room(known.key, stamps, now, policies)) {
      ++forced_out_;
      return;
    }
    make_room(now, policies);
    auto& to = slots_[find(known.key)];
    to.state = std::move(known.state);
    to.key = known.key;
    ++size_;
    stamps_ += stamps;
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// How often something was forgotten that was still of use.
  [[nodiscard]] std::uint64_t forced_out() const noexcept { return forced_out_; }
  /// Moments for which there is room.
  [[nodiscard]] std::size_t stamps() const noexcept { return stamps_; }
  /// Memory of the slots and the moments.
  [[nodiscard]] std::size_t bytes() const noexcept {
    return slots_.size() * sizeof(slot) + stamps_ * sizeof(time);
  }

private:
  struct slot {
    limit_state state;
    Key key{};
    [[nodiscard]] bool is_used() const noexcept { return state.is_set(); }
  };
  /// What a sweep looks for and how far it goes.
  struct sweep_order {
    bool must = false;         ///< drop one, also if it is still of use
    bool of_stamps = false;    ///< only keys that hold moments
    const Key* keep = nullptr; ///< not this one
    std::size_t steps = 64;    ///< slots that are looked at
  };
  static constexpr std::size_t first_slots = 1024;
  static constexpr int looked_at = 8;
  static constexpr int sweeps_to_grow = 4; ///< that find too little, for the table to become larger
  static constexpr int stamp_sweeps = 64;  ///< for 256 moments, of keys that have four at least

  /// A power of two that keys fill to three quarters at most, so that a probe is short.
  static std::size_t slots_for(std::size_t keys) { return std::bit_ceil(keys + keys / 3 + 2); }
  [[nodiscard]] std::size_t mask() const noexcept { return slots_.size() - 1; }

  /// A walk over all slots, a few neighbours at a time and then far away (a golden section of the table).
  /// From one end to the other, the slots ahead would hold so many old keys that they fill up there, and
  /// probes become thousands of slots long.
  [[nodiscard]] std::size_t after(std::size_t at) const noexcept {
    constexpr std::size_t neighbours = 16;
    const auto next = (at + 1) & mask();
    if (next % neighbours != 0)
      return next;
    const auto jump = (slots_.size() / neighbours * 40'503 / 65'536) | 1; // odd: it comes everywhere
    return (next + (jump - 1) * neighbours) & mask();
  }

  /// Where the key is, or the free slot where it belongs. There is always a free slot.
  [[nodiscard]] std::size_t find(const Key& key) const {
    auto at = hash_(key) & mask();
    while (slots_[at].is_used() && !(slots_[at].key == key))
      at = (at + 1) & mask();
    return at;
  }

  template <class Policies>
  std::size_t add(const Key& key, time now, const Policies& policies) {
    make_room(now, policies);
    const auto at = find(key); // dropping keys moves others
    slots_[at].state = limit_state(*policies.find(key.policy));
    slots_[at].key = key;
    ++size_;
    return at;
  }

  template <class Policies>
  void count_at(std::size_t at, time now, const limit_policy& policy, const Policies& policies) {
    const auto before = slots_[at].state.stamps();
    if (const auto more = slots_[at].state.growth(now, policy); more != 0 && before != 0) {
      const auto key = slots_[at].key;
      if (!make_stamp_room(key, more, now, policies)) {
        ++forced_out_;
        slots_[find(key)].state.count_without_growth(now, policy);
        return;
      }
      at = find(key);
    }
    slots_[at].state.count(now, policy);
    stamps_ += slots_[at].state.stamps() - before;
  }

  template <class Policies>
  void make_room(time now, const Policies& policies) {
    const auto is_crowded = [this] { return size_ < max_keys_ && slots_for(size_ + 1) > slots_.size(); };
    if (size_ >= max_keys_)
      (void)sweep({.must = true, .steps = 2 * slots_.size()}, now, policies);
    for (int sweeps = 0; is_crowded() && sweeps < sweeps_to_grow; ++sweeps)
      (void)sweep({}, now, policies);
    if (is_crowded())
      grow();
  }

  template <class Policies>
  bool make_stamp_room(const Key& wanted_by, std::size_t more, time now, const Policies& policies) {
    for (int sweeps = 0; stamps_ + more > max_stamps_; ++sweeps)
      if (sweeps == stamp_sweeps ||
          !sweep({.must = true, .of_stamps = true, .keep = &wanted_by}, now, policies))
        return false;
    return true;
  }

  /// Walks on over eight keys; drops those of which all is there again and, if it must, at least one. Gives
  /// up after so many slots, for a table that was fuller once. False if it must and there was none.
  template <class Policies>
  bool sweep(const sweep_order& order, time now, const Policies& policies) {
    std::optional<Key> nearest; // a key, not a slot: dropping others moves it
    time nearest_wait{};
    bool dropped = false;
    int keys = looked_at;
    for (std::size_t steps = 0; keys > 0 && steps < order.steps; ++steps) {
      auto& seen = slots_[walk_];
      if (!is_wanted(seen, order)) {
        walk_ = after(walk_);
        continue;
      }
      --keys;
      const auto* policy = policies.find(seen.key.policy);
      const auto wait = policy == nullptr ? time::zero() : seen.state.until_full(now, *policy);
      if (wait == time::zero()) {
        drop(walk_); // another key may have moved here: look at this slot again
        dropped = true;
        continue;
      }
      if (!nearest || wait < nearest_wait) {
        nearest = seen.key;
        nearest_wait = wait;
      }
      walk_ = after(walk_);
    }
    if (order.must && !dropped && nearest) {
      drop(find(*nearest));
      ++forced_out_;
      return true;
    }
    return dropped;
  }

  [[nodiscard]] static bool is_wanted(const slot& seen, const sweep_order& order) {
    if (!seen.is_used() || (order.keep != nullptr && seen.key == *order.keep))
      return false;
    return !order.of_stamps || seen.state.stamps() != 0;
  }

  /// Frees a slot and moves the keys behind it up, so that no probe meets a gap.
  void drop(std::size_t gap) {
    stamps_ -= slots_[gap].state.stamps();
    slots_[gap].state = {};
    --size_;
    for (auto at = (gap + 1) & mask(); slots_[at].is_used(); at = (at + 1) & mask()) {
      const auto home = hash_(slots_[at].key) & mask();
      if (((at - home) & mask()) >= ((at - gap) & mask())) {
        slots_[gap].key = slots_[at].key;
        slots_[gap].state = std::exchange(slots_[at].state, limit_state());
        gap = at;
      }
    }
  }

  void grow() {
    std::vector<slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (auto& moved : old)
      if (moved.is_used())
        slots_[find(moved.key)] = std::move(moved);
  }

  std::size_t max_keys_;
  std::size_t max_stamps_;
  Hash hash_;
  std::vector<slot> slots_;
  std::size_t size_ = 0;
  std::size_t stamps_ = 0;
  std::size_t walk_ = 0;
  std::uint64_t forced_out_ = 0;
};

} // namespace weappd
