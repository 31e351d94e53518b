#pragma once

#include "http/server/connection.hpp"
#include "http/tls/tls_service.hpp"

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include <memory>

namespace weappd::http {

/// Accepts on one io thread and watches over the connections that it accepted there. All io threads listen on
/// the same port (SO_REUSEPORT): the kernel spreads the clients, and no socket ever changes its thread.
///
/// Once started it lives for as long as one of its handlers does, hence never longer than the io thread's
/// context, to which its sockets and timers belong.
class listener : public std::enable_shared_from_this<listener> {
public:
  using endpoint = boost::asio::ip::tcp::endpoint;

  /// `desk` and `tls` outlive all connections. `tls`: null for plain HTTP.
  listener(dispatcher& desk, io_unit& unit, tls_service* tls);

  /// Throws boost::system::system_error when the address cannot be had.
  endpoint bind(const endpoint& where);
  /// On the io thread, as are all below.
  void start();
  /// Those whom the kernel has accepted for us already are still served.
  void stop_accepting();
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
  acceptor acceptor_;
  boost::asio::steady_timer sweep_timer_;
  boost::asio::steady_timer retry_timer_;
  boost::intrusive::list<connection, boost::intrusive::constant_time_size<false>> connections_;
  bool closed_ = false;
};

} // namespace weappd::http
