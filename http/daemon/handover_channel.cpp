#include "http/daemon/handover_channel.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

namespace weappd {
namespace {

// Who does not read for so long is as good as dead.
constexpr auto send_patience = std::chrono::seconds(5);
constexpr auto send_again = std::chrono::milliseconds(5);

/// Room for the descriptors of one packet, aligned as the kernel wants it.
struct descriptor_room {
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * handover_channel::max_sockets)> bytes{};
};

} // namespace

handover_channel::handover_channel(http::socket_handle socket) : socket_(std::move(socket)) {
  const timeval limit{send_patience.count(), 0};
  ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

bool handover_channel::send(std::string_view words, std::span<const http::socket_handle> sockets) {
  do {
    const auto some = sockets.first(std::min(sockets.size(), max_sockets));
    if (!send_packet(words, some))
      return false;
    sockets = sockets.subspan(some.size());
  } while (!sockets.empty());
  return true;
}

bool handover_channel::send_packet(std::string_view words, std::span<const http::socket_handle> sockets) {
  iovec text{const_cast<char*>(words.data()), words.size()};
  descriptor_room room;
  msghdr message{};
  message.msg_iov = &text;
  message.msg_iovlen = 1;
  if (!sockets.empty()) {
    message.msg_control = room.bytes.data();
    message.msg_controllen = CMSG_SPACE(sizeof(int) * sockets.size());
    auto* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int) * sockets.size());
    for (std::size_t i = 0; i < sockets.size(); ++i) {
      const int number = sockets[i].get();
      std::memcpy(CMSG_DATA(header) + i * sizeof number, &number, sizeof number);
    }
  }
  // ETOOMANYREFS: so many descriptors are under way that the kernel wants some to be received first.
  for (const auto end = steady_clock::now() + send_patience; steady_clock::now() < end;) {
    if (::sendmsg(socket_.get(), &message, MSG_NOSIGNAL) >= 0)
      return true;
    if (errno != EINTR && errno != ETOOMANYREFS)
      return false;
    std::this_thread::sleep_for(send_again);
  }
  return false;
}

handover_channel::packet handover_channel::receive(steady_clock::time_point until, int waker) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
    std::array<pollfd, 2> watched{pollfd{socket_.get(), POLLIN, 0}, pollfd{waker, POLLIN, 0}};
    const int ready =
        ::poll(watched.data(), watched.size(), static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready < 0 && errno == EINTR)
      continue;
    packet nothing;
    if (ready > 0 && watched[1].revents != 0)
      nothing.what = outcome::woken_up;
    return ready > 0 && watched[0].revents != 0 ? take() : std::move(nothing);
  }
}

handover_channel::packet handover_channel::take() {
  packet taken;
  std::array<char, max_words> text{};
  iovec into{text.data(), text.size()};
  descriptor_room room;
  msghdr message{};
  message.msg_iov = &into;
  message.msg_iovlen = 1;
  message.msg_control = room.bytes.data();
  message.msg_controllen = room.bytes.size();
  const auto size = ::recvmsg(socket_.get(), &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
  taken.what = size > 0 ? outcome::came : outcome::ended; // we send no empty packets
  if (size <= 0)
    return taken;
  taken.words.assign(text.data(), static_cast<std::size_t>(size));
  taken.is_whole = (message.msg_flags & (MSG_CTRUNC | MSG_TRUNC)) == 0;
  for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
      continue;
    const auto count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(header) + i * sizeof number, sizeof number);
      taken.sockets.emplace_back(number);
    }
  }
  return taken;
}

} // namespace weappd
