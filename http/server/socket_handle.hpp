#pragma once

#include <unistd.h>

#include <utility>

namespace weappd::http {

/// Owns the descriptor of a socket.
class socket_handle {
public:
  socket_handle() = default;
  explicit socket_handle(int number) noexcept : number_(number) {}
  socket_handle(socket_handle&& other) noexcept : number_(other.release()) {}
  socket_handle& operator=(socket_handle&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~socket_handle() {
    if (is_open())
      ::close(number_);
  }

  [[nodiscard]] int get() const noexcept { return number_; }
  [[nodiscard]] bool is_open() const noexcept { return number_ >= 0; }
  [[nodiscard]] int release() noexcept { return std::exchange(number_, -1); }

private:
  int number_ = -1;
};

} // namespace weappd::http
