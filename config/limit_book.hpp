#pragma once

#include "config/limit_set.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace weappd {

using limit_set_ptr = std::shared_ptr<const limit_set>;

/// The policies that are in force. Who changes them tells the rate limiters, too (use_limits). Safe to use
/// from several threads.
class limit_book {
public:
  explicit limit_book(const std::map<std::string, limit_options>& configured)
      : current_(std::make_shared<const limit_set>(configured)) {}

  [[nodiscard]] limit_set_ptr get() const {
    std::lock_guard guard(mutex_);
    return current_;
  }
  /// Puts these in force; policies that count as before keep their ids. The answer is what is in force now.
  limit_set_ptr change(const std::map<std::string, limit_options>& configured) {
    std::lock_guard guard(mutex_);
    current_ = std::make_shared<const limit_set>(configured, *current_);
    version_.fetch_add(1, std::memory_order_release);
    return current_;
  }
  /// Grows with each change: whoever has looked needs no lock to know that nothing is new.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

private:
  mutable std::mutex mutex_;
  limit_set_ptr current_;
  std::atomic<std::uint64_t> version_{1};
};

} // namespace weappd
