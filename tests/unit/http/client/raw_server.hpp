#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace weappd {

/// A server that does to its clients whatever the test says, one connection after the other. Its end breaks
/// the connection that is being served.
class raw_server {
public:
  using tcp = boost::asio::ip::tcp;
  /// `nth` counts the connections from 1. May throw boost::system::system_error: that ends the connection.
  using script = std::function<void(tcp::socket&, int nth)>;

  explicit raw_server(script serve)
      : serve_(std::move(serve)), acceptor_(context_, {boost::asio::ip::make_address("127.0.0.1"), 0}),
        thread_([this] { run(); }) {}
  ~raw_server() {
    {
      const std::lock_guard guard(mutex_);
      stopping_ = true;
      if (served_ >= 0)
        ::shutdown(served_, SHUT_RDWR);
    }
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR); // ends the accept
    thread_.join();
  }
  raw_server(const raw_server&) = delete;
  raw_server& operator=(const raw_server&) = delete;

  [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  [[nodiscard]] std::string url(std::string_view scheme = "http") const {
    return std::string(scheme) + "://127.0.0.1:" + std::to_string(port()) + "/";
  }
  [[nodiscard]] int connections() const { return connections_; }

  /// The head of the next request (without its body).
  static std::string read_head(tcp::socket& socket) {
    std::string text;
    const auto size = boost::asio::read_until(socket, boost::asio::dynamic_buffer(text), "\r\n\r\n");
    return text.substr(0, size);
  }
  static void write(tcp::socket& socket, std::string_view bytes) {
    boost::asio::write(socket, boost::asio::buffer(bytes));
  }
  /// Until the other side closes.
  static void wait_for_end(tcp::socket& socket) {
    std::array<char, 256> bytes{};
    boost::system::error_code error;
    while (!error)
      socket.read_some(boost::asio::buffer(bytes), error);
  }
  /// Makes the end of the script a TCP reset.
  static void reset(tcp::socket& socket) {
    socket.set_option(boost::asio::socket_base::linger(true, 0)); // the end of the script closes it
  }

private:
  void run() {
    while (true) {
      boost::system::error_code error;
      tcp::socket socket(context_);
      acceptor_.accept(socket, error);
      if (error || !serves(socket.native_handle()))
        return;
      try {
        serve_(socket, ++connections_);
      } catch (const boost::system::system_error&) {
        // the client has gone
      }
      serves(-1); // before the descriptor is closed
    }
  }

  /// False: the server ends.
  bool serves(int descriptor) {
    const std::lock_guard guard(mutex_);
    served_ = descriptor;
    return !stopping_;
  }

  script serve_;
  boost::asio::io_context context_;
  tcp::acceptor acceptor_;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_; // guards the two below
  bool stopping_ = false;
  int served_ = -1;
  std::thread thread_;
};

} // namespace weappd
