#pragma once

#include "http/server/socket_handle.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace weappd::http {

/// Clients that may wait in one socket.
inline constexpr int listen_backlog = 1024;

/// The sockets of one address. Several of ours share it by SO_REUSEPORT, one for each io thread; those that
/// were handed in are as many as their maker liked.
struct listening_sockets {
  std::vector<socket_handle> all;
  std::uint16_t port = 0;
  /// Somebody else holds them, too, and whoever waits in their queues is his. Sockets of our own are gone
  /// when we close them, and with them who waits there.
  bool held_elsewhere = false;
};

/// Binds `count` sockets, so that nobody else can; they do not listen yet. Port 0 takes a free one. Throws
/// std::runtime_error with the address when it cannot be had, also when another process has it already.
listening_sockets bind_sockets(const std::string& address, std::uint16_t port, std::size_t count);

/// Sockets that another process listens on. Throws std::runtime_error if one of them does not listen for TCP,
/// or if they have different ports.
listening_sockets adopt_sockets(std::vector<socket_handle> given);

/// Whether connections to this address come out of them; port 0: whatever the port.
bool listen_at(const listening_sockets& sockets, const std::string& address, std::uint16_t port);

/// Another descriptor of the same socket; closed in programs that we start. Throws std::runtime_error.
socket_handle another_of(const socket_handle& socket);

} // namespace weappd::http
