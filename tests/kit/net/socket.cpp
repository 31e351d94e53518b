#include "tests/kit/net/socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace weappd::kit {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void set_flag(const descriptor& socket, int level, int option) {
  const int on = 1;
  if (setsockopt(socket.get(), level, option, &on, sizeof on) != 0)
    fail("setsockopt");
}

} // namespace

void descriptor::close() noexcept {
  if (fd_ >= 0)
    ::close(std::exchange(fd_, -1));
}

void descriptor::reset() noexcept {
  const linger at_once{1, 0};
  if (fd_ >= 0)
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close();
}

descriptor connect_to(std::uint16_t port, bool blocking) {
  descriptor result(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | (blocking ? 0 : SOCK_NONBLOCK), 0));
  if (!result.is_open())
    fail("socket");
  set_flag(result, IPPROTO_TCP, TCP_NODELAY);
  const auto address = loopback(port);
  if (connect(result.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      (blocking || errno != EINPROGRESS))
    fail("connect");
  return result;
}

descriptor listen_on(std::uint16_t port) {
  descriptor result(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!result.is_open())
    fail("socket");
  set_flag(result, SOL_SOCKET, SO_REUSEADDR);
  const auto address = loopback(port);
  if (bind(result.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    fail("bind");
  if (listen(result.get(), 256) != 0)
    fail("listen");
  return result;
}

std::uint16_t port_of(const descriptor& socket) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0)
    fail("getsockname");
  return ntohs(address.sin_port);
}

} // namespace weappd::kit
