#pragma once

#include "http/server/connection.hpp"
#include "http/server/departure.hpp"
#include "http/server/socket_handle.hpp"
#include "http/tls/tls_service.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace weappd::http {

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

  /// `desk` and `tls` outlive all connections. `tls`: null for plain HTTP. The socket is bound.
  /// `held_elsewhere`: another process holds it, too; who waits there at the end is left to that one.
  listener(dispatcher& desk, io_unit& unit, tls_service* tls, socket_handle socket, bool held_elsewhere);

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
  void do_sweep();

  dispatcher& desk_;
  io_unit& unit_;
  tls_service* const tls_;
  const bool held_elsewhere_;
  acceptor acceptor_;
  boost::asio::steady_timer sweep_timer_;
  boost::asio::steady_timer retry_timer_;
  boost::intrusive::list<connection, boost::intrusive::constant_time_size<false>> connections_;
  bool closed_ = false;
};

} // namespace weappd::http
