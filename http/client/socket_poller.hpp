#pragma once

#include <curl/curl.h>

#include <sys/epoll.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weappd {

/// The sockets that libcurl waits for, on epoll. libcurl's own poll asks the system about every socket in
/// every round, which at a few dozen connections costs more than the calls themselves.
///
/// A connection that is kept between two calls stays registered: libcurl drops its interest at the end of the
/// one and has it again at the start of the next. That works for sockets that were opened and are closed
/// here; all others (of the resolver) are registered anew each time.
///
/// One thread; only wake() may be called from others.
class socket_poller {
public:
  /// Throws std::system_error if the system has no descriptor left.
  socket_poller();
  ~socket_poller();
  socket_poller(const socket_poller&) = delete;
  socket_poller& operator=(const socket_poller&) = delete;

  // In the form in which libcurl calls them; `self` is the poller.
  static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address) noexcept;
  static int on_close(void* self, curl_socket_t socket) noexcept;
  static int on_interest(CURL*, curl_socket_t socket, int what, void* self, void*) noexcept;

  /// Ends the wait, or the next one.
  void wake() noexcept;

  /// Waits until a socket is ready, somebody wakes, or the time is over. For each ready socket:
  /// on_ready(socket, CURL_CSELECT_ bits).
  template <class OnReady>
  void wait(std::chrono::milliseconds limit, OnReady on_ready) {
    const auto ready = wait_for_events(limit);
    for (std::size_t i = 0; i < ready; ++i)
      if (const auto bits = bits_of(events_[i]); bits != 0)
        on_ready(events_[i].data.fd, bits);
  }

private:
  struct state {
    std::uint32_t registered = 0; ///< what epoll looks for; 0: it does not know the socket
    std::uint32_t wanted = 0;     ///< what libcurl waits for
    bool opened_here = false;     ///< so that we hear of its end
  };

  std::size_t wait_for_events(std::chrono::milliseconds limit) noexcept;
  int bits_of(const epoll_event& event) noexcept;
  state& state_of(int socket);
  bool update(int socket, std::uint32_t wanted);
  void unregister(int socket, state& of) noexcept;

  int epoll_ = -1;
  int wake_ = -1;
  std::vector<state> sockets_; ///< by descriptor, which the system takes from below
  std::array<epoll_event, 64> events_{};
};

} // namespace weappd
