#pragma once

#include "simulator/exchange.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

namespace weappd::simulator {

/// One client, one request at a time, on the thread of the io_context. It keeps itself alive while it waits
/// and is gone when the client, a time limit, or the end of the io_context says so.
class connection : public std::enable_shared_from_this<connection> {
public:
  using answer_function = std::function<reply(const request&)>;

  /// `open_connections` is counted down at the end. Both references must outlive the io_context.
  connection(boost::asio::ip::tcp::socket socket, const answer_function& answer,
             std::size_t& open_connections);
  ~connection();
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;

  void start() { do_read_head(); }

private:
  using parser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using response = boost::beast::http::response<boost::beast::http::string_body>;

  void do_read_head();
  void on_read_head(boost::beast::error_code error);
  void do_read_body();
  void on_read_body(boost::beast::error_code error);
  void do_answer();
  void do_wait(std::chrono::milliseconds delay);
  void do_write();
  void do_reset();
  void refuse(boost::beast::http::status status);
  void close();

  boost::beast::tcp_stream stream_;
  boost::asio::steady_timer timer_;
  boost::beast::flat_buffer buffer_;
  std::optional<parser> parser_;
  reply reply_;
  response response_;
  const answer_function& answer_;
  std::size_t& open_connections_;
};

} // namespace weappd::simulator
