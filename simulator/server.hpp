#pragma once

#include "simulator/exchange.hpp"
#include "simulator/wechat_world.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

/// A pretended WeChat to develop and test against. See README.md.
namespace weappd::simulator {

struct server_options {
  std::string address = "127.0.0.1"; ///< a numeric address
  std::uint16_t port = 0;            ///< 0 takes a free port
  std::vector<app> apps;             ///< at least one
};

/// The simulator as an HTTP server with one thread of its own. What it remembers survives stop() and start().
class server {
public:
  static constexpr std::size_t max_connections = 1'024; ///< one more is closed as soon as it comes

  /// Does not listen yet. Throws std::invalid_argument if there is no app.
  explicit server(server_options options);
  /// Stops.
  ~server();
  server(const server&) = delete;
  server& operator=(const server&) = delete;

  /// Listens and serves; returns at once. Again after stop(): on the same port. Does nothing while it serves.
  /// Throws std::system_error if the address cannot be had.
  void start();

  /// Closes the port and every connection, also those that wait for a delayed answer, and waits for the
  /// thread. May be called at any time and more than once, but not from two threads at once.
  void stop();

  /// Where it listens, or did last. Before the first start: the port of the options.
  [[nodiscard]] std::uint16_t port() const noexcept;

  /// The answer to a request as if it had come over the wire, without its delay or reset. From any thread,
  /// also while it is stopped.
  reply answer(const request& call);

private:
  struct parts;
  std::unique_ptr<parts> parts_;
};

} // namespace weappd::simulator
