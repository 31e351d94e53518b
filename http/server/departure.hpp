#pragma once

#include "http/server/socket_handle.hpp"

#include <chrono>
#include <mutex>
#include <utility>
#include <vector>

namespace weappd::http {

/// How a server leaves that wants nobody to lose a request by it.
struct departure {
  bool has_successor = false; ///< who takes connections that wait for their next request
  bool is_late = false;       ///< clients had the time to send the rest of what they had begun
  std::chrono::steady_clock::time_point now;
  /// A connection without successor is ended once it has been silent for so long: long enough for a request
  /// that was on its way when the last answer, or the connection, was made.
  static constexpr auto silence = std::chrono::milliseconds(250);
};

/// Clients who have been let go of by the io threads and wait to be sent to the successor. Bounded by the
/// connections that there were.
class handed_on_sockets {
public:
  void put(socket_handle client) {
    const std::lock_guard guard(mutex_);
    clients_.push_back(std::move(client));
  }
  [[nodiscard]] std::vector<socket_handle> take() {
    const std::lock_guard guard(mutex_);
    return std::exchange(clients_, {});
  }

private:
  std::mutex mutex_;
  std::vector<socket_handle> clients_;
};

} // namespace weappd::http
