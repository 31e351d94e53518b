#include "http/server/proxy_greeting.hpp"

#include "http/server/proxy_protocol.hpp"

#include <boost/asio/buffer.hpp>

#include <string_view>
#include <utility>

namespace weappd::http {

proxy_greeting::proxy_greeting(tcp_socket socket, ip_address proxy, hand_on then)
    : socket_(std::move(socket)), proxy_(std::move(proxy)), then_(std::move(then)),
      since_(std::chrono::steady_clock::now()), bytes_(proxy_protocol::fixed_size, '\0') {}

void proxy_greeting::sweep(std::chrono::steady_clock::time_point now, std::chrono::milliseconds patience) {
  if (now - since_ > patience)
    close();
}

void proxy_greeting::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

/// Not one byte more than the header has: what follows belongs to TLS or HTTP.
void proxy_greeting::do_read() {
  socket_.async_read_some(
      boost::asio::buffer(bytes_.data() + size_, bytes_.size() - size_),
      [self = proxy_greeting_ptr(this)](boost::system::error_code failed, std::size_t read) {
        self->on_read(failed, read);
      });
}

void proxy_greeting::on_read(boost::system::error_code failed, std::size_t size) {
  if (failed || !socket_.is_open())
    return close();
  size_ += size;
  const auto header = proxy_protocol::parse(std::string_view(bytes_).substr(0, size_));
  switch (header.what) {
  case proxy_protocol::state::broken:
    return close();
  case proxy_protocol::state::incomplete:
    bytes_.resize(header.size);
    return do_read();
  case proxy_protocol::state::complete:
    unlink();
    return then_(std::move(socket_), header.client.value_or(proxy_));
  }
}

} // namespace weappd::http
