#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <unordered_map>
#include <utility>

namespace weappd {

/// A map that keeps what was used last, at most `bound` entries (of an odd bound one fewer; of less than two,
/// two). It has two halves: what is used goes into the young one, and when that is full it becomes the old
/// one and the old one is forgotten. So an entry lives for at least half of the bound of others after its
/// last use. A use costs a few lookups; the one that turns a half over frees all that it forgets.
template <class Key, class Value, class Hash = std::hash<Key>>
class recent_map {
public:
  explicit recent_map(std::size_t bound) : half_(std::max<std::size_t>(bound / 2, 1)) {}

  /// Null if it is not there. Valid until the next call.
  Value* find(const Key& key) {
    if (const auto young = young_.find(key); young != young_.end())
      return &young->second;
    auto old = old_.extract(key);
    if (old.empty())
      return nullptr;
    make_room();
    return &young_.insert(std::move(old)).position->second;
  }

  /// In the place of what is there. Valid until the next call.
  Value& put(const Key& key, Value value) {
    old_.erase(key);
    if (const auto young = young_.find(key); young != young_.end())
      return young->second = std::move(value);
    make_room();
    return young_.emplace(key, std::move(value)).first->second;
  }

  void erase(const Key& key) noexcept {
    young_.erase(key);
    old_.erase(key);
  }
  void clear() noexcept {
    young_.clear();
    old_.clear();
  }

  [[nodiscard]] std::size_t size() const noexcept { return young_.size() + old_.size(); }

private:
  void make_room() {
    if (young_.size() < half_)
      return;
    old_.clear();
    old_.swap(young_);
  }

  std::size_t half_;
  std::unordered_map<Key, Value, Hash> young_;
  std::unordered_map<Key, Value, Hash> old_;
};

} // namespace weappd
