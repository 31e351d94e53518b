#include "http/server/connection.hpp"

#include "http/server/dispatcher.hpp"

#include <boost/asio/buffer.hpp>

/// What is different for a connection over TLS.
namespace weappd::http {
namespace {

using boost::system::error_code;

} // namespace

// Over TLS the socket is only waited for: what comes is read into a buffer of the thread and opened at once,
// so that a connection which waits keeps no ciphertext.
void connection::do_read_wire() {
  if (tls_->is_over())
    return close();
  reading_ = true;
  socket_.async_wait(tcp_socket::wait_read,
                     [self = connection_ptr(this)](error_code failed) { self->on_wire_ready(failed); });
}

void connection::on_wire_ready(error_code failed) {
  reading_ = false;
  if (closed_)
    return;
  const auto buffer = desk_.wire_buffer();
  std::size_t size = 0;
  if (!failed)
    size = socket_.read_some(boost::asio::buffer(buffer.data(), buffer.size()), failed);
  if (failed == boost::asio::error::would_block)
    return do_read();
  if (failed) // also an end without close_notify: HTTP says by itself where a request ends
    return close();
  if (waiting_ == waiting::linger)
    return linger_on(size);
  tls_->receive({buffer.data(), size}, in_);
  if (tls_->has_failed())
    return close();
  do_work();
  unit_.relieve();
}

/// The last bytes of TLS, an alert or close_notify, as far as the socket takes them now.
void connection::hang_up_politely() {
  if (blocked_)
    return;
  tls_->say_goodbye();
  error_code ignored;
  const auto& wire = tls_->outgoing();
  if (written_ < wire.size())
    socket_.write_some(boost::asio::buffer(wire) + written_, ignored);
}

/// What was answered, for the wire; behind the last answer the word that it is the last. False: it cannot be.
bool connection::seal() {
  if (!out_.empty() && !tls_->send(out_))
    return false;
  make_empty(out_);
  if (last_answer_)
    tls_->say_goodbye();
  return true;
}

} // namespace weappd::http
