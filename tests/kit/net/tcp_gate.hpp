#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <thread>

namespace weappd::kit {

/// Stands between two parts and makes the network between them fail. A client connects to port(), and the
/// gate connects it to `target` (both on 127.0.0.1). One thread does it all; the destructor ends it with all
/// connections.
class tcp_gate {
public:
  enum class mode : std::uint8_t {
    pass,
    refuse, ///< new connections are refused; those that are open are closed
    stall,  ///< everything is taken, nothing is passed on, nothing is closed
    reset,  ///< open connections are reset, and new ones as soon as they are there
  };

  explicit tcp_gate(std::uint16_t target);
  ~tcp_gate();
  tcp_gate(const tcp_gate&) = delete;
  tcp_gate& operator=(const tcp_gate&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// Holds when it returns, for open connections as well.
  void set(mode next);
  /// Connections that are made from now on are closed after so many bytes have passed towards the target or
  /// back. Only in mode pass; set() lifts it.
  void cut_after(std::size_t to_target, std::size_t to_client);

  static constexpr std::size_t unlimited = std::numeric_limits<std::size_t>::max();

private:
  struct wish {
    mode what = mode::pass;
    std::size_t to_target = unlimited;
    std::size_t to_client = unlimited;
  };
  class worker;

  void ask(const wish& next);

  std::uint16_t port_ = 0;
  std::mutex mutex_;
  std::condition_variable done_;
  wish wish_;
  std::uint64_t asked_ = 0;
  std::uint64_t granted_ = 0;
  bool stopping_ = false;
  std::unique_ptr<worker> worker_;
  std::thread thread_;
};

} // namespace weappd::kit
