#include "simulator/server.hpp"

#include "config/crypto/random.hpp"
#include "simulator/connection.hpp"
#include "simulator/service.hpp"
#include "simulator/state.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

namespace weappd::simulator {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

std::vector<app> at_least_one(std::vector<app> apps) {
  if (apps.empty())
    throw std::invalid_argument("the simulator needs at least one app");
  return apps;
}

/// What exists only while the server serves.
struct listener {
  listener(const tcp::endpoint& where, const connection::answer_function& answer_with, std::size_t& open)
      : acceptor(context), pause(context), answer(answer_with), open_connections(open) {
    acceptor.open(where.protocol());
    acceptor.set_option(asio::socket_base::reuse_address(true));
    acceptor.bind(where);
    acceptor.listen();
    do_accept();
  }

  void do_accept() {
    acceptor.async_accept([this](boost::system::error_code error, tcp::socket socket) {
      if (error)
        return do_pause(error);
      if (open_connections < server::max_connections) {
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        std::make_shared<connection>(std::move(socket), answer, open_connections)->start();
      }
      do_accept();
    });
  }

  // Out of descriptors, for instance: try again soon, but not at once.
  void do_pause(boost::system::error_code error) {
    if (error == asio::error::operation_aborted)
      return;
    pause.expires_after(std::chrono::milliseconds(50));
    pause.async_wait([this](boost::system::error_code aborted) {
      if (!aborted)
        do_accept();
    });
  }

  asio::io_context context{1};
  tcp::acceptor acceptor;
  asio::steady_timer pause;
  const connection::answer_function& answer;
  std::size_t& open_connections;
};

} // namespace

struct server::parts {
  parts(std::vector<app> apps, std::string where, std::uint16_t first_port)
      : address(std::move(where)), port(first_port),
        memory(at_least_one(std::move(apps)), system_now, random) {}

  reply locked_answer(const request& call) {
    const std::lock_guard guard(mutex);
    return answer_request(memory, call);
  }

  std::string address;
  std::atomic<std::uint16_t> port;
  crypto::system_random random;
  std::mutex mutex; ///< guards `memory`: the thread and callers of answer() use it
  state memory;
  connection::answer_function answer = [this](const request& call) { return locked_answer(call); };
  std::size_t open_connections = 0; ///< touched by the thread alone, and by stop() after it has ended
  std::optional<listener> active;
  std::thread thread;
};

server::server(server_options options)
    : parts_(std::make_unique<parts>(std::move(options.apps), std::move(options.address), options.port)) {}

server::~server() {
  stop();
}

void server::start() {
  auto& p = *parts_;
  if (p.active)
    return;
  try {
    p.active.emplace(tcp::endpoint(asio::ip::make_address(p.address), p.port), p.answer, p.open_connections);
    p.port = p.active->acceptor.local_endpoint().port();
    p.thread = std::thread([&context = p.active->context] { context.run(); });
  } catch (const boost::system::system_error& error) {
    p.active.reset();
    throw std::system_error(error.code(),
                            "the simulator cannot listen on " + p.address + ':' + std::to_string(p.port));
  } catch (...) {
    p.active.reset();
    throw;
  }
}

void server::stop() {
  auto& p = *parts_;
  if (!p.active)
    return;
  p.active->context.stop(); // returns after the handler that runs now; none of them waits
  p.thread.join();
  p.active.reset(); // closes the port and, with the handlers that wait, the connections
}

std::uint16_t server::port() const noexcept {
  return parts_->port;
}

reply server::answer(const request& call) {
  return parts_->locked_answer(call);
}

} // namespace weappd::simulator
