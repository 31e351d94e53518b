#pragma once

#include <cstdint>
#include <utility>

namespace weappd::kit {

/// Owns a file descriptor.
class descriptor {
public:
  descriptor() = default;
  explicit descriptor(int fd) noexcept : fd_(fd) {}
  descriptor(descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~descriptor() { close(); }

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }
  void close() noexcept;
  /// Closes so that the other side sees a reset instead of an end.
  void reset() noexcept;

private:
  int fd_ = -1;
};

/// A connection to 127.0.0.1, without delay for small segments; starts to connect only if `blocking` is
/// false. Throws std::system_error.
descriptor connect_to(std::uint16_t port, bool blocking = true);
/// A non-blocking listener on 127.0.0.1; port 0 takes a free one. Throws std::system_error.
descriptor listen_on(std::uint16_t port);
std::uint16_t port_of(const descriptor& socket);

} // namespace weappd::kit
