#pragma once

#include "http/server/connection.hpp"
#include "http/server/forwarded.hpp"

#include <boost/intrusive/list.hpp>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

namespace weappd::http {

/// A connection from a trusted proxy before its PROXY header is there. It takes exactly the bytes of the
/// header off the socket and hands the socket on; a header that is broken, or not there in time, closes it.
/// On one io thread.
class proxy_greeting final
    : public boost::intrusive_ref_counter<proxy_greeting, boost::thread_unsafe_counter>,
      public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  /// With the address of the client, which is the proxy's own if it speaks for itself.
  using hand_on = std::function<void(tcp_socket socket, const ip_address& client)>;

  proxy_greeting(tcp_socket socket, ip_address proxy, hand_on then);

  void start() { do_read(); }
  /// Closes what has waited for longer than `patience`.
  void sweep(std::chrono::steady_clock::time_point now, std::chrono::milliseconds patience);
  void close();

private:
  void do_read();
  void on_read(boost::system::error_code failed, std::size_t size);

  tcp_socket socket_;
  const ip_address proxy_;
  hand_on then_;
  const std::chrono::steady_clock::time_point since_;
  std::string bytes_;
  std::size_t size_ = 0; ///< those of them that have come
};
using proxy_greeting_ptr = boost::intrusive_ptr<proxy_greeting>;

} // namespace weappd::http
