#pragma once

#include "http/server/forwarded.hpp"
#include "messages/rate.hpp"

#include <cstdint>
#include <map>
#include <mutex>

namespace weappd::http {

/// What becomes of a new connection.
enum class admission : std::uint8_t {
  welcome,
  refused, ///< one too many: it is told so, then closed
  dropped, ///< so many are being told that this one is closed without a word
};

/// How many connections are open, in all and from each address (IPv6: each /64). Used at open and close only.
class connection_counter {
public:
  connection_counter(std::uint32_t max_all, std::uint32_t max_each)
      : max_all_(max_all), max_each_(max_each) {}

  /// Give the answer back to close(), unless it is `dropped`: that one is not counted.
  [[nodiscard]] admission open(const ip_address& peer) {
    const auto key = address_key(peer);
    std::lock_guard guard(mutex_);
    if (all_ < max_all_) {
      auto& each = by_address_[key]; // never empty for long: max_each is at least 1
      if (each < max_each_) {
        ++each;
        ++all_;
        return admission::welcome;
      }
    }
    if (refused_ >= max_refused)
      return admission::dropped;
    ++refused_;
    return admission::refused;
  }

  void close(const ip_address& peer, admission was) {
    std::lock_guard guard(mutex_);
    if (was == admission::refused)
      --refused_;
    if (was != admission::welcome)
      return;
    --all_;
    auto it = by_address_.find(address_key(peer));
    if (--it->second == 0)
      by_address_.erase(it); // so the map is never larger than max_all
  }

  /// Those that are welcome.
  [[nodiscard]] std::uint32_t count() const {
    std::lock_guard guard(mutex_);
    return all_;
  }

  /// Refused connections that may wait for their client to hang up at the same time.
  static constexpr std::uint32_t max_refused = 256;

private:
  const std::uint32_t max_all_;
  const std::uint32_t max_each_;
  mutable std::mutex mutex_;
  std::uint32_t all_ = 0;
  std::uint32_t refused_ = 0;
  std::map<rate_key, std::uint32_t> by_address_;
};

} // namespace weappd::http
