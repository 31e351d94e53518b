#pragma once

#include "http/server/connection.hpp"
#include "http/server/departure.hpp"
#include "http/server/proxy_greeting.hpp"
#include "http/server/socket_handle.hpp"
#include "http/tls/tls_service.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace weappd::http {

/// How connections begin.
struct listener_kind {
  tls_service* tls = nullptr;  ///< null: plain HTTP; outlives all connections
  bool proxy_protocol = false; ///< each one with a header of PROXY protocol v2, from trusted proxies alone

  /// Whether a connection that waits for its next request is nothing but its socket, so that another process
  /// can go on with it.
  [[nodiscard]] bool may_hand_on() const noexcept { return tls == nullptr && !proxy_protocol; }
};

/// Accepts on one io thread and watches over the connections that it accepted there. All io threads listen on
/// the same port (SO_REUSEPORT): the kernel spreads the clients, and no socket ever changes its thread. If
/// fewer sockets than threads were handed in, several listeners share one.
///
/// Once started it lives for as long as one of its handlers does, hence never longer than the io thread's
/// context, to which its sockets and timers belong.
class listener : public std::enable_shared_from_this<listener> {
public:
  /// What becomes of clients whom the kernel has accepted for us, and we have not.
  enum class waiting_clients : std::uint8_t { are_served, are_left };

  /// `desk` outlives all connections. The socket is bound.
  /// `held_elsewhere`: another process holds it, too; who waits there at the end is left to that one.
  listener(dispatcher& desk, io_unit& unit, const listener_kind& kind, socket_handle socket,
           bool held_elsewhere);

  /// Throws boost::system::system_error.
  void listen();
  /// On the io thread, as are all below.
  void start();
  void stop_accepting(waiting_clients these = waiting_clients::are_served);
  /// A client of somebody else who ends: from now on it is ours.
  void take_over(socket_handle client);
  /// For a server that will not serve much longer: connections that wait for nothing are handed on or ended,
  /// see connection::leave(). How many are still needed.
  std::size_t leave(const departure& how);
  /// Ends the connections and the listener itself.
  void close_all();

private:
  using acceptor =
      boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

  void do_accept();
  void on_accept(boost::system::error_code failed, tcp_socket socket);
  void welcome(tcp_socket socket);
  void greet(tcp_socket socket, const ip_address& proxy);
  void admit(tcp_socket socket, const ip_address& client);
  void sweep_greetings(std::chrono::steady_clock::time_point now);
  void do_sweep();

  dispatcher& desk_;
  io_unit& unit_;
  const listener_kind kind_;
  const bool held_elsewhere_;
  acceptor acceptor_;
  boost::asio::steady_timer sweep_timer_;
  boost::asio::steady_timer retry_timer_;
  boost::intrusive::list<connection, boost::intrusive::constant_time_size<false>> connections_;
  boost::intrusive::list<proxy_greeting, boost::intrusive::constant_time_size<false>> greetings_;
  bool closed_ = false;
};

} // namespace weappd::http
