#pragma once

#include "http/server/socket_handle.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weappd {

/// Words and sockets between two processes on one machine, over a Unix socket that keeps packets apart. Every
/// wait has a bound.
class handover_channel {
public:
  using steady_clock = std::chrono::steady_clock;

  /// What one packet may hold; more sockets go in several.
  static constexpr std::size_t max_words = 64;
  static constexpr std::size_t max_sockets = 64;

  enum class outcome : std::uint8_t {
    came,
    ended,    ///< the other side has closed, or is dead
    nothing,  ///< in time
    woken_up, ///< by `waker`
  };
  struct packet {
    outcome what = outcome::nothing;
    std::string words;
    std::vector<http::socket_handle> sockets;
    bool is_whole = true; ///< false: this process has no room for all of its sockets
  };

  handover_channel() = default;
  explicit handover_channel(http::socket_handle socket);

  /// False if the other side is gone or does not read. The sockets stay open here, too.
  bool send(std::string_view words, std::span<const http::socket_handle> sockets = {});
  /// `waker`: a descriptor that ends the wait when it can be read; -1: none.
  packet receive(steady_clock::time_point until, int waker = -1);

  [[nodiscard]] bool is_open() const noexcept { return socket_.is_open(); }

private:
  bool send_packet(std::string_view words, std::span<const http::socket_handle> sockets);
  packet take();

  http::socket_handle socket_;
};

} // namespace weappd
