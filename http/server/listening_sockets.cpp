#include "http/server/listening_sockets.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <stdexcept>
#include <system_error>

namespace weappd::http {
namespace {

using boost::asio::ip::tcp;

/// SO_REUSEPORT would let a second weappd share the port without a word. So first ask for it without.
void refuse_if_taken(const tcp::endpoint& where) {
  boost::asio::io_context context;
  tcp::acceptor probe(context);
  probe.open(where.protocol());
  probe.set_option(boost::asio::socket_base::reuse_address(true)); // connections in TIME_WAIT do not matter
  probe.bind(where);
}

std::runtime_error no_socket(const std::string& what, int reason) {
  return std::runtime_error(what + ": " + std::generic_category().message(reason));
}

void set(const socket_handle& socket, int option) {
  const int on = 1;
  if (::setsockopt(socket.get(), SOL_SOCKET, option, &on, sizeof on) != 0)
    throw boost::system::system_error(errno, boost::system::system_category());
}

std::optional<tcp::endpoint> where_it_is(const socket_handle& socket) {
  tcp::endpoint where;
  auto size = static_cast<socklen_t>(where.capacity());
  if (::getsockname(socket.get(), where.data(), &size) != 0 || size > where.capacity())
    return std::nullopt;
  const auto family = where.data()->sa_family;
  if (family != AF_INET && family != AF_INET6)
    return std::nullopt;
  where.resize(size);
  return where;
}

socket_handle bind_one(const tcp::endpoint& where) {
  socket_handle socket(
      ::socket(where.protocol().family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_TCP));
  if (!socket.is_open())
    throw boost::system::system_error(errno, boost::system::system_category());
  set(socket, SO_REUSEADDR);
  set(socket, SO_REUSEPORT);
  // It listens from now on, or another weappd that starts at the same moment could have the port, too.
  if (::bind(socket.get(), where.data(), static_cast<socklen_t>(where.size())) != 0 ||
      ::listen(socket.get(), listen_backlog) != 0)
    throw boost::system::system_error(errno, boost::system::system_category());
  return socket;
}

bool listens_for_tcp(const socket_handle& socket) {
  const auto has = [&](int option, int wanted) {
    int value = 0;
    socklen_t size = sizeof value;
    return ::getsockopt(socket.get(), SOL_SOCKET, option, &value, &size) == 0 && value == wanted;
  };
  return has(SO_TYPE, SOCK_STREAM) && has(SO_ACCEPTCONN, 1) && where_it_is(socket);
}

} // namespace

listening_sockets bind_sockets(const std::string& address, std::uint16_t port, std::size_t count) {
  listening_sockets made;
  try {
    tcp::endpoint where(boost::asio::ip::make_address(address), port);
    if (port != 0)
      refuse_if_taken(where);
    while (made.all.size() < count) {
      made.all.push_back(bind_one(where));
      where = where_it_is(made.all.back()).value(); // the first may choose the port, the others take the same
    }
    made.port = where.port();
  } catch (const boost::system::system_error& error) {
    throw std::runtime_error("cannot listen on " + address + ":" + std::to_string(port) + ": " +
                             error.code().message());
  }
  return made;
}

listening_sockets adopt_sockets(std::vector<socket_handle> given) {
  listening_sockets taken{.all = std::move(given), .port = 0, .held_elsewhere = false};
  for (const auto& socket : taken.all) {
    if (!listens_for_tcp(socket))
      throw std::runtime_error("a socket that was handed in does not listen for TCP connections");
    ::fcntl(socket.get(), F_SETFD, FD_CLOEXEC);
    const auto port = where_it_is(socket)->port();
    if (taken.port != 0 && taken.port != port)
      throw std::runtime_error("sockets that were handed in for one listener have different ports, " +
                               std::to_string(taken.port) + " and " + std::to_string(port));
    taken.port = port;
  }
  return taken;
}

bool listen_at(const listening_sockets& sockets, const std::string& address, std::uint16_t port) {
  const auto wanted = boost::asio::ip::make_address(address);
  for (const auto& socket : sockets.all) {
    const auto where = where_it_is(socket);
    if (!where || where->address() != wanted || (port != 0 && where->port() != port))
      return false;
  }
  return !sockets.all.empty();
}

socket_handle another_of(const socket_handle& socket) {
  socket_handle another(::fcntl(socket.get(), F_DUPFD_CLOEXEC, 0));
  if (!another.is_open())
    throw no_socket("cannot share a socket", errno);
  return another;
}

} // namespace weappd::http
