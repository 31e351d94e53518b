#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>

namespace weappd {

/// A group of options that may change while the server runs. Safe to use from several threads.
template <class Options>
class option_book {
public:
  explicit option_book(Options configured)
      : current_(std::make_shared<const Options>(std::move(configured))) {}

  [[nodiscard]] std::shared_ptr<const Options> get() const {
    std::lock_guard guard(mutex_);
    return current_;
  }
  void change(Options next) {
    auto made = std::make_shared<const Options>(std::move(next));
    std::lock_guard guard(mutex_);
    current_.swap(made);
    version_.fetch_add(1, std::memory_order_release);
  }
  /// Grows with each change: whoever has looked needs no lock to know that nothing is new. Never 0.
  [[nodiscard]] std::uint64_t version() const noexcept { return version_.load(std::memory_order_acquire); }

private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Options> current_;
  std::atomic<std::uint64_t> version_{1};
};

} // namespace weappd
