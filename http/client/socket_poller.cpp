#include "http/client/socket_poller.hpp"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <system_error>

namespace weappd {
namespace {

std::uint32_t events_for(int what) {
  switch (what) {
  case CURL_POLL_IN:
    return EPOLLIN;
  case CURL_POLL_OUT:
    return EPOLLOUT;
  case CURL_POLL_INOUT:
    return EPOLLIN | EPOLLOUT;
  default:
    return 0;
  }
}

} // namespace

socket_poller::socket_poller()
    : epoll_(epoll_create1(EPOLL_CLOEXEC)), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  epoll_event event{.events = EPOLLIN | EPOLLET, .data = {.fd = wake_}}; // by edge: it need not be read
  if (epoll_ >= 0 && wake_ >= 0 && epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) == 0)
    return;
  const std::error_code why(errno, std::generic_category());
  close(epoll_);
  close(wake_);
  throw std::system_error(why, "no epoll for HTTP calls");
}

socket_poller::~socket_poller() {
  close(wake_);
  close(epoll_);
}

curl_socket_t socket_poller::on_open(void* self, curlsocktype, curl_sockaddr* address) noexcept {
  const int socket = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  if (socket < 0)
    return CURL_SOCKET_BAD;
  try {
    static_cast<socket_poller*>(self)->state_of(socket) = {.opened_here = true};
    return socket;
  } catch (const std::exception&) {
    close(socket);
    return CURL_SOCKET_BAD;
  }
}

int socket_poller::on_close(void* self, curl_socket_t socket) noexcept {
  auto& me = *static_cast<socket_poller*>(self);
  if (static_cast<std::size_t>(socket) < me.sockets_.size()) {
    auto& of = me.sockets_[static_cast<std::size_t>(socket)];
    me.unregister(socket, of);
    of = {};
  }
  return close(socket);
}

int socket_poller::on_interest(CURL*, curl_socket_t socket, int what, void* self, void*) noexcept {
  try {
    return static_cast<socket_poller*>(self)->update(socket, events_for(what)) ? 0 : -1;
  } catch (const std::exception&) {
    return -1; // ends all transfers: nobody could be told when this one is ready
  }
}

bool socket_poller::update(int socket, std::uint32_t wanted) {
  auto& of = state_of(socket);
  of.wanted = wanted;
  if (wanted == of.registered)
    return true;
  if (wanted == 0) {
    if (!of.opened_here)
      unregister(socket, of);
    return true;
  }
  epoll_event event{.events = wanted, .data = {.fd = socket}};
  const int how = of.registered == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
  of.registered = wanted;
  return epoll_ctl(epoll_, how, socket, &event) == 0;
}

void socket_poller::unregister(int socket, state& of) noexcept {
  if (of.registered == 0)
    return;
  of.registered = 0;
  epoll_event unused{};
  epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, &unused);
}

socket_poller::state& socket_poller::state_of(int socket) {
  const auto at = static_cast<std::size_t>(socket);
  if (at >= sockets_.size())
    sockets_.resize(at + 1);
  return sockets_[at];
}

void socket_poller::wake() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one); // full: it has been woken
}

std::size_t socket_poller::wait_for_events(std::chrono::milliseconds limit) noexcept {
  const int count =
      epoll_wait(epoll_, events_.data(), static_cast<int>(events_.size()), static_cast<int>(limit.count()));
  return static_cast<std::size_t>(std::max(count, 0)); // interrupted: as if the time were over
}

/// 0: nothing that libcurl waits for.
int socket_poller::bits_of(const epoll_event& event) noexcept {
  const int socket = event.data.fd;
  if (socket == wake_)
    return 0;
  auto& of = sockets_[static_cast<std::size_t>(socket)];
  if (of.wanted == 0) { // the other side closed a kept connection; it would be reported for ever
    unregister(socket, of);
    return 0;
  }
  int bits = 0;
  if ((event.events & (EPOLLIN | EPOLLHUP)) != 0)
    bits |= CURL_CSELECT_IN;
  if ((event.events & EPOLLOUT) != 0)
    bits |= CURL_CSELECT_OUT;
  if ((event.events & EPOLLERR) != 0)
    bits |= CURL_CSELECT_ERR;
  return bits;
}

} // namespace weappd
