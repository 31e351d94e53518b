#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

namespace weappd::simulator {

/// A hash map that forgets its oldest entry when it is full. Age is counted from the first insertion.
template <class Value>
class bounded_map {
public:
  explicit bounded_map(std::size_t limit) : limit_(limit) {}
  // `order_` points into `entries_`: moving keeps the nodes, copying would not.
  bounded_map(const bounded_map&) = delete;
  bounded_map& operator=(const bounded_map&) = delete;
  bounded_map(bounded_map&&) noexcept = default;
  bounded_map& operator=(bounded_map&&) noexcept = default;
  ~bounded_map() = default;

  /// Null if there is none. Valid until the entry is dropped.
  [[nodiscard]] Value* find(const std::string& key) {
    auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second;
  }

  /// The entry of `key`, made with a default value if there was none.
  Value& operator[](const std::string& key) {
    auto [entry, is_new] = entries_.try_emplace(key);
    if (is_new) {
      order_.push_back(&entry->first);
      if (order_.size() > limit_)
        drop_oldest();
    }
    return entry->second;
  }

  template <class Predicate>
  void drop_oldest_while(Predicate drop) {
    while (!order_.empty() && drop(entries_.find(*order_.front())->second))
      drop_oldest();
  }

  [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }

private:
  void drop_oldest() {
    entries_.erase(entries_.find(*order_.front()));
    order_.pop_front();
  }

  std::size_t limit_;
  std::unordered_map<std::string, Value> entries_;
  std::deque<const std::string*> order_;
};

} // namespace weappd::simulator
