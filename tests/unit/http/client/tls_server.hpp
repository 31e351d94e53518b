#pragma once

#include "tests/kit/net/self_signed.hpp"
#include "tests/unit/http/client/raw_server.hpp"

#include <boost/asio/ssl.hpp>

#include <string>

namespace weappd {

using kit::self_signed;

/// Answers every request over TLS with 200 and "hello".
class tls_server {
public:
  explicit tls_server(const self_signed& identity) : server_([this](auto& socket, int) { serve(socket); }) {
    context_.use_private_key(boost::asio::buffer(identity.key_pem), boost::asio::ssl::context::pem);
    context_.use_certificate(boost::asio::buffer(identity.certificate_pem), boost::asio::ssl::context::pem);
  }
  [[nodiscard]] std::string url() const { return server_.url("https"); }
  [[nodiscard]] int requests() const { return requests_; }

private:
  void serve(raw_server::tcp::socket& socket) {
    boost::asio::ssl::stream<raw_server::tcp::socket&> stream(socket, context_);
    stream.handshake(boost::asio::ssl::stream_base::server);
    std::string text;
    boost::asio::read_until(stream, boost::asio::dynamic_buffer(text), "\r\n\r\n");
    ++requests_;
    boost::asio::write(stream,
                       boost::asio::buffer(std::string_view(
                           "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello")));
    raw_server::wait_for_end(socket);
  }

  boost::asio::ssl::context context_{boost::asio::ssl::context::tls_server};
  std::atomic<int> requests_ = 0;
  raw_server server_; // last: its thread uses the others
};

} // namespace weappd
