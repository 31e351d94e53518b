// The least that a Boost.Beast server can do for one request: one thread, one io_context, a parser that keeps
// nothing, an answer of fixed bytes, and the socket tried at once before waiting for it. Every trick that
// weappd uses for its sockets is here, and nothing else: what weappd needs beyond this is the price of being
// weappd.
//
//   bare_beast PORT
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

namespace asio = boost::asio;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;
using socket_type = asio::basic_stream_socket<tcp, asio::io_context::executor_type>;

namespace {

constexpr std::string_view answer = "HTTP/1.1 200 OK\r\n"
                                    "Content-Type: application/json\r\n"
                                    "Content-Length: 47\r\n\r\n"
                                    R"({"ok":true,"openid":"oABCDEF0123456789","n":42})";

struct parser : http::basic_parser<true> {
  using text = boost::beast::string_view;
  void on_request_impl(http::verb, text, text, int, error_code&) override {}
  void on_response_impl(int, text, int, error_code&) override {}
  void on_field_impl(http::field, text, text, error_code&) override {}
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(text body, error_code&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, text, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, text body, error_code&) override { return body.size(); }
  void on_finish_impl(error_code&) override {}
};

class connection : public std::enable_shared_from_this<connection> {
public:
  explicit connection(socket_type socket) : socket_(std::move(socket)) {
    error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(tcp::no_delay(true), ignored);
    parser_.emplace();
    parser_->eager(true);
  }

  void read() {
    socket_.async_read_some(in_.prepare(4096),
                            [self = shared_from_this()](error_code failed, std::size_t size) {
                              if (failed)
                                return;
                              self->in_.commit(size);
                              self->work();
                            });
  }

private:
  void work() {
    while (in_.size() != 0) {
      error_code failed;
      in_.consume(parser_->put(in_.data(), failed));
      if (failed == http::error::need_more)
        break;
      if (failed)
        return;
      if (!parser_->is_done())
        continue;
      out_ += answer;
      parser_.emplace();
      parser_->eager(true);
    }
    write();
  }

  void write() {
    if (out_.empty())
      return read();
    error_code failed;
    const auto size = socket_.write_some(asio::buffer(out_), failed);
    if (failed && failed != asio::error::would_block)
      return;
    out_.erase(0, size);
    if (out_.empty())
      return read();
    asio::async_write(socket_, asio::buffer(out_), [self = shared_from_this()](error_code bad, std::size_t) {
      if (bad)
        return;
      self->out_.clear();
      self->read();
    });
  }

  socket_type socket_;
  boost::beast::flat_buffer in_;
  std::optional<parser> parser_;
  std::string out_;
};

using acceptor_type = asio::basic_socket_acceptor<tcp, asio::io_context::executor_type>;

void accept(acceptor_type& acceptor) {
  acceptor.async_accept([&acceptor](error_code failed, socket_type socket) {
    if (failed == asio::error::operation_aborted)
      return;
    if (!failed)
      std::make_shared<connection>(std::move(socket))->read();
    accept(acceptor);
  });
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "bare_beast PORT\n";
    return 2;
  }
  asio::io_context context{1};
  const auto port = static_cast<unsigned short>(std::atoi(argv[1]));
  acceptor_type acceptor(context, tcp::endpoint(asio::ip::make_address("127.0.0.1"), port));
  accept(acceptor);
  asio::signal_set stop(context, SIGINT, SIGTERM);
  stop.async_wait([&](error_code, int) { context.stop(); });
  context.run();
}
